"""A product's level in each warehouse, with all that makes its numbers what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, Sum
from django.urls import reverse

from inventory import levels
from inventory.ledger.counters import Counters
from inventory.ledgerwords import amount, counters, number, page_of
from inventory.levels import Shown
from inventory.marks import Mark
from inventory.mirror import RESERVED
from inventory.models import Bucket, Level, Movement, MovementKind, Product, Sale, SaleStatus, Unit, UnitKind, WarehouseMode
from inventory.wording import moment


@dataclass(frozen=True)
class KindRow:
    kind: str
    on_hand: str
    reserved: str
    available: str
    short: bool
    """Whether less than nothing is available."""


@dataclass(frozen=True)
class Card:
    """`follows` says of a mirror what its numbers are made from, `expired` what is not counted any more though nobody has booked it."""

    level: Level
    rows: tuple[KindRow, ...]
    state: Mark | None
    available: str
    expired: str
    quarantine: str
    shortfall: str
    shortfall_link: str
    follows: str
    follows_link: str
    reorder: str

    @property
    def is_mirror(self) -> bool:
        return not self.level.ledger


def cards(product: Product, wanted: Sequence[Level], now: datetime) -> list[Card]:
    """A card for each level, in their order. Six statements at most."""
    shown = levels.present(wanted, now)
    mirrors = [level.warehouse_id for level in wanted if level.warehouse.mode == WarehouseMode.MIRROR]
    short, units, told = _shortfalls(product), _units(product, mirrors), _told(product, mirrors)
    return [_card(product, each, short.get(each.level.warehouse_id), units, told) for each in shown]


def reorder_state(product: Product, shown: Shown) -> Mark | None:
    """Whether more has to be ordered, in words; None where nobody has said when, and something is there."""
    there, point = shown.available.of(product.unit_kind), shown.level.reorder_point
    if there <= 0:
        # What lies in pallets is not for sale in packs, but it is there.
        said = f"Out of {product.unit_kind}" if any(counter > 0 for counter in shown.available) else "Out of stock"
        return Mark(said, "danger", "production_quantity_limits")
    if point is None:
        return None
    if there <= point:
        return Mark("Order more", "warning", "shopping_cart")
    return Mark("Enough", "success", "check")


def _card(
    product: Product,
    shown: Shown,
    short: tuple[int, dict[str, Decimal]] | None,
    units: dict[int, dict[str, tuple[Decimal, Decimal]]],
    told: dict[int, Movement],
) -> Card:
    level = shown.level
    follows, link = _follows(product, level, units, told) if not level.ledger else ("", "")
    return Card(
        level,
        tuple(_rows(product, shown)),
        reorder_state(product, shown),
        amount(shown.available.of(product.unit_kind), product.unit_kind),
        counters(shown.expired) if any(shown.expired) else "",
        shown.quarantine,
        _short(short),
        _sales(product, level) if short else "",
        follows,
        link,
        _reorder(product, level),
    )


def _rows(product: Product, shown: Shown) -> list[KindRow]:
    """The product's own unit kind, and the others that there is anything of."""
    found = []
    for kind in UnitKind.values:
        here, reserved, left = shown.on_hand.of(kind), shown.reserved.of(kind), shown.available.of(kind)
        if kind == product.unit_kind or here or reserved or shown.expired.of(kind):
            found.append(KindRow(UnitKind(kind).label, number(here), number(reserved), number(left), left < 0))
    return found


def _reorder(product: Product, level: Level) -> str:
    if level.reorder_point is None:
        return "No reorder point is set."
    then = f", then {amount(level.reorder_quantity, product.unit_kind)}" if level.reorder_quantity is not None else ""
    return f"Order more at {amount(level.reorder_point, product.unit_kind)} or fewer{then}."


def _shortfalls(product: Product) -> dict[int, tuple[int, dict[str, Decimal]]]:
    """How many sales and other issues are short and of how much, by warehouse."""
    rows = Sale.objects.filter(product=product, shortfall__gt=0, status=SaleStatus.BOOKED).order_by()
    found: dict[int, tuple[int, dict[str, Decimal]]] = {}
    for row in rows.values("warehouse", "unit_kind").annotate(number=Count("pk"), short=Sum("shortfall")):
        sales, by_kind = found.get(row["warehouse"], (0, {}))
        found[row["warehouse"]] = (sales + row["number"], {**by_kind, row["unit_kind"]: row["short"]})
    return found


def _short(found: tuple[int, dict[str, Decimal]] | None) -> str:
    if found is None:
        return ""
    sales, by_kind = found
    short = counters(Counters(**by_kind))
    return f"{short} went out before any of it was here, in {sales} {'sale' if sales == 1 else 'sales'}. The next receipt settles it."


def _sales(product: Product, level: Level) -> str:
    page = page_of("inventory_sale_changelist")
    wanted = {"state": "short", "purpose": "all", "product__id__exact": product.pk, "warehouse__id__exact": level.warehouse_id}
    return f"{page}?{urlencode(wanted)}" if page else ""


def _units(product: Product, mirrors: list[int]) -> dict[int, dict[str, tuple[Decimal, Decimal]]]:
    """The units on hand by mirror warehouse and bucket: how many there are, and how many of them are reserved."""
    found: dict[int, dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
    if mirrors:
        rows = Unit.objects.filter(product=product, warehouse__in=mirrors, gone_at__isnull=True).order_by()
        reserved = Sum("quantity", filter=Q(status__iexact=RESERVED))
        for row in rows.values("warehouse", "bucket").annotate(here=Sum("quantity"), reserved=reserved):
            found[row["warehouse"]][row["bucket"]] = (row["here"], row["reserved"] or Decimal(0))
    return found


def _told(product: Product, mirrors: list[int]) -> dict[int, Movement]:
    """The last word of the outside system on each of these warehouses."""
    if not mirrors:
        return {}
    rows = Movement.objects.filter(product=product, warehouse__in=mirrors, kind=MovementKind.SNAPSHOT).order_by()
    last = rows.values("warehouse").annotate(last=Max("pk")).values("last")
    return {row.warehouse_id: row for row in Movement.objects.filter(pk__in=last)}


def _follows(
    product: Product, level: Level, units: dict[int, dict[str, tuple[Decimal, Decimal]]], told: dict[int, Movement]
) -> tuple[str, str]:
    """What a mirror's numbers are made from, in a sentence, and where to see that."""
    here, last = units.get(level.warehouse_id), told.get(level.warehouse_id)
    word = f" It last changed {moment(last.booked_at)}, by {last.actor_label}." if last else ""
    if not here:
        return f"Its numbers are an outside system's; nothing is booked here by hand.{word}", ""
    counting = [bucket.strip() for bucket in level.warehouse.level_buckets.split(",") if bucket.strip()]
    parts = [f"{number(here[bucket][0])} in {bucket}" for bucket in Bucket.values if bucket in here]
    idle = [bucket for bucket in Bucket.values if bucket in here and bucket not in counting]
    without = f" What is in {' and '.join(idle)} does not count." if idle else ""
    query = {"product__id__exact": product.pk, "warehouse__id__exact": level.warehouse_id}
    sentence = f"It follows the appliances here: {', '.join(parts)}.{without} Reserved ones are not available.{word}"
    return sentence, f"{reverse('admin:inventory_unit_changelist')}?{urlencode(query)}"
