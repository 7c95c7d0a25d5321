from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter
from accounts.notthere import not_there
from accounts.workplace import acting, left_out, may
from inventory.admin.chips import State, StateFilter
from inventory.marks import Mark
from inventory.models import Item
from inventory.wording import moment
from marketplaces import verify
from marketplaces.admin.filters import ShopFilter, shops_of
from marketplaces.admin.pages import PageAdmin
from marketplaces.admin.verifypage import ALL, contents, deciding, of_kind
from marketplaces.admin.words import VERIFICATION, for_people
from marketplaces.errors import AlreadyVerifying
from marketplaces.models import Decision, Difference, Shop, Verification, VerificationStatus

REFUSED_SHOWN = 5
GOING_ON = (VerificationStatus.QUEUED, VerificationStatus.RUNNING)


class VerificationStateFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        State("going", "Going on", Q(status__in=GOING_ON), shown_empty=False),
        State("failed", "Failed", Q(status=VerificationStatus.FAILED), shown_empty=False),
    )
    otherwise = "all"


class VerificationAdmin(PageAdmin):
    """Comparisons of a shop's whole list with what we know. A comparison changes nothing; what differs is decided on its page."""

    view_operation = "verification.view"
    state_filter = VerificationStateFilter
    page_template = "admin/marketplaces/verification.html"
    list_before_template = "admin/marketplaces/verify_head.html"
    list_display = ("number", "shop", "status_mark", "message", "asked_by", "asked_at")
    list_fullwidth = True
    list_filter = (VerificationStateFilter, ShopFilter, ("queued_at", MomentFilter))
    empty_title = "Nothing was compared yet"
    empty_text = "A comparison reads a shop's whole list in one call and changes nothing."
    buttons = {
        "adopt-all": ("difference.decide", "adopt_all"),
        "import-all": ("item.import", "import_all"),
        "choose": ("difference.decide", "choose"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verification]:
        return super().get_queryset(request).select_related("shop__connection")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        changes.shops = shops_of(acting(request)) if may(request, "verification.start") else []  # type: ignore[attr-defined]
        return changes

    @admin.display(description="comparison", ordering="id")
    def number(self, run: Verification) -> str:
        return str(run.pk)

    @admin.display(description="state", ordering="status")
    def status_mark(self, run: Verification) -> Mark:
        return VERIFICATION[run.status]

    @admin.display(description="asked for", ordering="queued_at")
    def asked_at(self, run: Verification) -> str:
        return moment(run.queued_at)

    def title_of(self, row: Any) -> str:
        return f"{row}: {row.shop}"

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("start/", guard(require_POST(self.start_view)), name="marketplaces_verify"),
            path("<int:pk>/live/", guard(require_GET(self.live_view)), name="marketplaces_verification_live"),
            path("<int:pk>/decide/", guard(require_POST(self.decide_view)), name="marketplaces_verification_decide"),
            *super().get_urls(),
        ]

    def contents(self, request: HttpRequest, row: Verification) -> dict[str, Any]:
        return {**contents(row, acting(request), request.GET), **self._going(row)}

    def _going(self, run: Verification) -> dict[str, Any]:
        going = run.status in GOING_ON
        return {"run": run, "mark": VERIFICATION[run.status], "live": self.address_of(run, "live") if going else ""}

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The changing part of a comparison's page; 204 when it is over."""
        run = self._run(request, "verification.view", pk)
        if run.status not in GOING_ON:
            return HttpResponse(status=204)
        return TemplateResponse(request, "admin/marketplaces/verification_live.html", self._going(run))

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Have a shop compared."""
        if not may(request, "verification.start"):
            raise PermissionDenied
        number = request.POST.get("shop", "")
        rows = Shop.objects.filter(account=acting(request).account)
        shop = rows.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if shop is None:
            raise Http404
        try:
            return HttpResponseRedirect(self.address_of(verify.start(acting(request), shop)))
        except AlreadyVerifying as busy:
            messages.warning(request, f"{busy.sentence} {busy.hint}")
        except Problem as problem:
            messages.error(request, f"{problem.sentence} {problem.hint}".strip())
        return HttpResponseRedirect(self.list_address())

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a decision about the ticked differences would do; once it is confirmed, do it."""
        run = self._run(request, "difference.decide", pk)
        given = request.POST
        choice, kind = given.get("choice", ""), given.get("kind", "")
        rows = of_kind(run, kind).filter(decision=Decision.OPEN)
        missing: list[int] = []
        if given.get("all") != ALL:
            ticked = [int(each) for each in given.getlist("ids") if each.isdecimal() and len(each) < 19]
            missing, rows = not_there(ticked, rows), rows.filter(pk__in=ticked)
        back = f"{self.address_of(run)}?kind={kind}#differences"
        if not rows.exists():
            messages.warning(request, "No open difference was ticked.")
            return HttpResponseRedirect(back)
        if missing:
            messages.warning(request, left_out(missing))
        try:
            if "apply" not in given:
                context = {"run": run, "back": back, "kind": kind, "all": given.get("all") == ALL, "original": run}
                shown = {**context, **deciding(rows, choice, given.get("find", "").strip()[:80]), "ids": given.getlist("ids")}
                return self.page(request, "admin/marketplaces/verify_decide.html", f"Decide: {run.shop}", shown)
            if choice == "adopt" and given.get("item", "").isdecimal() and rows.count() == 1:
                self._adopt_as(request, rows[0], given["item"])
            else:
                self._say(request, verify.decide_many(acting(request), rows, choice))
        except Problem as problem:
            messages.error(request, f"{problem.sentence} {problem.hint}".strip())
        return HttpResponseRedirect(back)

    def _say(self, request: HttpRequest, done: verify.Decided) -> None:
        if done.decided:
            said = ngettext("%d difference is decided.", "%d differences are decided.", done.decided) % done.decided
            waits = " A worker carries it out now; the outcome appears beside each." if done.waiting else ""
            messages.success(request, said + waits)
        for sentence in list(dict.fromkeys(done.refused.values()))[:REFUSED_SHOWN]:
            number = sum(each == sentence for each in done.refused.values())
            messages.warning(request, f"{number:,} left open: {for_people(sentence)}")

    def _adopt_as(self, request: HttpRequest, row: Difference, number: str) -> None:
        """The lot is the item that a person has named."""
        item = Item.objects.filter(account=row.account_id, pk=number).first() if len(number) < 19 else None
        if item is None:
            raise Http404
        verify.decide(acting(request), row, "adopt", item=item)
        messages.success(request, f"Lot {row.lot_id} is {item} now.")

    def choose(self, request: HttpRequest, actor: Actor, run: Verification) -> str:
        """Say which of several items a lot is."""
        number = request.POST.get("difference", "")
        row = Difference.objects.filter(verification=run, pk=number).first() if number.isdecimal() and len(number) < 19 else None
        chosen = request.POST.get(f"item_{number}", "")
        if row is None or not chosen.isdecimal() or len(chosen) > 18:
            raise Http404
        item = Item.objects.filter(account=actor.account, pk=chosen).first()
        if item is None:
            raise Http404
        verify.decide(actor, row, "adopt", item=item)
        return f"Lot {row.lot_id} is {item} now."

    def adopt_all(self, request: HttpRequest, actor: Actor, run: Verification) -> str:
        number = verify.adopt_all(actor, run.shop)
        return ngettext("%d lot is being adopted.", "%d lots are being adopted.", number) % number

    def import_all(self, request: HttpRequest, actor: Actor, run: Verification) -> str:
        number = verify.import_all(actor, run.shop)
        return ngettext("An item is being made of %d lot.", "Items are being made of %d lots.", number) % number

    def _run(self, request: HttpRequest, operation: str, pk: int) -> Verification:
        # Whether there is such a comparison is nobody's business in another account, so it is looked up first.
        run: Verification = self.find(request, str(pk))
        if not may(request, operation):
            raise PermissionDenied
        return run
