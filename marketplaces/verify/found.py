"""What the comparison of one shop's list finds, row by row as the list comes in (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from inventory.models import Item
from marketplaces.lots import RemoteLot
from marketplaces.models import OPEN_STATES, Attempt, Listing, Lot, Operation, OrderLine, PartFinding, PartMapping, Shop
from marketplaces.verify.compare import OWN, QUANTITY, Differing, differing, managed
from marketplaces.verify.matching import Kind, Known, kind_of
from sync.systems import values_of

AT_ONCE = 500


@dataclass(frozen=True)
class Row:
    """What we know of one lot."""

    listing: int
    item: int
    quantity: int
    told: dict[str, Any]


@dataclass
class Found:
    """`since` is when the listings were read, just before the shop was asked: what has moved after that is not judged."""

    shop: Shop
    since: datetime
    lots: int = 0
    agreeing: int = 0
    differs: list[tuple[Row, RemoteLot, Differing]] = field(default_factory=list)
    missing: list[tuple[Row, str]] = field(default_factory=list)
    unknown: list[RemoteLot] = field(default_factory=list)
    present: set[int] = field(default_factory=set)
    """Items whose lot the shop has."""
    moving: int = 0

    @classmethod
    def compare(cls, shop: Shop, since: datetime, ours: dict[str, Row], retiring: set[str], lots: Iterable[RemoteLot]) -> Found:
        """Go through the shop's list once. Lots that are being replaced are on their way out and no news."""
        found = cls(shop, since)
        for lot in lots:
            found.lots += 1
            row = ours.pop(lot.lot_id, None)
            if row is None:
                if lot.lot_id not in retiring:
                    found.unknown.append(lot)
                continue
            found.present.add(row.item)
            differs = differing(row.quantity, row.told, lot)
            if differs:
                found.differs.append((row, lot, differs))
            else:
                found.agreeing += 1
        for lot_id, row in ours.items():
            if row.quantity:
                found.missing.append((row, lot_id))
            else:
                # Sold out, and gone with the last piece as lots do there.
                found.agreeing += 1
        return found

    def leave_out_unmanaged(self) -> None:
        """Fields that we have seen and don't manage are the shop's own."""
        rules = values_of(self.shop.connection)
        judged = []
        for start in range(0, len(self.differs), AT_ONCE):
            part = self.differs[start : start + AT_ONCE]
            rows = Item.objects.filter(pk__in={row.item for row, *_ in part}).values("pk", *OWN)
            items = {row["pk"]: row for row in rows}
            judged += [(row, lot, managed(differs, items[row.item], rules)) for row, lot, differs in part]
        self.differs = [each for each in judged if each[2]]
        self.agreeing += len(judged) - len(self.differs)

    @property
    def quantities_differ(self) -> bool:
        return any(QUANTITY in differs for _, _, differs in self.differs) or bool(self.missing)

    def leave_out_moving(self) -> None:
        """What was pushed, sold or read back since is not judged: the list may be from before it or from after."""
        before = len(self.differs) + len(self.missing) + len(self.unknown)
        moved, making = self._moved()
        self.differs = [each for each in self.differs if each[0].listing not in moved]
        self.missing = [each for each in self.missing if each[0].listing not in moved]
        ours = _map(Listing.objects.filter(shop=self.shop), "lot_id", [lot.lot_id for lot in self.unknown], "item_id")
        items = Item.objects.filter(pk__in=making)
        tokens, kinds = set(items.values_list("token", flat=True)), {kind for _, kind in _with_kinds(items)}
        self.unknown = [
            lot for lot in self.unknown if not (lot.lot_id in ours or lot.token in tokens or (not lot.token and _kind(lot) in kinds))
        ]
        self.moving = before - len(self.differs) - len(self.missing) - len(self.unknown)

    def _moved(self) -> tuple[set[int], set[int]]:
        """Listings that moved since they were read, and items whose lot is only just being made."""
        since = Q(state__in=OPEN_STATES) | Q(ended_at__gte=self.since)
        attempts = Attempt.objects.filter(since, shop=self.shop).values_list("listing_id", "listing__item_id", "operation")
        moved, making = set[int](), set[int]()
        for listing, item, operation in attempts:
            moved.add(listing)
            if operation == Operation.CREATE:
                making.add(item)
        sold = OrderLine.objects.filter(order__shop=self.shop, order__updated_at__gte=self.since, listing__isnull=False)
        moved.update(filter(None, sold.values_list("listing_id", flat=True)))
        # What was under way when the rows were read can't be told by its time: they are compared with what they are now.
        judged = {row.listing: (lot.lot_id, row) for row, lot, _ in self.differs}
        judged |= {row.listing: (lot_id, row) for row, lot_id in self.missing}
        pks = sorted(judged)
        for start in range(0, len(pks), AT_ONCE):
            rows = Listing.objects.filter(pk__in=pks[start : start + AT_ONCE])
            for pk, lot_id, quantity, told in rows.values_list("pk", "lot_id", "told_quantity", "told"):
                then_lot, then = judged[pk]
                if (lot_id, quantity, told) != (then_lot, then.quantity, then.told):
                    moved.add(pk)
        return moved, making


