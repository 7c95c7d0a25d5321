"""The inbox: what is wrong, since when, and who has seen it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.filters import MomentFilter
from accounts.workplace import acting, may
from alerts import deciding
from alerts.admin.words import ALERTS, KINDS, SEEN
from alerts.models import Alert, AlertState, Kind, Notice
from inventory.admin.chips import State, StateFilter
from inventory.marks import Mark
from inventory.wording import moment
from marketplaces.admin.pages import PageAdmin

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

MOST_TOLD = 50


class AlertStateFilter(StateFilter):
    states = (
        State("open", "Open", Q(state=AlertState.OPEN)),
        State("new", "Nobody has seen", Q(state=AlertState.OPEN, acknowledged_at__isnull=True)),
        State("held", "Held back", Q(state=AlertState.HELD), shown_empty=False),
        State("over", "Over", Q(state__in=(AlertState.RECOVERED, AlertState.CLOSED, AlertState.DISMISSED))),
        State("all", "All", Q()),
    )
    otherwise = "open"
    when_searched = "all"


class AlertAdmin(PageAdmin):
    """Nobody edits an alert: it opens and ends by itself. People acknowledge it, and decide about what was held back."""

    view_operation = "alert.view"
    state_filter = AlertStateFilter
    page_template = "admin/alerts/alert.html"
    list_display = ("what", "kind_word", "state_mark", "opened", "ended")
    list_display_links = ("what",)
    list_fullwidth = True
    list_filter = (AlertStateFilter, ("kind", ChoicesDropdownFilter), ("opened_at", MomentFilter))
    search_fields = ("title", "product__sku")
    search_help_text = "Words of the alert, or a SKU"
    actions = ("acknowledge_ticked",)
    empty_title = "Nothing is wrong"
    empty_text = "No alert matches. What is over is found under “Over”."
    buttons = {
        "acknowledge": ("alert.acknowledge", "press_acknowledge"),
        "approve": ("alert.approve", "press_approve"),
        "dismiss": ("alert.approve", "press_dismiss"),
    }

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return may(request, "alert.acknowledge")

    @admin.action(description="Acknowledge: nobody is reminded of it any more", permissions=["acknowledge"])
    def acknowledge_ticked(self, request: HttpRequest, rows: QuerySet[Alert]) -> None:
        number = deciding.acknowledge(acting(request), list(rows.values_list("pk", flat=True)))
        messages.success(request, f"{number:,} acknowledged.")

    def press_acknowledge(self, _request: HttpRequest, actor: Actor, row: Alert) -> str:
        return (
            "Acknowledged: nobody is reminded of it." if deciding.acknowledge(actor, [row.pk]) else "It was acknowledged or over already."
        )

    def press_approve(self, _request: HttpRequest, actor: Actor, row: Alert) -> str:
        return f"{deciding.approve(actor, row):,} alerts are open now, and told as one mail to each person."

    def press_dismiss(self, _request: HttpRequest, actor: Actor, row: Alert) -> str:
        return f"{deciding.dismiss(actor, row):,} alerts stay untold until their products are well again."

    @admin.display(description="what", ordering="title")
    def what(self, alert: Alert) -> SafeString:
        said = format_html('<br><span class="ls-quiet ls-wrap">{}</span>', alert.sentence) if alert.sentence else ""
        return format_html('<span class="ls-break">{}</span>{}', alert.title, said)

    @admin.display(description="kind", ordering="kind")
    def kind_word(self, alert: Alert) -> Mark:
        return Mark(alert.get_kind_display(), "", KINDS[Kind(alert.kind)])

    @admin.display(description="state", ordering="state")
    def state_mark(self, alert: Alert) -> Mark:
        return state_of(alert)

    @admin.display(description="since", ordering="opened_at")
    def opened(self, alert: Alert) -> str:
        return moment(alert.opened_at)

    @admin.display(description="over", ordering="ended_at")
    def ended(self, alert: Alert) -> str:
        return moment(alert.ended_at) if alert.ended_at else ""

    def title_of(self, row: Any) -> str:
        return "Alert"

    def contents(self, request: HttpRequest, row: Alert) -> dict[str, Any]:
        told = Notice.objects.filter(alert=row).select_related("subscriber", "webhook", "digest__delivery").order_by("-pk")
        is_review = deciding.is_review(row)
        inbox = reverse("admin:alerts_alert_changelist")
        return {
            "alert": row,
            "mark": state_of(row),
            "symbol": KINDS[Kind(row.kind)],
            "facts": [(name.replace("_", " ").capitalize(), value) for name, value in row.facts.items() if value not in ("", None)],
            "told": told[:MOST_TOLD],
            "may_see_deliveries": may(request, "delivery.view"),
            "may_acknowledge": row.state == AlertState.OPEN and row.acknowledged_at is None and may(request, "alert.acknowledge"),
            "may_decide": is_review and row.state == AlertState.OPEN and may(request, "alert.approve"),
            "is_review": is_review,
            "held_page": f"{inbox}?state=held",
        }


def state_of(alert: Alert) -> Mark:
    return SEEN if alert.state == AlertState.OPEN and alert.acknowledged_at is not None else ALERTS[AlertState(alert.state)]
