"""Counts: started, filled line by line or from a file, and decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count as HowMany
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.workplace import acting
from inventory import ledger
from inventory.admin.chips import State, StateFilter
from inventory.admin.counting import Heard, LineForm, StartForm, put
from inventory.admin.countpage import STATUS, contents
from inventory.admin.documents import Act, DocumentAdmin
from inventory.admin.entering import LAST_WAREHOUSE, key_of, new_key, usual_warehouse
from inventory.ledgerwords import total
from inventory.marks import Mark
from inventory.models import Count, CountLine, CountStatus, Movement
from inventory.wording import moment


class CountStateFilter(StateFilter):
    states = (
        State("pending", "Wait for approval", Q(status=CountStatus.PENDING)),
        State("approved", "Approved", Q(status__in=(CountStatus.APPROVED, CountStatus.ADJUSTED))),
        State("rejected", "Rejected", Q(status=CountStatus.REJECTED)),
        State("all", "All", Q()),
    )
    otherwise = "all"


def approve(actor: Actor, count: Count) -> Sequence[str]:
    done = ledger.approve_count(actor, count)
    if done.status == CountStatus.ADJUSTED:
        return [f"{done} is approved.", "Less was left to take than was missing; the lines say of which, and what was booked instead."]
    return [f"{done} is approved, and its differences are booked."]


class CountAdmin(DocumentAdmin):
    """What somebody counted in a warehouse, beside what was known. Approved, each difference is booked, never the counted number."""

    view_operation = "count.view"
    add_operation = "count.add"
    entity = "count"
    page_template = "admin/inventory/count.html"
    state_filter = CountStateFilter
    empty_title = "No count here"
    empty_text = "Start one for a warehouse, and type or scan what is there."
    list_display = ("number", "warehouse", "kind", "lines_mark", "differ", "value_mark", "state", "counted", "entered_by")
    list_filter = (CountStateFilter, ("warehouse", OwnedDropdownFilter), ("counted_at", MomentFilter))
    search_fields = ("note",)
    product_path = "lines__product"
    search_help_text = "A product that was counted, a note, or number"
    acts = {
        "approve": Act(
            "count.decide",
            "Approve",
            "Approve and book the differences",
            "What was found beyond what was known goes into batches of its own; what is missing is taken from what was counted, else from "
            "what expires first. What was sold since the count stays sold: the difference is booked, not the counted number.",
            approve,
            lambda count: count.status == CountStatus.PENDING,
            danger=False,
        )
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Count]:
        return super().get_queryset(request).select_related("warehouse")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        rows = CountLine.objects.filter(count__in=[count.pk for count in shown]).order_by().values("count")
        found = rows.annotate(lines=HowMany("pk"), differing=HowMany("pk", filter=~Q(counted=F("system"))))
        by_count = {row["count"]: (row["lines"], row["differing"]) for row in found}
        for count in shown:
            count.how_many, count.differing = by_count.get(count.pk, (0, 0))
        changes.result_list = shown
        return changes

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        found, _ = super().get_search_results(request, queryset, search_term)
        return queryset.filter(pk__in=found.order_by().values("pk")), False

    @admin.display(description="count", ordering="id")
    def number(self, count: Count) -> str:
        return str(count.pk)

    @admin.display(description="kind", ordering="opening")
    def kind(self, count: Count) -> str:
        return "Opening count" if count.opening else "Count"

    @admin.display(description="lines")
    def lines_mark(self, count: Any) -> str:
        return f"{count.how_many:,}"

    @admin.display(description="differ")
    def differ(self, count: Any) -> str:
        return f"{count.differing:,}"

    @admin.display(description="value of the differences", ordering="value")
    def value_mark(self, count: Count) -> str:
        return total(count.value)

    @admin.display(description="state", ordering="status")
    def state(self, count: Count) -> Mark:
        return STATUS[count.status]

    @admin.display(description="counted", ordering="counted_at")
    def counted(self, count: Count) -> str:
        return moment(count.counted_at)

    def movements_of(self, document: Count) -> QuerySet[Movement]:
        if document.status == CountStatus.PENDING:
            return Movement.objects.none()
        return super().movements_of(document)

    def facts(self, request: HttpRequest, document: Count) -> dict[str, Any]:
        return contents(request, document)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Start a count with its first line, or with all of them from a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        actor = acting(request)
        if request.method != "POST":
            place = usual_warehouse(request, actor)
            form = StartForm(actor, initial={"warehouse": place and place.pk, "opening": bool(place and not _begun(place))})
            return self._start_page(request, form, new_key())
        key = key_of(request)
        before = Count.objects.filter(account=actor.account, source_key=key).first()
        if before is not None:
            messages.warning(request, f"{before} was started with this form before. This is it.")
            return HttpResponseRedirect(self.address_of(before))
        form = StartForm(actor, request.POST, request.FILES)
        if form.is_valid():
            try:
                lines = form.lines(settings.UPLOAD_LIMIT)
                given = {name: form.cleaned_data[name] for name in ("warehouse", "note", "counted_at", "opening")}
                count = ledger.enter_count(actor, lines=lines, source_key=key, **given)
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                request.session[LAST_WAREHOUSE] = count.warehouse_id
                many = f"{len(lines):,} lines" if len(lines) != 1 else "one line"
                messages.success(request, f"{count} is started with {many}. Nothing is booked before it is approved.")
                return HttpResponseRedirect(self.address_of(count))
        return self._start_page(request, form, key)

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Any) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("<int:pk>/line/", posted(self.line_view), name="inventory_count_line"),
            path("<int:pk>/lines/<int:line>/", posted(self.change_line_view), name="inventory_count_change_line"),
            path("<int:pk>/reject/", posted(self.reject_view), name="inventory_count_reject"),
            *super().get_urls(),
        ]

    def line_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Count one more product. A program of the page that accepts JSON gets the outcome and the page's moving part."""
        count = self.row_for(request, "count.add", pk)
        form = LineForm(acting(request), request.POST)
        heard = put(acting(request), count, form)
        if "application/json" not in request.headers.get("Accept", ""):
            if heard.state == "taken":
                messages.success(request, heard.sentence)
                return HttpResponseRedirect(self.address_of(count))
            return self._counting(request, count, form, heard)
        count.refresh_from_db()
        acts = self._possible(request, count)
        html = render_to_string(
            "admin/inventory/count_lines.html", {"document": count, "acts": acts, **contents(request, count)}, request=request
        )
        asked = render_to_string("admin/inventory/count_line_form.html", self._asked(count, form, heard), request=request)
        return JsonResponse({**heard.as_json(), "html": html, "form": asked})

    def change_line_view(self, request: HttpRequest, pk: int, line: int) -> HttpResponse:
        """Correct the number of a line, or take the line out."""
        count = self.row_for(request, "count.add", pk)
        row = CountLine.objects.filter(count=count, pk=line).select_related("product", "count").first()
        if row is None:
            raise Http404

        def change(actor: Actor) -> str:
            if "remove" in request.POST:
                ledger.remove_count_line(actor, row)
                return f"The line of {row.product} is taken out."
            changed = ledger.change_count_line(actor, row, counted=request.POST.get("counted", "").strip())
            return f"{row.product}: {changed.counted} counted."

        self.tell(request, change)
        return HttpResponseRedirect(f"{self.address_of(count)}#lines")

    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = self.row_for(request, "count.decide", pk)

        def reject(actor: Actor) -> str:
            ledger.reject_count(actor, count, request.POST.get("note", ""))
            return f"{count} is rejected. Nothing was booked."

        self.tell(request, reject)
        return HttpResponseRedirect(self.address_of(count))

    def _asked(self, count: Count, form: LineForm, heard: Heard) -> dict[str, Any]:
        """The form for the next line: empty once a line was taken, else as it was filled in."""
        taken = heard.state == "taken"
        return {"document": count, "form": LineForm(form.actor) if taken else form, "same": heard.same}

    def _counting(self, request: HttpRequest, count: Count, form: LineForm, heard: Heard) -> HttpResponse:
        context = {"document": count, "lines": [], "acts": self._possible(request, count), **contents(request, count)}
        return self.page(request, self.page_template, str(count), count, {**context, **self._asked(count, form, heard), "heard": heard})

    def _start_page(self, request: HttpRequest, form: StartForm, key: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Start a count",
            "form": form,
            "key": key,
            "finding": reverse("admin:inventory_find_product"),
            "limit": f"{settings.UPLOAD_LIMIT / 2**20:g}",
        }
        return TemplateResponse(request, "admin/inventory/count_start.html", context)


def _begun(place: Any) -> bool:
    return Movement.objects.filter(warehouse=place).exists()
