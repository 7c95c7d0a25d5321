"""A store at Brick Owl in plain lines: items that were never saved, and lots and answers as Brick Owl writes them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from inventory.models import Item
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import PartFinding
from marketplaces.providers.brickowl.mapping import Known, Part, wanted
from marketplaces.providers.brickowl.system import SYSTEM
from tests.sync.wire.server import Behaviour, Seen

KEY = "owl-key-7QX-never-shown"
BRICK = Part(PartFinding.FOUND, "900001", "Part")

LISTED: dict[str, Any] = {
    "lot_id": "55500123",
    "boid": "900001-38",
    "type": "Part",
    "con": "new",
    "full_con": "new",
    "qty": "12",
    "price": "0.113",
    "base_price": "0.125",
    "final_price": "0.113",
    "sale_percent": "10",
    "for_sale": "1",
    "bulk_qty": "1",
    "tier_price": [["50", "0.110"], ["100", "0.100"]],
    "public_note": "",
    "personal_note": "A-12",
    "my_cost": None,
    "lot_weight": None,
    "reserve_uid": "0",
    "external_lot_ids": {"other": "ls-7f3c2a99"},
    "ids": [{"id": "3001", "type": "design_id"}, {"id": "3001b", "type": "bl_item_no"}],
    "owl_id": "900001",
    "url": "https://www.brickowl.com/boid/900001-38",
}


def make_brick(**fields: Any) -> Item:
    """Twelve black bricks at 0.125, nowhere saved."""
    given = {"part_number": "3001", "color_id": 11, "quantity_available": 12, "price": Decimal("0.125"), **fields}
    return Item(**given)


def asked(item: Item, *, part: Part | None = BRICK, color: str | None = "38", currency: str = "", told: Any = None, **settings: Any) -> Any:
    """What `wanted` says of the item, for a shop with these settings."""
    return wanted(item, SYSTEM.complete(settings), Known(part=part, color=color, currency=currency, told=told))


def lot_of(item: Item, **known: Any) -> Wanted:
    found = asked(item, **known)
    assert isinstance(found, Wanted), found
    return found


def refusal_of(item: Item, **known: Any) -> Refusal:
    found = asked(item, **known)
    assert isinstance(found, Refusal), found
    return found


def error(code: int, value: object, **headers: str) -> Behaviour:
    """An answer of that status with a JSON body."""
    return lambda handler: handler.say(code, json.dumps(value).encode(), **headers)


def empty(code: int = 200) -> Behaviour:
    """An answer that says nothing."""
    return lambda handler: handler.say(code, b"", "")


def form_of(seen: Seen) -> dict[str, str]:
    """The fields of a form as they came."""
    return dict(parse_qsl(seen.body.decode(), keep_blank_values=True, strict_parsing=True))


def query_of(seen: Seen) -> dict[str, str]:
    return dict(parse_qsl(seen.query, keep_blank_values=True, strict_parsing=True))
