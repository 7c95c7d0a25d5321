"""BrickLink as a marketplace to push to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from inventory.models import Item
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import ColorMapping, Listing, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.provider import Remote
from marketplaces.providers.bricklink import mapping, system
from marketplaces.providers.bricklink.client import BrickLink, Calls, session
from marketplaces.providers.bricklink.reading import lot_address
from sync.systems import values_of

DAY = 86_400


class BrickLinkProvider:
    """Satisfies marketplaces.provider.Provider."""

    key = system.KEY
    label = system.LABEL
    system = system.SYSTEM
    sets_quantities = False
    settle_pauses: tuple[int, ...] = (5, 15, 75)
    lists_refunds = True

    def budgets(self, rules: Mapping[str, Any]) -> Sequence[tuple[str, int, int, int]]:
        """One: calls in any 24 hours."""
        limit = int(rules["budget_day"])
        return [("day", DAY, limit, min(int(rules["budget_reserved"]), limit - 1))]

    def wanted(self, item: Item, shop: Shop, rules: Mapping[str, Any]) -> Wanted | Refusal:
        """What BrickLink should show of the item. Sends nothing; four small queries at most."""
        listing = Listing.objects.filter(shop=shop, item=item).values("lot_id", "told").first() if item.pk else None
        known = mapping.Known(
            number=_number(shop, item),
            color=_color(shop, item.color_id),
            currency=shop.currency,
            told=(listing["told"].get("identity") or {}) if listing and listing["lot_id"] else None,
        )
        return mapping.wanted(item, rules, known)

    @contextmanager
    def open(self, shop: Shop) -> Iterator[Remote]:
        """A line to the store. Raises CredentialsUnreadable, BadCredentials, TargetRefused."""
        with session(shop.connection) as wire:
            yield BrickLink(shop, Calls(wire), values_of(shop.connection))

    def part_id(self, text: str) -> str:
        """A number of the catalogue, which says by its suffix which set of that number is meant."""
        return text.strip()

    def link(self, lot_id: str, remote_number: str) -> str:
        """The lot's page at BrickLink."""
        return lot_address(lot_id) if lot_id else ""


def _number(shop: Shop, item: Item) -> str:
    entered = PartMapping.objects.filter(
        shop=shop, item_type=item.item_type, part_number=item.part_number, origin=MappingOrigin.OVERRIDE, finding=PartFinding.FOUND
    )
    return entered.values_list("remote_id", flat=True).first() or ""


def _color(shop: Shop, color_id: int) -> int | None:
    """The colour there; None when BrickLink's list, which is known, does not have it."""
    if not color_id:
        return 0
    rows = ColorMapping.objects.filter(shop=shop).exclude(remote_id="")
    remote_id = rows.filter(color_id=color_id).values_list("remote_id", flat=True).first()
    if remote_id is not None:
        return int(remote_id) if remote_id.isascii() and remote_id.isdigit() else None
    return None if rows.exists() else color_id


PROVIDER = BrickLinkProvider()
