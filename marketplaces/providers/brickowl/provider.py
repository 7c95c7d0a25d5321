"""Brick Owl as a marketplace (docs/brickowl.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from inventory.models import Item
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import ColorMapping, Listing, PartMapping, Shop
from marketplaces.providers.brickowl import budgets, mapping
from marketplaces.providers.brickowl.calls import Calls
from marketplaces.providers.brickowl.client import BrickOwlRemote
from marketplaces.providers.brickowl.mapping import Known, Part
from marketplaces.providers.brickowl.reading import PAGE
from marketplaces.providers.brickowl.system import KEY, SYSTEM


class BrickOwl:
    """`marketplaces.provider.Provider` for Brick Owl."""

    key = KEY
    label = SYSTEM.label
    system = SYSTEM
    sets_quantities = True
    # Two looks with half a minute between them, also after a call that was silent for as long.
    settle_pauses: tuple[int, ...] = (5, 20, 80)
    lists_refunds = False

    def budgets(self, rules: Mapping[str, Any]) -> Sequence[tuple[str, int, int, int]]:
        """Calls a minute, and bulk calls a minute."""
        return budgets.budgets(rules)

    def wanted(self, item: Item, shop: Shop, rules: Mapping[str, Any]) -> Wanted | Refusal:
        """What the shop should show of the item. Three queries at most four."""
        return mapping.wanted(item, rules, _known(item, shop, rules))

    @contextmanager
    def open(self, shop: Shop) -> Iterator[BrickOwlRemote]:
        """A line to the shop. Raises CredentialsUnreadable, BadCredentials without a key, TargetRefused."""
        with Calls(shop.connection) as calls:
            yield BrickOwlRemote(shop, calls)

    def part_id(self, text: str) -> str:
        """A BOID without the colour that may stand behind its dash."""
        return text.strip().partition("-")[0]

    def link(self, lot_id: str, remote_number: str) -> str:
        """The page of what is sold, which shows its sellers; lots have none of their own."""
        return f"{PAGE}{remote_number}" if remote_number else ""


def _known(item: Item, shop: Shop, rules: Mapping[str, Any]) -> Known:
    part = PartMapping.objects.filter(shop=shop, item_type=item.item_type, part_number=item.part_number).first()
    color = ColorMapping.objects.filter(shop=shop, color_id=item.color_id).values_list("remote_id", flat=True).first()
    listed = Listing.objects.filter(shop=shop, item=item).exclude(lot_id="").values_list("told", flat=True).first()
    currency = shop.currency
    if rules["price_currency"] and not currency:
        # It may have been read since the caller read the shop.
        currency = Shop.objects.values_list("currency", flat=True).get(pk=shop.pk)
    return Known(
        part=None if part is None else Part(part.finding, part.remote_id, part.remote_type, len(part.candidates)),
        color=color or None,
        currency=currency,
        told=None if listed is None else listed.get("fields", {}),
    )


PROVIDER = BrickOwl()
