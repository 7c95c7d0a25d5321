"""A store at BrickLink in plain lines: items that were never saved, answers as BrickLink writes them, and a store that answers as told."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from inventory.models import Item
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import Shop
from marketplaces.providers.bricklink.mapping import Known, wanted
from marketplaces.providers.bricklink.system import SYSTEM
from sync import connections
from tests.build import make_account, make_actor
from tests.sync.wire.server import Behaviour, Server

TOKEN = "k7f3c2mq"
SECRETS = {
    "consumer_key": "CKEY0000000000000000000000000001",
    "consumer_secret": "csecret-one",
    "token_value": "TOKEN000000000000000000000000001",
    "token_secret": "tsecret-two",
}
PATH = "/api/store/v1"

LOT: dict[str, Any] = {
    "inventory_id": 700000123,
    "item": {"no": "3001", "name": "Brick 2 x 4 &#40;old&#41;", "type": "PART", "category_id": 5},
    "color_id": 11,
    "color_name": "Black",
    "quantity": 12,
    "new_or_used": "N",
    "unit_price": "0.1250",
    "bind_id": 0,
    "description": "Seller&#39;s best",
    "remarks": "A-12 #k7f3c2mq",
    "bulk": 1,
    "is_retain": False,
    "is_stock_room": False,
    "date_created": "2026-03-04T05:06:07.890Z",
    "my_cost": "0.0000",
    "sale_rate": 0,
    "tier_quantity1": 50,
    "tier_price1": "0.1100",
    "tier_quantity2": 0,
    "tier_price2": "0.0000",
    "tier_quantity3": 0,
    "tier_price3": "0.0000",
    "my_weight": "0.0000",
}


def settings(**given: Any) -> dict[str, Any]:
    return SYSTEM.complete(given)


def make_brick(**fields: Any) -> Item:
    """Twelve black bricks at 0.125, nowhere saved."""
    given = {"part_number": "3001", "color_id": 11, "quantity_available": 12, "price": Decimal("0.125"), **fields}
    return Item(**given)


def asked(item: Item, *, color: int | None = 11, currency: str = "", number: str = "", told: Any = None, **given: Any) -> Any:
    """What `wanted` says of the item, for a shop with these settings."""
    return wanted(item, settings(**given), Known(number=number, color=color, currency=currency, told=told))


def lot_of(item: Item, **known: Any) -> Wanted:
    found = asked(item, **known)
    assert isinstance(found, Wanted), found
    return found


def refusal_of(item: Item, **known: Any) -> Refusal:
    found = asked(item, **known)
    assert isinstance(found, Refusal), found
    return found


def envelope(code: int, data: Any = None, *, description: str = "", message: str = "", http: int = 200, **headers: str) -> Behaviour:
    """An answer in BrickLink's form, by default with HTTP 200 whatever its code."""
    said = {"meta": {"description": description, "message": message, "code": code}, **({} if data is None else {"data": data})}
    return lambda handler: handler.say(http, json.dumps(said).encode(), "application/json;charset=UTF-8", **headers)


def make_shop(server: Server, **given: Any) -> Shop:
    """A shop of a new account at that server, with what its marketplace's connection brings."""
    connection = connections.add(
        make_actor(make_account()), system="bricklink", name="North", base_url=f"{server.url}{PATH}", settings=given, secrets=SECRETS
    )
    return Shop.objects.select_related("connection").get(connection=connection)
