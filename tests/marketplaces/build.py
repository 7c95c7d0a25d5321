"""Items, and shops connected to the sandbox's stand-ins over real HTTP.

With the fixtures of conftest.py, in tests marked `django_db(transaction=True)` (a drain keeps its lease from a thread of its own):

    def test_price_reaches_bricklink(bricklink, bricklink_shop):
        item = make_item(bricklink_shop.account, price="0.125")
        bricklink.turn_on("500_after", times=1)
        drain(bricklink_shop)
        assert bricklink.only_lot()["unit_price"] == "0.1250"

Switches of both: sandbox/market/faults.py; of one: sandbox/bricklink/system.py, sandbox/brickowl/system.py; on the way an answer travels:
sandbox/switches.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from accounts.models import Account
from inventory.models import Item
from marketplaces import push
from marketplaces.models import Listing, Shop
from sandbox.bricklink import keys as bricklink_keys
from sandbox.bricklink.system import PREFIX as BRICKLINK_PREFIX
from sandbox.brickowl import keys as brickowl_keys
from sandbox.server import Sandbox
from sync import connections
from tests.build import make_account, make_actor

__all__ = [
    "StandIn",
    "connect_bricklink",
    "connect_brickowl",
    "drain",
    "hurry",
    "make_account",
    "make_item",
]


class StandIn:
    """A handle on one marketplace of a running sandbox: what it has, what it was sent, and what happens to it."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.name = name
        self.url = f"{sandbox.url}/{name}" + (BRICKLINK_PREFIX if name == "bricklink" else "/v1")
        self._system: Any = sandbox.systems[name]

    # What it has.

    def lots(self) -> list[dict[str, Any]]:
        """All lots, oldest first: BrickLink's with plain texts as they are kept, Brick Owl's as its list shows them, plus external_id."""
        return self._system.rows("lots")

    def lot(self, lot_id: object) -> dict[str, Any]:
        """That lot; fails when there is none."""
        return next(lot for lot in self.lots() if str(lot.get("inventory_id", lot.get("lot_id"))) == str(lot_id))

    def only_lot(self) -> dict[str, Any]:
        """The one lot there is; fails when there are more, or none."""
        (lot,) = self.lots()
        return lot

    def quantity(self, lot_id: object) -> int:
        """How many pieces it has; 0 where it is gone."""
        found = [lot for lot in self.lots() if str(lot.get("inventory_id", lot.get("lot_id"))) == str(lot_id)]
        return int(found[0].get("quantity", found[0].get("qty"))) if found else 0

    def orders(self) -> list[dict[str, Any]]:
        return self._system.rows("orders")

    # What it was sent.

    def writes(self, *kinds: str) -> list[dict[str, Any]]:
        """Every write that was carried out or refused, oldest first: kind (create, update, delete, batch, order-write), lot, body, done.

        Calls that a switch answered before the work are not among them; `calls` counts them.
        """
        return [row for row in self._system.rows("writes") if not kinds or row["kind"] in kinds]

    def calls(self, kind: str = "") -> int:
        """How many calls came in of that kind, or of all; failed ones too. Kinds: `feeds` of the system."""
        counted = self._system.journal.report()["feeds"]
        return counted.get(kind, 0) if kind else sum(counted.values())

    # What happens to it.

    def turn_on(self, name: str, **settings: Any) -> None:
        """Turn a fault on. Settings: `times` (else until turned off), `feeds` (kinds of calls), and those that its description names."""
        self._system.board.turn_on(name, settings)

    def turn_off(self, name: str) -> None:
        self._system.board.turn_off(name)

    def clear(self) -> None:
        """All faults off."""
        self._system.board.clear()

    def sell(self, lot_id: object, pieces: int = 1) -> str:
        """Somebody orders pieces of a lot, which is lowered: the order's number."""
        return self._system.sell(lot_id, pieces)

    def sell_several(self, *lots: tuple[object, int]) -> str:
        """One order of several lots."""
        return self._system.sell_several(lots)

    def grow(self, order: str, lot_id: object, pieces: int = 1) -> None:
        """The buyer adds to an order."""
        self._system.sell_several([(lot_id, pieces)], order=order)

    def set_status(self, order: str, status: str) -> None:
        """In the shop's own word."""
        self._system.set_status(order, status)

    def ship(self, order: str) -> None:
        self._system.ship(order)

    def cancel(self, order: str, *, restock: bool = False) -> None:
        """With `restock` the shop puts the pieces back into its lots by itself."""
        self._system.cancel(order, restock=restock)

    def refund(self, order: str, *arguments: Any) -> None:
        """Brick Owl: (line, pieces), by default one piece of the first line. BrickLink: the payment is returned."""
        self._system.refund(order, *arguments)

    def delete_lot(self, lot_id: object) -> None:
        self._system.delete_on_site(lot_id)

    def edit_lot(self, lot_id: object, **values: Any) -> None:
        """Somebody changes price, quantity, notes, place (Brick Owl also hidden, condition) on the site."""
        self._system.edit_on_site(lot_id, **values)

    def add_lot(self, **values: Any) -> str:
        """Somebody adds a lot on the site: its number. Values: the fields of the action add-lot."""
        return self._system.add_on_site(**values)

    def fill(self, lots: int, **values: Any) -> list[str]:
        """Somebody adds so many lots at once, alike but for their numbered places: their numbers."""
        return self._system.fill(lots, **values)

    def limit(self, calls: int) -> None:
        """Answer so many calls in a window."""
        self._system.set_limit(calls)


def connect_bricklink(sandbox: Sandbox, account: Account, *, name: str = "BrickLink store", **settings: Any) -> Shop:
    """A shop at the sandbox's BrickLink; `settings` of the connection."""
    url = f"{sandbox.url}/bricklink{BRICKLINK_PREFIX}"
    return _connect(account, "bricklink", name, url, settings, bricklink_keys.SECRETS)


def connect_brickowl(sandbox: Sandbox, account: Account, *, name: str = "Brick Owl store", **settings: Any) -> Shop:
    """A shop at the sandbox's Brick Owl; `settings` of the connection."""
    return _connect(account, "brickowl", name, f"{sandbox.url}/brickowl/v1", settings, brickowl_keys.SECRETS)


def _connect(account: Account, system: str, name: str, url: str, settings: dict[str, Any], secrets: dict[str, str]) -> Shop:
    made = connections.add(make_actor(account), system=system, name=name, base_url=url, settings=settings, secrets=secrets)
    return Shop.objects.select_related("connection", "account").get(connection=made)


def make_item(account: Account, **fields: Any) -> Item:
    """An item of twelve black bricks at 0.125, saved plainly: its listings at the account's shops are due at once."""
    given = {"part_number": "3001", "color_id": 11, "quantity_available": 12, "price": "0.125", **fields}
    item = Item.objects.create(account=account, **given)
    item.refresh_from_db()
    return item


def drain(shop: Shop) -> None:
    """Let the shop's drain work here and now until nothing is due within the seconds it waits for."""
    push.drain(shop.pk)


def hurry(shop: Shop) -> None:
    """As `drain`, after making due now what is due later, and ending a rest: as if time had passed."""
    Shop.objects.filter(pk=shop.pk).update(resting_until=None)
    Listing.objects.filter(shop=shop, due_at__isnull=False).update(due_at=Now())
    drain(shop)
