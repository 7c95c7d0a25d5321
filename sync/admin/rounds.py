"""Everything that moves on one page: how each type stands, the button that syncs all of it, and rounds with their steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter
from accounts.workplace import ScopedAdmin, acting, may, refusal
from inventory.marks import Mark
from sync import answers
from sync.admin.links import page_of
from sync.admin.runpage import ASK_AGAIN, in_words
from sync.admin.words import STATUS
from sync.choosing import UnknownConnection
from sync.models import Round, RoundStep, Stage, Trigger
from sync.rounds import resetting, starting
from sync.rounds.answers import answerable, label, message, sentence, sums
from sync.rounds.standing import NEVER, Standing, standings
from sync.rounds.types import TYPES

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

NEVER_READ = Mark("Never read", "warning", "warning")
EARLIER = 5


@dataclass(frozen=True)
class StepLine:
    """A step of a round as its page shows it."""

    step: RoundStep
    label: str
    stage: str
    mark: Mark
    sentence: str
    run_page: str
    records: Mapping[str, Any]


@dataclass(frozen=True)
class TypeLine:
    """A type at one connection."""

    standing: Standing
    first: bool
    """Whether it is the first line of its type."""
    mark: Mark
    run_page: str
    asked_at: datetime | None


def page_of_round(found: Round) -> str:
    """The address of the round's page."""
    return reverse("admin:sync_round_change", args=[found.pk])


def contents(found: Round, actor: Actor) -> dict[str, Any]:
    """All that the page of a round shows. `found` comes with its steps."""
    steps = list(found.steps.all())
    return {
        "round": found,
        "mark": STATUS[found.status],
        "sentence": message(found),
        "took": took(found),
        "lines": [_line(step) for step in steps],
        "records": answers.records(sums(steps)),
        "live": reverse("admin:sync_round_live", args=[found.pk]) if found.is_active else "",
        "ask_again": ASK_AGAIN,
        "may_cancel": found.is_active and not found.cancel_requested and actor.may("run.cancel"),
    }


def _line(step: RoundStep) -> StepLine:
    run = step.run
    return StepLine(
        step,
        label(step),
        str(Stage(step.stage).label),
        STATUS[step.status],
        sentence(step),
        page_of(run) if run else "",
        answers.records(run.counters if run else {}),
    )


def took(found: Round) -> str:
    """How long it has taken so far, blank before it starts."""
    return in_words((found.finished_at or timezone.now()) - found.started_at) if found.started_at else ""


def type_lines(actor: Actor) -> Iterator[TypeLine]:
    """How each type stands, one line for each connection that has it."""
    for rows in standings(actor.account).values():
        for number, each in enumerate(rows):
            run = each.run
            mark = NEVER_READ if each.state == NEVER else STATUS[each.state]
            yield TypeLine(each, number == 0, mark, page_of(run) if run else "", (run.finished_at or run.created_at) if run else None)