def known_rows(shop: Shop) -> tuple[dict[str, Row], set[str]]:
    """Our lots at the shop by their ids, and the ids of those that are being replaced."""
    ours, retiring = {}, set()
    columns = ("pk", "item_id", "lot_id", "retiring_lot_id", "told_quantity", "told")
    listings = Listing.objects.filter(~Q(lot_id="") | ~Q(retiring_lot_id=""), shop=shop).order_by()
    for pk, item, lot_id, retired, quantity, told in listings.values_list(*columns).iterator(chunk_size=2000):
        if lot_id:
            ours[lot_id] = Row(pk, item, quantity, told)
        if retired:
            retiring.add(retired)
    return ours, retiring


def known_items(found: Found) -> Known:
    """By what the unknown lots could be known: a few statements for every 500 of them, and the items without a lot at the shop."""
    shop = found.shop
    ids, tokens = [lot.lot_id for lot in found.unknown], sorted({lot.token for lot in found.unknown if lot.token})
    marks = sorted({mark for lot in found.unknown for mark in lot.others})
    others = Listing.objects.filter(account=shop.account_id).exclude(shop__connection__system=shop.provider)
    return Known(
        ours=_map(Lot.objects.filter(shop=shop), "lot_id", ids, "listing__item_id"),
        tokens=_map(Item.objects.filter(account=shop.account_id), "token", tokens, "pk"),
        elsewhere=_map(others, "lot_id", marks, "item_id"),
        kinds=_kinds(found),
        numbers=_numbers(shop),
    )


def _map(rows: QuerySet[Any], column: str, values: list[str], item: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(values), AT_ONCE):
        found.update(rows.filter(**{f"{column}__in": values[start : start + AT_ONCE]}).values_list(column, item))
    return found


def _kinds(found: Found) -> dict[Kind, list[int]]:
    """The items that the shop has no lot of, as far as it was seen; not those that are archived or kept off it."""
    if not found.unknown:
        return {}
    off = Listing.objects.filter(shop=found.shop, kept_off=True).values("item_id")
    kinds: dict[Kind, list[int]] = {}
    for pk, kind in _with_kinds(Item.objects.filter(account=found.shop.account_id, archived_at__isnull=True).exclude(pk__in=off)):
        if pk not in found.present:
            kinds.setdefault(kind, []).append(pk)
    return kinds


def _numbers(shop: Shop) -> dict[str, list[tuple[str, str]]]:
    numbers: dict[str, list[tuple[str, str]]] = {}
    mapped = PartMapping.objects.filter(shop=shop, finding=PartFinding.FOUND).order_by("pk")
    for remote, item_type, number in mapped.values_list("remote_id", "item_type", "part_number").iterator(chunk_size=2000):
        numbers.setdefault(remote, []).append((item_type, number))
    return numbers


_KIND = ("part_number", "item_type", "color_id", "condition", "completeness")


def _with_kinds(items: QuerySet[Item]) -> Iterator[tuple[int, Kind]]:
    for pk, *kind in items.order_by("pk").values_list("pk", *_KIND).iterator(chunk_size=2000):
        yield pk, kind_of(*kind)


def _kind(lot: RemoteLot) -> Kind:
    return kind_of(lot.part_number, lot.item_type, lot.color_id, lot.condition, lot.completeness)
