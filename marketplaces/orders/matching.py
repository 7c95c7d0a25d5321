"""Which of our items a line of an order is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from inventory.models import Item
from marketplaces.models import Listing, Lot, OrderLine, Shop


@dataclass(frozen=True)
class Match:
    """The item that a line is. `lot` is our record of the line's lot, None where the shop's lot is not known to be ours (yet)."""

    item_id: int
    listing_id: int | None = None
    lot: Lot | None = None


@dataclass(frozen=True)
class Clues:
    """By what a line may be known. `token` is the item's by which the lot was marked."""

    lot_id: str
    token: str = ""
    part_number: str = ""
    item_type: str = ""
    color_id: int | None = None
    condition: str = ""

    @classmethod
    def of(cls, line: OrderLine) -> Clues:
        """The clues of a stored line, which keeps neither token nor type."""
        return cls(line.lot_id, part_number=line.part_number, color_id=line.color_id, condition=line.condition)

    @property
    def describes(self) -> bool:
        """Whether it says what was sold, of a lot that the shop does not name (any more)."""
        return bool(not self.lot_id and self.part_number and self.condition)


def match(shop: Shop, lines: Iterable[Clues]) -> dict[Clues, Match]:
    """The items of these lines, by lot, else by token, else by what they are where exactly one item can be it. A few statements.

    A lot that is not known to be ours is never taken for one of ours by what it is: shops hold lots that we know nothing of.
    """
    wanted = set(lines)
    by_lot = _by_lot(shop, {line.lot_id for line in wanted if line.lot_id})
    by_token = _by_token(shop, {line.token for line in wanted if line.token})
    found: dict[Clues, Match] = {}
    for line in wanted:
        same = by_lot.get(line.lot_id) or by_token.get(line.token)
        if same is not None:
            found[line] = same
    found.update(_by_description(shop, [line for line in wanted if line not in found and line.describes]))
    return found


def _by_lot(shop: Shop, lot_ids: set[str]) -> dict[str, Match]:
    if not lot_ids:
        return {}
    lots = Lot.objects.filter(shop=shop, lot_id__in=lot_ids).select_related("listing")
    return {lot.lot_id: Match(lot.listing.item_id, lot.listing_id, lot) for lot in lots}


def _by_token(shop: Shop, tokens: set[str]) -> dict[str, Match]:
    if not tokens:
        return {}
    items = Item.objects.filter(account=shop.account_id, token__in=tokens).values_list("token", "pk")
    return {token: Match(pk) for token, pk in items}


def _by_description(shop: Shop, lines: list[Clues]) -> dict[Clues, Match]:
    if not lines:
        return {}
    numbers = {line.part_number for line in lines}
    listed = Listing.objects.filter(Q(kept_off=False) | ~Q(lot_id=""), shop=shop, item__part_number__in=numbers)
    columns = ("item_id", "pk", "item__part_number", "item__item_type", "item__color_id", "item__condition")
    known: dict[str, list[tuple[Match, str, int, str]]] = defaultdict(list)
    for item, listing, number, kind, color, condition in listed.values_list(*columns):
        known[number].append((Match(item, listing), kind, color, condition))
    found = {}
    for line in lines:
        possible = [
            each
            for each, kind, color, condition in known[line.part_number]
            if condition == line.condition and line.item_type in ("", kind) and line.color_id in (None, color)
        ]
        if len(possible) == 1:
            found[line] = possible[0]
    return found