class RoundAdmin(ScopedAdmin):
    """Every sync of everything there was. A round is changed by the buttons of its page only."""

    view_operation = "run.view"
    list_display = ("number", "state", "said", "who", "asked", "lasted")
    list_filter = (("status", ChoicesDropdownFilter), ("created_at", MomentFilter))
    list_filter_submit = True
    ordering = ("-id",)
    empty_title = "Everything was never synced at once"
    empty_text = "Press Sync all on the first screen, or no round matches the filters."

    @admin.display(description="round", ordering="id")
    def number(self, found: Round) -> str:
        return str(found.pk)

    @admin.display(description="state", ordering="status")
    def state(self, found: Round) -> Mark:
        return STATUS[found.status]

    @admin.display(description="result")
    def said(self, found: Round) -> str:
        return found.message or "–"

    @admin.display(description="asked for by")
    def who(self, found: Round) -> str:
        return f"{found.requested_label or 'Nobody'} ({found.get_trigger_display().lower()})"

    @admin.display(description="asked for", ordering="created_at")
    def asked(self, found: Round) -> str:
        return f"{timezone.localtime(found.created_at):%Y-%m-%d %H:%M}"

    @admin.display(description="took")
    def lasted(self, found: Round) -> str:
        return took(found) or "–"

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        reset = require_http_methods(["GET", "POST"])(self.reset_view)
        return [
            path("all/", guard(require_GET(self.all_view)), name="sync_round_all"),
            path("all/start/", guard(require_POST(self.start_view)), name="sync_round_start"),
            path("<int:number>/live/", guard(require_GET(self.live_view)), name="sync_round_live"),
            path("<int:number>/cancel/", guard(require_POST(self.cancel_view)), name="sync_round_cancel"),
            path("reset/<str:key>/<int:connection>/", guard(reset), name="sync_round_reset"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Round]:
        rows: QuerySet[Round] = super().get_queryset(request)
        match = request.resolver_match
        return rows if match and match.url_name == "sync_round_changelist" else answerable(rows)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The round's page."""
        if not may(request, "run.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        found: Round = self.find(request, object_id)
        return self._page(request, "admin/sync/round/round.html", f"Round {found.pk}", original=found, **contents(found, acting(request)))

    def all_view(self, request: HttpRequest) -> HttpResponse:
        """How everything that moves stands, with the button that syncs all of it, and the newest round."""
        if not may(request, "run.view"):
            raise PermissionDenied
        actor = acting(request)
        newest = list(answerable(Round.objects.filter(account=actor.account)).order_by("-pk")[: EARLIER + 1])
        return self._page(
            request,
            "admin/sync/round/all.html",
            "Sync all",
            types=list(type_lines(actor)),
            connected=starting.connected(actor).exists(),
            may_start=actor.may("run.start"),
            may_reset=actor.may("run.reset"),
            may_add=actor.may("connection.edit"),
            busy=bool(newest) and newest[0].is_active,
            earlier=[(each, STATUS[each.status], page_of_round(each)) for each in newest[1:]],
            **(contents(newest[0], actor) if newest else {"round": None}),
        )

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Start a round; where one is at it already, its page."""
        if not may(request, "run.start"):
            raise PermissionDenied
        try:
            return HttpResponseRedirect(page_of_round(starting.start(acting(request), trigger=Trigger.BUTTON)))
        except starting.RoundRunning as busy:
            messages.warning(request, refusal(busy))
            return HttpResponseRedirect(page_of_round(busy.round))
        except Problem as problem:
            messages.error(request, refusal(problem))
            return HttpResponseRedirect(reverse("admin:sync_round_all"))

    def live_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """The changing part of a round's page; 204 when it is over."""
        found = self._round(request, "run.view", number)
        if not found.is_active:
            return HttpResponse(status=204)
        return TemplateResponse(request, "admin/sync/round/live.html", contents(found, acting(request)))

    def cancel_view(self, request: HttpRequest, number: int) -> HttpResponse:
        found = self._round(request, "run.cancel", number)
        try:
            starting.cancel(acting(request), found)
        except Problem as problem:
            messages.error(request, refusal(problem))
        else:
            messages.success(request, f"Round {found.pk} was asked to stop. What it has not begun is not begun.")
        return HttpResponseRedirect(page_of_round(found))

    def reset_view(self, request: HttpRequest, key: str, connection: int) -> HttpResponse:
        """What a reset of a type would do; by POST, do it."""
        if not may(request, "run.reset"):
            raise PermissionDenied
        if key not in TYPES:
            raise Http404
        back = reverse("admin:sync_round_all")
        try:
            if request.method == "POST":
                messages.success(request, resetting.reset(acting(request), key, connection).sentence)
                return HttpResponseRedirect(back)
            found = resetting.look(acting(request), key, connection)
        except UnknownConnection as unknown:
            raise Http404 from unknown
        except Problem as problem:
            messages.error(request, refusal(problem))
            return HttpResponseRedirect(back)
        return self._page(request, "admin/sync/round/reset.html", f"Reset {found.type.label.lower()}", found=found, back=back)

    def _round(self, request: HttpRequest, operation: str, number: int) -> Round:
        # Whether there is such a round is nobody's business in another account, so it is looked up first.
        found: Round = self.find(request, str(number))
        if not may(request, operation):
            raise PermissionDenied
        return found

    def _page(self, request: HttpRequest, template: str, title: str, **extra: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **extra}
        return TemplateResponse(request, template, context)
