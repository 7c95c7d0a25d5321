"""The page of a product that answers why there is so much of it: levels, batches, movements, the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.workplace import acting, may
from inventory import history, moment
from inventory.admin import chart, movementrows, orderpage, productcards
from inventory.admin.batchrows import batch_rows
from inventory.admin.levelcards import cards
from inventory.batchtotals import Total, totals
from inventory.issued import SOLD, WORDS, ByPurpose, issued_of, split
from inventory.ledgerwords import COLUMNS, amount, number, page_of, product_page
from inventory.models import Batch, BatchState, Level, Movement, Product, UnitKind, Warehouse

MOVEMENTS_SHOWN = 50
BATCHES_SHOWN = 25
PERIODS = ((30, "30 days"), (90, "90 days"), (365, "A year"))
POINTS = 200
BOOKABLE = (
    ("purchase.add", "inventory_purchase_add", "Purchase", "shopping_cart"),
    ("sale.add", "inventory_sale_add", "Sale", "point_of_sale"),
    ("return.add", "inventory_customerreturn_add", "Return", "assignment_return"),
    ("write_off.add", "inventory_writeoff_add", "Write-off", "delete_sweep"),
    ("transfer.add", "inventory_transfer_add", "Transfer", "move_down"),
    ("count.add", "inventory_count_add", "Count", "checklist"),
)
BATCH_PARTS = (
    ("", "With stock", Q(remaining__gt=0)),
    ("expired", "Expired", Q(state=BatchState.EXPIRED)),
    ("used", "Used up", Q(state=BatchState.DEPLETED)),
    ("void", "Voided", Q(state=BatchState.VOID)),
    ("all", "All", Q()),
)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `unreadable` is what was given as a moment and is none."""

    warehouse: Warehouse | None
    kind: str
    at: datetime | None
    unreadable: str
    before: int | None
    period: int
    batches: str
    page: str

    def address(self, **changed: Any) -> str:
        """The same with something else, as a query."""
        given = {
            "warehouse": self.warehouse.pk if self.warehouse else "",
            "kind": self.kind,
            "at": f"{timezone.localtime(self.at):%Y-%m-%dT%H:%M:%S}" if self.at else "",
            "days": self.period if self.period != PERIODS[1][0] else "",
            "batches": self.batches,
            **changed,
        }
        return f"?{urlencode({name: value for name, value in given.items() if value not in (None, '')})}"


@dataclass(frozen=True)
class Then:
    """How much there was at a moment in the past, and the movement that made it so."""

    warehouse: Warehouse
    quantity: str
    movement: movementrows.Row | None


@dataclass(frozen=True)
class Sum:
    """A line of the table that adds up."""

    place: str
    unit_kind: str
    cells: tuple[tuple[str, str], ...]
    left: str
    expired: str
    counted: str


def asked(request: HttpRequest, warehouses: dict[int, Warehouse]) -> Asked:
    """What the address asks for; what makes no sense in it is left out."""
    given = request.GET
    kind, part, typed = given.get("kind", ""), given.get("batches", ""), given.get("at", "").strip()
    at = _moment(typed)
    return Asked(
        warehouses.get(_whole(given.get("warehouse")) or 0),
        kind if kind in UnitKind.values else "",
        at,
        typed if at is None else "",
        _whole(given.get("before")),
        next((days for days, _ in PERIODS if str(days) == given.get("days")), PERIODS[1][0]),
        part if part in {key for key, _, _ in BATCH_PARTS} else "",
        given.get("page", ""),
    )


