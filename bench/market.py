"""The marketplaces of the sandbox, from a program: what they have, what happens there, and a business account that sells at both."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from accounts.acting import Actor
from accounts.membership import create_account
from accounts.models import Account
from sandbox.bricklink import keys as bricklink_keys
from sandbox.bricklink.system import PREFIX
from sandbox.brickowl import keys as brickowl_keys

PARTS = ("3001", "3003", "3004")
BLACK = 11
BUDGET = 100_000
"""Calls that the accounts of measurements may make: what is measured is not the waiting for more."""


@dataclass(frozen=True)
class Lot:
    """One lot at a marketplace."""

    lot_id: str
    token: str
    quantity: int
    price: str
    hidden: bool
    place: str


class Market:
    """One marketplace of the sandbox at this address."""

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self._address = f"{address}/_control/{name}"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Do `action` (sell, reset, switch, clear …) and give the state after it."""
        body, kind = json.dumps(arguments).encode(), {"Content-Type": "application/json", "Accept": "application/json"}
        with self._opener.open(urllib.request.Request(f"{self._address}/{action}", data=body, headers=kind), timeout=60) as reply:
            state: dict[str, Any] = json.load(reply)
        return state

    def calls(self) -> dict[str, int]:
        """How many calls came in, by kind."""
        with self._opener.open(urllib.request.Request(self._address, headers={"Accept": "application/json"}), timeout=60) as reply:
            counted: dict[str, int] = json.load(reply)["feeds"]
        return counted

    def lots(self) -> list[Lot]:
        """All lots there, sold out ones too."""
        with self._opener.open(f"{self._address}/lots", timeout=60) as reply:
            rows: list[dict[str, Any]] = json.load(reply)
        return [_bricklink(row) if self.name == "bricklink" else _brickowl(row) for row in rows]


def _bricklink(row: dict[str, Any]) -> Lot:
    place, _, token = str(row["remarks"]).rpartition("#")
    price = f"{float(row['unit_price']):.3f}"
    return Lot(str(row["inventory_id"]), token, int(row["quantity"]), price, bool(row["is_stock_room"]), place.strip() or token)


def _brickowl(row: dict[str, Any]) -> Lot:
    token = str(row.get("external_id") or "").removeprefix("ls-")
    return Lot(
        str(row["lot_id"]),
        token,
        int(row["qty"]),
        f"{float(row['base_price']):.3f}",
        row["for_sale"] in ("0", 0, False),
        str(row["personal_note"]),
    )


@dataclass(frozen=True)
class Seller:
    """A business account with a shop at each marketplace of the sandbox."""

    account: Account
    owner: Actor
    shops: dict[str, Any]


def open_shops(sandbox: str, name: str = "Bench") -> Seller:
    """A new account that sells at both; `sandbox` is the address of the running sandbox."""
    from marketplaces.models import Shop
    from sync import connections

    account = create_account(name=name)
    owner = Actor.system(account, "Bench")
    places = {
        "bricklink": (f"{sandbox}/bricklink{PREFIX}", bricklink_keys.SECRETS, {"budget_day": BUDGET}),
        "brickowl": (f"{sandbox}/brickowl/v1", brickowl_keys.SECRETS, {"budget_minute": 600}),
    }
    shops = {}
    for system, (url, secrets, settings) in places.items():
        made = connections.add(owner, system=system, name=system, base_url=url, secrets=secrets, settings=settings)
        shops[system] = Shop.objects.select_related("connection").get(connection=made)
    return Seller(account, owner, shops)


def widen(seller: Seller) -> None:
    """Let the call budgets of these shops never run out."""
    from sync.models import CallBudget

    CallBudget.objects.filter(connection__shop__account=seller.account).update(limit=BUDGET, reserved=0)
