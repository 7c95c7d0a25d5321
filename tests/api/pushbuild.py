"""Items and shops for the tests of the API, in plain lines. Nothing is ever sent."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from inventory import items
from inventory.models import Item
from marketplaces.lots import RemoteLot
from marketplaces.models import (
    Attempt,
    AttemptState,
    Difference,
    Listing,
    Lot,
    Operation,
    Order,
    OrderLine,
    Shop,
    Verification,
    VerificationStatus,
)
from marketplaces.push.carrying import note
from marketplaces.verify.keeping import as_json
from sync.models import CallBudget, Connection
from tests.build import make_actor


def make_item(account: Account, part_number: str = "3001", **fields: Any) -> Item:
    """Ten bricks at 0.125, unless told otherwise."""
    given = {"name": "Brick 2 x 4", "color_id": 5, "quantity_available": 10, "price": "0.125", **fields}
    return items.add(make_actor(account), part_number=part_number, **given)


def make_shop(account: Account, name: str = "North bricks", system: str = "bricklink", **values: Any) -> Shop:
    """A shop whose address leads nowhere."""
    connection = Connection.objects.create(account=account, system=system, name=name, base_url="http://127.0.0.1:1")
    Shop.objects.get_or_create(connection=connection, defaults={"account": account})
    Shop.objects.filter(connection=connection).update(**values)
    return Shop.objects.select_related("connection").get(connection=connection)


def make_budget(shop: Shop, **values: Any) -> CallBudget:
    """A day's calls; none of them spent."""
    given = {"window_seconds": 86400, "limit": 100, "reserved": 10, **values}
    CallBudget.objects.filter(connection=shop.connection).delete()
    return CallBudget.objects.create(account=shop.account, connection=shop.connection, name="day", **given)


def make_listing(shop: Shop, item: Item | None = None, **values: Any) -> Listing:
    """What the shop has been told of an item: all of it, unless told otherwise."""
    item = item or make_item(shop.account)
    given = {"state": "synced", "lot_id": f"7000{item.pk}{shop.pk}", "told_quantity": 10, "told_price": "0.125", "due_at": None, **values}
    Listing.objects.update_or_create(shop=shop, item=item, defaults={"account": shop.account, **given})
    return Listing.objects.get(shop=shop, item=item)


def make_attempt(listing: Listing, state: str = AttemptState.SUCCEEDED, **values: Any) -> Attempt:
    given = {
        "operation": Operation.UPDATE,
        "fence": 1,
        "item_version": 1,
        "correlation": uuid.uuid4(),
        "started_at": timezone.now(),
        **values,
    }
    attempt = Attempt.objects.create(account_id=listing.account_id, shop=listing.shop, listing=listing, state=state, **given)
    note([attempt])
    return attempt


def make_lot(listing: Listing, lot_id: str = "") -> Lot:
    """One that we have made."""
    since = timezone.now() - timedelta(days=9)
    given = {"account_id": listing.account_id, "listing": listing, "origin": "created", "since": since}
    return Lot.objects.create(shop=listing.shop, lot_id=lot_id or listing.lot_id, **given)


def make_order(shop: Shop, order_id: str = "2600001", **values: Any) -> Order:
    now = timezone.now()
    given = {"status": "PENDING", "ordered_at": now, "imported_at": now, "buyer": "brickfan", "pieces": 3, "lot_count": 1, **values}
    return Order.objects.create(account=shop.account, shop=shop, order_id=order_id, **given)


def make_line(order: Order, **values: Any) -> OrderLine:
    """Three pieces that nobody knows."""
    given = {"key": f"l{OrderLine.objects.count()}", "lot_id": "799", "part_number": "3001", "color_id": 5, "quantity": 3, **values}
    return OrderLine.objects.create(account_id=order.account_id, order=order, **given)


def make_verification(shop: Shop, status: str = VerificationStatus.SUCCEEDED, **values: Any) -> Verification:
    return Verification.objects.create(account=shop.account, shop=shop, status=status, asked_by="Mara", queued_at=timezone.now(), **values)


def make_difference(run: Verification, kind: str = "unknown_lot", **values: Any) -> Difference:
    """A lot of four pieces at 0.200; `lot` says more about it."""
    given = {"lot_id": "798", "label": "3001 Brick 2 x 4", **values}
    given["lot"] = as_json(RemoteLot(given["lot_id"], 4, {}, {"price": "0.200"}, **given.get("lot", {})))
    return Difference.objects.create(account_id=run.account_id, verification=run, shop=run.shop, kind=kind, **given)
