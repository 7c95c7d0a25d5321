"""What a shop and we say about a lot, in words that all marketplaces share. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

FIELDS = ("price", "notes", "location", "hidden", "bulk", "sale_percent", "tiers", "cost", "condition")
"""The fields of a lot besides its quantity that can be told to a shop (docs/push.md).

As JSON holds them: `price` and `cost` are text with three decimals, `tiers` a list of [quantity, price as text], `hidden` true or false,
`condition` the shop's own code where it can be changed there.
"""

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What a shop should show of an item.

    `identity` is what can't be changed of a lot there, as JSON: where it differs, another lot is needed. `quantity` is in pieces. `fields`
    holds those of FIELDS that we manage; the others are the shop's own. `warnings` are sentences on what the shop can't show as it is, such
    as a text that was cut.
    """

    identity: Mapping[str, Any]
    quantity: int
    fields: Fields
    warnings: tuple[str, ...] = ()

    def without_quantity(self) -> dict[str, Any]:
        """As `Listing.told` keeps it."""
        return {"identity": dict(self.identity), "fields": dict(self.fields)}


@dataclass(frozen=True)
class Refusal:
    """Why an item can't be shown at a shop, before anything is sent. `state` is the ListingState it leads to."""

    state: str
    code: str
    sentence: str
    hint: str = ""


@dataclass(frozen=True)
class RemoteLot:
    """A lot as a shop shows it. `identity` as in Wanted; `fields` may hold all of FIELDS that the shop tells.

    `part_number`, `item_type`, `color_id`, `condition` ("new" or "used") and `completeness` are in our words, None or blank where they
    can't be translated. `token` is the item's by which we marked the lot, `others` further marks that somebody else has put there.
    """

    lot_id: str
    quantity: int
    identity: Mapping[str, Any]
    fields: Fields
    part_number: str = ""
    item_type: str = ""
    color_id: int | None = None
    condition: str = ""
    completeness: str = ""
    name: str = ""
    token: str = ""
    others: tuple[str, ...] = ()
    created_at: datetime | None = None
    url: str = ""


@dataclass(frozen=True)
class Created:
    """A shop has made a lot. `fields` names those of Wanted.fields that it was told with it; `seen` is the lot where it was shown."""

    lot_id: str
    fields: frozenset[str]
    seen: RemoteLot | None = None


@dataclass(frozen=True)
class RemoteOrder:
    """An order in a shop's list. `phase` is the OrderPhase that its status means, `digest` changes whenever the list's line does."""

    order_id: str
    status: str
    phase: str
    ordered_at: datetime
    digest: str
    changed_at: datetime | None = None
    buyer: str = ""
    pieces: int = 0
    lot_count: int = 0
    currency: str = ""
    subtotal: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True)
class RemoteLine:
    """A line of an order. `key` is the same whenever the order is read, whatever the order of its lines."""

    key: str
    lot_id: str
    quantity: int
    refunded: int = 0
    token: str = ""
    part_number: str = ""
    item_type: str = ""
    color_id: int | None = None
    condition: str = ""
    name: str = ""
    unit_price: Decimal | None = None


@dataclass(frozen=True)
class Store:
    """Who the shop says we are."""

    name: str = ""
    currency: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)
