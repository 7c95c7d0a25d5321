"""What was sent to whom, and what came of it; again by a button."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter
from accounts.workplace import acting, may, refusal
from alerts import deliveries
from alerts.admin.words import DELIVERIES
from alerts.models import Delivery, DeliveryState
from inventory.admin.chips import State, StateFilter
from inventory.marks import Mark
from inventory.wording import moment
from marketplaces.admin.pages import PageAdmin

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

TROUBLE = (
    DeliveryState.BLOCKED,
    DeliveryState.UNKNOWN,
    DeliveryState.BOUNCED,
    DeliveryState.FAILED,
    DeliveryState.REFUSED,
)
NEEDED = Q(state__in=TROUBLE, resends__isnull=True)
"""What did not arrive, and that nobody has sent again."""

MOST_AT_ONCE = 100


class DeliveryStateFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        State("trouble", "Did not arrive", NEEDED),
        State("waiting", "Waiting", Q(state__in=(DeliveryState.WAITING, DeliveryState.SENDING))),
        State("sent", "Sent", Q(state=DeliveryState.SENT)),
    )
    otherwise = "all"


class DeliveryAdmin(PageAdmin):
    """Noted before it was sent. Nobody changes one."""

    view_operation = "delivery.view"
    state_filter = DeliveryStateFilter
    page_template = "admin/alerts/delivery.html"
    list_display = ("to_whom", "kind_word", "subject_line", "state_mark", "made")
    list_display_links = ("to_whom",)
    list_fullwidth = True
    list_filter = (DeliveryStateFilter, ("kind", ChoicesDropdownFilter), ("created_at", MomentFilter))
    search_fields = ("to", "subject")
    search_help_text = "Address, or words of the subject"
    actions = ("resend_ticked",)
    empty_title = "Nothing was sent"
    empty_text = "Mails and webhook requests stand here, from before they are sent."
    buttons = {"resend": ("delivery.resend", "press_resend")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("html", "attachments")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return may(request, "delivery.resend")

    @admin.action(description="Send again", permissions=["resend"])
    def resend_ticked(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        sent = 0
        for row in rows.order_by("pk")[:MOST_AT_ONCE]:
            try:
                deliveries.resend(acting(request), row)
                sent += 1
            except Problem as problem:
                messages.error(request, f"{row.to}: {refusal(problem)}")
        if sent:
            messages.success(request, f"{sent:,} are sent again.")

    def press_resend(self, _request: HttpRequest, actor: Actor, row: Delivery) -> str:
        again = deliveries.resend(actor, row)
        return f"It is sent again, to {again.to}."

    @admin.display(description="to", ordering="to")
    def to_whom(self, delivery: Delivery) -> SafeString:
        return format_html('<span class="ls-break">{}</span>', delivery.to)

    @admin.display(description="what", ordering="kind")
    def kind_word(self, delivery: Delivery) -> Mark:
        return Mark(delivery.get_kind_display(), "", "mail" if delivery.by_mail else "webhook")

    @admin.display(description="subject", ordering="subject")
    def subject_line(self, delivery: Delivery) -> SafeString:
        return format_html('<span class="ls-wrap">{}</span>', delivery.subject)

    @admin.display(description="state", ordering="state")
    def state_mark(self, delivery: Delivery) -> Mark:
        return DELIVERIES[DeliveryState(delivery.state)]

    @admin.display(description="made", ordering="id")
    def made(self, delivery: Delivery) -> str:
        return moment(delivery.created_at)

    def title_of(self, row: Any) -> str:
        return f"Delivery {row.pk}"

    def contents(self, request: HttpRequest, row: Delivery) -> dict[str, Any]:
        unfinished = row.state in deliveries.UNFINISHED
        return {
            "delivery": row,
            "mark": DELIVERIES[DeliveryState(row.state)],
            "tries": [{**each, "mark": _tried(each), "when": datetime.fromisoformat(each["at"])} for each in row.tries],
            "body": row.text if row.by_mail else _pretty(row.text),
            "files": [each["name"] for each in row.attachments],
            "resends": list(row.resends.order_by("pk")[:20]),
            "may_resend": not unfinished and may(request, "delivery.resend"),
        }


def _tried(each: dict[str, Any]) -> Mark:
    state = DeliveryState(each["state"])
    return Mark("To be tried again", "warning", "schedule") if state is DeliveryState.WAITING else DELIVERIES[state]


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