def contents(request: HttpRequest, product: Product) -> dict[str, Any]:
    """For the template. A constant number of statements."""
    levels = list(Level.objects.filter(product=product).select_related("warehouse", "product").order_by("warehouse__name", "warehouse_id"))
    places = {warehouse.pk: warehouse for warehouse in Warehouse.objects.filter(account=product.account_id)}
    known = {level.warehouse_id: level.warehouse for level in levels}
    wanted = asked(request, places)
    now = moment.now()
    summed = totals(product, now, wanted.warehouse, wanted.kind)
    return {
        "title": f"Stock of {product}",
        "product": product,
        "asked": wanted,
        "now": now,
        "cards": cards(product, [level for level in levels if wanted.warehouse in (None, level.warehouse)], now),
        "warehouses": sorted({**known, **_chosen(wanted)}.values(), key=lambda warehouse: (warehouse.name, warehouse.pk)),
        "kinds": UnitKind.choices,
        "sums": _sums(summed, places, issued_of(product, wanted.warehouse)),
        "batches": _batches(product, wanted, now),
        "then": _then(product, wanted, places) if wanted.at else None,
        "chart": _chart(product, wanted, levels, now),
        "movements": _movements(product, wanted),
        "bookable": _bookable(request, product, wanted),
        "may_edit_product": may(request, "product.view"),
        "may_reorder": may(request, "level.edit"),
        "may_reconcile": may(request, "stock.reconcile"),
        "unplanned": [place for pk, place in places.items() if pk not in known and place.active],
        "here": f"{product_page(product)}{wanted.address()}",
        "account": acting(request).account,
        "others": productcards.cards_of(request, product),
        **orderpage.on_order(request, product),
    }


def _chosen(wanted: Asked) -> dict[int, Warehouse]:
    return {wanted.warehouse.pk: wanted.warehouse} if wanted.warehouse else {}


def _sums(summed: list[Total], places: dict[int, Warehouse], out: Mapping[tuple[int, str], ByPurpose]) -> dict[str, Any]:
    """Batches added up, without the columns in which there is nothing at all; what is `out` for other purposes than sales in its own."""
    figures = [_by_figure(each, out.get((each.warehouse_id, each.unit_kind), {})) for each in summed]
    others = [(words, words, -1) for words in WORDS.values() if words != SOLD]
    columns = [part for name, label, way in COLUMNS for part in ([(name, label, way), *others] if name == "sold" else [(name, label, way)])]
    used = [(name, label, way) for name, label, way in columns if name == "received" or any(each.get(name) for each in figures)]
    rows = [
        Sum(
            places[each.warehouse_id].name,
            each.unit_kind,
            tuple((label, _signed(by_figure.get(name, Decimal(0)), way)) for name, label, way in used),
            amount(each.remaining, each.unit_kind),
            number(each.expired),
            amount(each.counted, each.unit_kind),
        )
        for each, by_figure in zip(summed, figures, strict=True)
    ]
    return {"heads": [label for _, label, _ in used], "rows": rows, "any_expired": any(each.expired for each in summed)}


def _by_figure(total: Total, out: ByPurpose) -> dict[str, Decimal]:
    parts = dict(split(total.columns["sold"], out))
    return {**total.columns, **parts, "sold": parts.get(SOLD, Decimal(0))}


def _signed(value: Decimal, way: int) -> str:
    return f"{'−' if way < 0 and value else ''}{number(value)}"


def _batches(product: Product, wanted: Asked, now: datetime) -> dict[str, Any]:
    rows = Batch.objects.filter(account=product.account_id, product=product)
    if wanted.warehouse:
        rows = rows.filter(warehouse=wanted.warehouse)
    if wanted.kind:
        rows = rows.filter(unit_kind=wanted.kind)
    part = next(condition for key, _, condition in BATCH_PARTS if key == wanted.batches)
    # In the order in which they are sold, what is left first.
    chosen = rows.filter(part).select_related("warehouse", "parent")
    chosen = chosen.order_by("undated", "expires_at", "received_at", "id") if wanted.batches == "" else chosen.order_by("-id")
    page = Paginator(chosen, BATCHES_SHOWN).get_page(wanted.page)
    return {
        "page": page,
        "rows": batch_rows(page.object_list, now),
        "tabs": [(label, wanted.address(batches=key), key == wanted.batches) for key, label, _ in BATCH_PARTS],
        "query": wanted.address()[1:],
        "next_up": wanted.batches == "",
    }


