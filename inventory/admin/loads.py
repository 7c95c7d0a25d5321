from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.filters import MomentFilter
from accounts.workplace import acting
from inventory import loads
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.loadpage import contents
from inventory.admin.values import values_filter
from inventory.loadstate import NOT_REPORTED, LoadStep, load_state
from inventory.marks import Mark
from inventory.models import Bucket, Load
from inventory.wording import BUCKET_TONES, LOAD_STATES, NOTHING, OTHER_STATE, load_title, order_number, progress_bar

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter


class LoadStateFilter(StateFilter):
    states = (
        State("here", "Not delivered", ~Q(state__in=[LoadStep.DELIVERED, NOT_REPORTED])),
        State("for_sale", "For sale", Q(state=LoadStep.FOR_SALE)),
        State("sold", "Sold", Q(state=LoadStep.SOLD)),
        State("picked", "Picked", Q(state=LoadStep.PICKED)),
        State("delivered", "Delivered", Q(state=LoadStep.DELIVERED)),
        State(NOT_REPORTED, "Not listed any more", Q(state=NOT_REPORTED), shown_empty=False),
        State("all", "All", Q()),
    )
    otherwise = "here"
    when_searched = "all"


class LoadAdmin(ChipsAdmin):
    """Truckloads of ASIS units. People write what the floor does with a load; what the dealer system says is a sync's."""

    view_operation = "load.view"
    change_operation = "load.edit"
    entity = "load"
    state_filter = LoadStateFilter
    empty_title = "No load here"
    empty_text = "Loads come with a sync of the load lists."
    list_display = ("named", "state", "order", "announced", "here", "missing", "scanned", "work", "pickup")
    list_fullwidth = True
    list_filter = (
        LoadStateFilter,
        values_filter(Load, "category", title="category"),
        ("sanity_check", ChoicesDropdownFilter),
        "tagged",
        "wrapped",
        ("scanned_at", MomentFilter),
    )
    list_filter_submit = True
    search_fields = ("number", "friendly_name", "order_number", "notes")
    search_help_text = "Number, name, order number or note; delivered loads are found too"
    ordering = ("-number",)
    fieldsets = (
        (
            "Our work on it",
            {
                "fields": (
                    ("friendly_name", "category"),
                    ("tagged", "wrapped"),
                    ("pickup_date", "pickup_to_be_announced"),
                    "colour",
                    "local_notes",
                )
            },
        ),
    )
    compressed_fields = False
    change_form_after_template = "admin/inventory/save.html"
    change_form_outer_before_template = "admin/inventory/load_facts.html"
    change_form_outer_after_template = "admin/inventory/load_roster.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Load]:
        rows: QuerySet[Load] = super().get_queryset(request).annotate(state=load_state()).select_related("warehouse")
        return rows

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        counted = loads.counts(Load.objects.filter(pk__in=[load.pk for load in shown]))
        for load in shown:
            load.counted = counted[load.pk]
        changes.result_list = shown
        return changes

    @admin.display(description="load", ordering="number")
    def named(self, load: Load) -> SafeString:
        return load_title(load)

    @admin.display(description="state", ordering="state")
    def state(self, load: Any) -> Mark:
        return LOAD_STATES.get(load.state, OTHER_STATE)

    @admin.display(description="order number", ordering="order_number")
    def order(self, load: Load) -> SafeString | str:
        return order_number(load.order_number)

    @admin.display(description="announced", ordering="units")
    def announced(self, load: Load) -> str:
        return NOTHING if load.units is None else str(load.units)

    @admin.display(description="on hand")
    def here(self, load: Any) -> SafeString | str:
        counted = {Bucket.ASIS: load.counted.asis, Bucket.STA: load.counted.sta, Bucket.FG: load.counted.fg}
        marks = [Mark(f"{pieces} {bucket}", BUCKET_TONES[bucket.value]) for bucket, pieces in counted.items() if pieces]
        return format_html_join(" ", "{}", ((mark,) for mark in marks)) or "0"

    @admin.display(description="not on hand")
    def missing(self, load: Any) -> str:
        return str(load.counted.not_on_hand)

    @admin.display(description="scanned")
    def scanned(self, load: Any) -> SafeString | str:
        if not load.counted.expected:
            return NOTHING
        return progress_bar(load.counted.scanned, load.counted.expected, complete=load.counted.scanned == load.counted.expected)

    @admin.display(description="work")
    def work(self, load: Load) -> SafeString | str:
        return format_html_join(" ", "{}", ((mark,) for mark in work_done(load))) or NOTHING

    @admin.display(description="pick-up", ordering="pickup_date")
    def pickup(self, load: Load) -> SafeString | str:
        if load.pickup_date:
            return format_html('<span class="whitespace-nowrap">{}</span>', load.pickup_date.isoformat())
        return "To be announced" if load.pickup_to_be_announced else NOTHING

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        load = self.get_object(request, object_id)
        more = {} if load is None else {**contents(request, load), **self.story_of(request, load), "work": work_done(load)}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Load, form: Any, change: bool) -> None:
        """The verb saves and audits."""
        given = {name: form.cleaned_data[name] for name in form.changed_data if name in loads.LOCAL}
        loads.edit_load(acting(request), self.find(request, str(obj.pk)), **given)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/sanity-check/", guard(require_POST(self.sanity_view)), name="inventory_load_sanity_check"),
            *super().get_urls(),
        ]

    def sanity_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        load = self.row_for(request, "load.edit", pk)
        stage = request.POST.get("stage", "")
        done = {"early": "The early sanity check is noted.", "final": "The final sanity check is noted."}

        def check(actor: Any) -> str:
            loads.sanity_check(actor, load, stage)
            return done.get(stage, "The sanity check is taken back.")

        self.tell(request, check)
        return HttpResponseRedirect(reverse("admin:inventory_load_change", args=[pk]))


def work_done(load: Load) -> list[Mark]:
    """What people have done on it, each as a mark."""
    marks = [Mark("Tagged", "", "sell")] if load.tagged else []
    marks += [Mark("Wrapped", "", "package_2")] if load.wrapped else []
    if load.sanity_check:
        marks.append(Mark(f"Checked: {load.sanity_check}", "success" if load.sanity_check == "final" else "info", "fact_check"))
    return marks
