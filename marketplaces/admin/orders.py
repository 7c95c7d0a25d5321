from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Upper
from django.http import Http404, HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter
from accounts.workplace import may
from inventory.admin.chips import State, StateFilter
from inventory.ledgerwords import money
from inventory.marks import Mark
from inventory.models import Item
from inventory.wording import moment
from marketplaces import orders
from marketplaces.admin.filters import ShopFilter
from marketplaces.admin.pages import PageAdmin
from marketplaces.admin.words import BOOKING, MEANT, PHASE, RESTOCK, colour, colour_names, item_link, items_like, lot_link, named
from marketplaces.models import LineBooking, Order, OrderLine, OrderPhase, Restock

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter


def _with(condition: Q) -> Q:
    return Q(Exists(OrderLine.objects.filter(condition, order=OuterRef("pk"))))


class OrderStateFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        State("unmatched", "Not matched", _with(Q(booking=LineBooking.UNMATCHED)) & ~Q(phase=OrderPhase.CANCELLED)),
        State("short", "Short", _with(Q(shortfall__gt=0)), shown_empty=False),
        State("restock", "To restock?", Q(restock=Restock.OFFERED)),
        State("problem", "With a problem", ~Q(problem=""), shown_empty=False),
    )
    otherwise = "all"


WHO = ("order_named", "shop", "phase_mark", "status", "buyer_name")


class OrderAdmin(PageAdmin):
    """What the shops have sold, as far as stock is concerned."""

    view_operation = "order.view"
    state_filter = OrderStateFilter
    page_template = "admin/marketplaces/order.html"
    list_display = (
        "order_named",
        "shop",
        "phase_mark",
        "status",
        "buyer_name",
        "pieces_number",
        "total_mark",
        "restock_mark",
        "ordered",
        "trouble",
    )
    list_fullwidth = True
    list_filter = (OrderStateFilter, ShopFilter, ("phase", ChoicesDropdownFilter), ("ordered_at", MomentFilter))
    search_fields = ("order_id", "buyer")
    search_help_text = "Number of the order, buyer, or number of a part in it"
    ordering = ("-ordered_at", "-id")
    empty_title = "No order here"
    empty_text = "Orders are read every minute from shops whose settings say so."
    buttons = {
        "restock": ("order.restock", "restock"),
        "decline": ("order.restock", "decline"),
        "match": ("order.match", "match"),
        "not-ours": ("order.match", "not_ours"),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("shop__connection")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Order], search_term: str) -> tuple[QuerySet[Order], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        return queryset.filter(Q(order_id=text) | Q(buyer__icontains=text) | _with(Q(part_number__iexact=text))), False

    @admin.display(description="order", ordering="order_id")
    def order_named(self, order: Order) -> str:
        return order.order_id

    @admin.display(description="state", ordering="phase")
    def phase_mark(self, order: Order) -> Mark:
        return PHASE[order.phase]

    @admin.display(description="buyer", ordering="buyer")
    def buyer_name(self, order: Order) -> str:
        return order.buyer or self.empty_value_display

    @admin.display(description="pieces", ordering="pieces")
    def pieces_number(self, order: Order) -> str:
        return f"{order.pieces:,}"

    @admin.display(description="total", ordering="total")
    def total_mark(self, order: Order) -> str:
        return f"{money(order.total)} {order.currency}".strip()

    @admin.display(description="restock", ordering="restock")
    def restock_mark(self, order: Order) -> SafeString | str:
        return RESTOCK[order.restock].__html__() if order.restock in RESTOCK else self.empty_value_display

    @admin.display(description="ordered", ordering="ordered_at")
    def ordered(self, order: Order) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', moment(order.ordered_at))

    @admin.display(description="problem")
    def trouble(self, order: Order) -> SafeString | str:
        return format_html('<span class="ls-why">{}</span>', order.problem) if order.problem else self.empty_value_display

    def title_of(self, row: Any) -> str:
        return f"Order {row.order_id} at {row.shop}"

    def contents(self, request: HttpRequest, row: Order) -> dict[str, Any]:
        lines = list(row.lines.select_related("item").order_by("id"))
        names = colour_names(row.account, (line.color_id or 0 for line in lines))
        sought = request.GET.get("find", "").strip()[:80]
        open_ = [line for line in lines if line.booking == LineBooking.UNMATCHED]
        # What was put aside can still be matched, but nobody is asked to.
        aside = [line for line in lines if line.booking == LineBooking.HISTORY and not line.booked]
        asked = [*open_, *aside] if sought else open_
        meant = self._meant(row, asked, sought) if asked else {}
        return {
            "order": row,
            "mark": PHASE[row.phase],
            "restock_mark": RESTOCK.get(row.restock),
            "lines": [
                (
                    line,
                    BOOKING[line.booking],
                    item_link(line.item),
                    colour(line.color_id or 0, names),
                    lot_link(row.shop.provider, line.lot_id, line.part_number),
                    meant.get(line.pk, []),
                )
                for line in lines
            ],
            "sought": sought,
            "unmatched": bool(open_),
            "aside": bool(aside),
            "nothing_found": bool(sought and asked and not any(meant.values())),
            "may_match": may(request, "order.match"),
            "may_restock": row.restock == Restock.OFFERED and may(request, "order.restock"),
            "offered": row.restock == Restock.OFFERED,
        }

    def _meant(self, order: Order, lines: list[OrderLine], sought: str) -> dict[int, list[tuple[Item, str]]]:
        """Items that the text names, or of the number that each of the lines has. One statement for all lines."""
        if sought:
            found = items_like(order.account_id, sought)
            return {line.pk: found for line in lines}
        rows = Item.objects.filter(account=order.account_id)
        rows = rows.order_by(F("archived_at").asc(nulls_first=True), "part_number", "color_id")
        numbers = {line.part_number.upper() for line in lines if line.part_number}
        by_number: dict[str, list[tuple[Item, str]]] = {}
        for item in rows.alias(number=Upper("part_number")).filter(number__in=numbers) if numbers else ():
            same = by_number.setdefault(item.part_number.upper(), [])
            if len(same) < MEANT:
                same.append((item, named(item)))
        return {line.pk: by_number.get(line.part_number.upper(), []) for line in lines}

    def restock(self, request: HttpRequest, actor: Actor, order: Order) -> str:
        orders.restock(actor, order)
        return f"What order {order.order_id} had taken is back in stock."

    def decline(self, request: HttpRequest, actor: Actor, order: Order) -> str:
        orders.decline(actor, order)
        return f"What order {order.order_id} had taken stays out of stock."

    def match(self, request: HttpRequest, actor: Actor, order: Order) -> str:
        line, chosen = self._line(request, order), request.POST.get("item", "")
        rows = Item.objects.filter(account=actor.account)
        item = rows.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
        if item is None:
            raise Problem("No item was chosen.", hint="Choose the one that was sold.")
        orders.match(actor, line, item)
        return f"{line} is {item}, and is booked."

    def not_ours(self, request: HttpRequest, actor: Actor, order: Order) -> str:
        line = self._line(request, order)
        orders.not_ours(actor, line)
        return f"{line} is none of our items: nothing is booked for it."

    def _line(self, request: HttpRequest, order: Order) -> OrderLine:
        number = request.POST.get("line", "")
        line = OrderLine.objects.filter(order=order, pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if line is None:
            raise Http404
        return line