def _then(product: Product, wanted: Asked, places: dict[int, Warehouse]) -> dict[str, Any]:
    """The counters at the moment, and the last movement before it that changed each."""
    at = wanted.at
    warehouses = [wanted.warehouse.pk] if wanted.warehouse else None
    found = history.at(product.account, at, products=[product.pk], warehouses=warehouses)
    rows = history.movements(product, wanted.warehouse, wanted.kind or None).filter(booked_at__lt=at).exclude(level_delta=0)
    newest = rows.order_by().values("warehouse", "unit_kind").annotate(last=Max("pk")).values_list("warehouse", "unit_kind", "last")
    made = {(place, kind): pk for place, kind, pk in newest}
    lines = history.described(Movement.objects.filter(pk__in=made.values()).select_related("warehouse", "batch"))
    by_id = {row.movement.pk: row for row in movementrows.rows(lines)}
    shown = []
    for key, counted in found.items():
        for kind in UnitKind.values:
            if (key.warehouse_id, kind) in made:
                row = by_id.get(made[key.warehouse_id, kind])
                shown.append(Then(places[key.warehouse_id], amount(counted.of(kind), kind), row))
    return {"rows": shown, "future": at is not None and at > moment.now()}


def _chart(product: Product, wanted: Asked, levels: list[Level], now: datetime) -> dict[str, Any] | None:
    """How the level went, in the chosen unit kind, else the one that there is most of reason to look at."""
    kinds = [wanted.kind] if wanted.kind else [product.unit_kind, *(kind for kind in UnitKind.values if kind != product.unit_kind)]
    chosen = next((kind for kind in kinds if any(getattr(level, kind) for level in levels)), kinds[0])
    first = now - timedelta(days=wanted.period)
    points = history.series(product, chosen, first, now, warehouse=wanted.warehouse, points=POINTS)
    drawn = chart.draw(points, first, now, moment=wanted.at)
    return {
        "drawn": drawn,
        "kind": chosen,
        "place": wanted.warehouse.name if wanted.warehouse else "All warehouses together",
        "periods": [(label, f"{wanted.address(days=days)}#over-time", days == wanted.period) for days, label in PERIODS],
        "points": [(point.at, amount(point.quantity, chosen)) for point in drawn.points],
        "words": f"from {amount(points[0].quantity, chosen)} to {amount(points[-1].quantity, chosen)}; "
        f"lowest {number(drawn.lowest)}, highest {number(drawn.highest)}",
    }


def _movements(product: Product, wanted: Asked) -> dict[str, Any]:
    rows: QuerySet[Movement] = history.movements(product, wanted.warehouse, wanted.kind or None)
    if wanted.at is not None:
        rows = rows.filter(booked_at__lt=wanted.at)
    if wanted.before is not None:
        rows = rows.filter(pk__lt=wanted.before)
    # One more than is shown tells whether there are older ones.
    found = list(rows.select_related("warehouse", "batch")[: MOVEMENTS_SHOWN + 1])
    shown = movementrows.rows(history.described(found[:MOVEMENTS_SHOWN]))
    older = found[MOVEMENTS_SHOWN - 1].pk if len(found) > MOVEMENTS_SHOWN else None
    return {
        "rows": shown,
        "older": f"{wanted.address(before=older)}#movements" if older else "",
        "newest": f"{wanted.address()}#movements" if wanted.before else "",
    }


def _bookable(request: HttpRequest, product: Product, wanted: Asked) -> list[tuple[str, str, str]]:
    """What may be entered for this product, as links to the forms."""
    given = {"product": product.pk, **({"warehouse": wanted.warehouse.pk} if wanted.warehouse else {})}
    found = [(page_of(name), label, symbol) for operation, name, label, symbol in BOOKABLE if may(request, operation)]
    return [(f"{page}?{urlencode(given)}", label, symbol) for page, label, symbol in found if page]


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _moment(text: str) -> datetime | None:
    """A moment, in the account's time zone where it names none; None for what is none, there or in UTC, as at the calendar's ends."""
    try:
        found = parse_datetime(text)
        if found is None:
            return None
        found = (found if timezone.is_aware(found) else timezone.make_aware(found)).astimezone(UTC)
        timezone.localtime(found)
        return found
    except (ValueError, OverflowError):
        return None
