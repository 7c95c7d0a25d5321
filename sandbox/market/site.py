"""A seller's store as people work with it: buyers who order, and the seller on the marketplace's own pages."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from sandbox.market.memory import Memory, Row
from sandbox.system import Action, ActionError, Table


class Site(ABC):
    """One seller's store. Lots and orders are rows of `memory`; all that reads or changes them holds `lock`."""

    name: str
    title: str
    actions: Sequence[Action]

    def __init__(self, folder: Path) -> None:
        self.lock = threading.RLock()
        self.memory = Memory(folder / f"{self.name}.jsonl")
        self._chance = Random(f"levelstock sandbox {self.name}")

    @abstractmethod
    def sold(self, lots: Sequence[tuple[Row, int]], order: Row | None) -> str:
        """Make an order of these lots and pieces, or add them to `order`; its number."""

    @abstractmethod
    def quantity_of(self, lot: Row) -> int:
        """How many pieces it has."""

    @abstractmethod
    def with_quantity(self, key: str, quantity: int) -> None:
        """Keep the lot with that many pieces; with none, what the marketplace does with an empty lot."""

    @abstractmethod
    def edited(self, lot: Row, values: Mapping[str, Any]) -> Row:
        """The lot as somebody changed it on the site: price, quantity, notes, place. Raises ActionError."""

    @abstractmethod
    def shown(self, table: str, key: str) -> Row:
        """A row of lots or orders as control page and tests see it."""

    @abstractmethod
    def on_sale(self, lot: Row) -> bool:
        """Whether buyers can have some of it."""

    @abstractmethod
    def tables(self) -> Sequence[Table]:
        """What the control page shows of lots and orders."""

    def lot(self, key: object) -> Row:
        """The lot of that number. Raises ActionError."""
        row = self.memory.table("lots").get(str(key).strip())
        if row is None:
            raise ActionError(f"There is no lot “{key}”.")
        return row

    def order(self, key: object) -> Row:
        """The order of that number; blank is the newest. Raises ActionError."""
        orders = self.memory.table("orders")
        if not str(key).strip() and orders:
            return orders[next(reversed(orders))]
        row = orders.get(str(key).strip())
        if row is None:
            raise ActionError(f"There is no order “{key}”.")
        return row

    def sell(self, lot: object, pieces: object = 1) -> str:
        """Somebody orders so many pieces of a lot, which is lowered; the order's number. Raises ActionError."""
        return self.sell_several([(lot, pieces)])

    def sell_several(self, wanted: Sequence[tuple[object, object]], *, order: object = None) -> str:
        """As `sell`, of several lots in one order, or, with `order`, added to that one. Raises ActionError."""
        with self.lock:
            into = None if order is None else self.order(order)
            taken: list[tuple[Row, int]] = []
            left: dict[str, int] = {}
            for key, pieces in wanted:
                row, bought = self.lot(key), whole(pieces, "pieces", least=1)
                name = str(key).strip()
                left[name] = left.get(name, self.quantity_of(row)) - bought
                if left[name] < 0:
                    raise ActionError(f"Lot {name} has {self.quantity_of(row)} pieces, not {bought}.")
                taken.append((row, bought))
            number = self.sold(taken, into)
            for name, quantity in left.items():
                self.with_quantity(name, quantity)
            self.memory.commit()
            return number

    def sell_at_random(self) -> str:
        """Somebody orders one to three pieces of any lot on sale; the order's number. Raises ActionError when there is none."""
        with self.lock:
            keys = [key for key, row in self.memory.table("lots").items() if self.on_sale(row)]
            if not keys:
                raise ActionError("No lot is on sale.")
            key = self._chance.choice(keys)
            return self.sell(key, min(self._chance.randint(1, 3), self.quantity_of(self.lot(key))))

    @abstractmethod
    def add_on_site(self, **values: Any) -> str:
        """Somebody adds a lot on the site; its number. Raises ActionError."""

    def fill(self, lots: object, **values: Any) -> list[str]:
        """Somebody adds so many lots at once, all alike but for their places, which are numbered; their numbers. Raises ActionError."""
        place = str(values.pop("place", "B-"))
        with self.lock:
            return [self.add_on_site(**values, place=f"{place}{number}") for number in range(1, whole(lots, "lots", least=1) + 1)]

    def delete_on_site(self, lot: object) -> None:
        """Somebody deletes a lot on the site. Raises ActionError."""
        with self.lock:
            self.lot(lot)
            self.memory.cut("lots", str(lot).strip())
            self.memory.commit()

    def edit_on_site(self, lot: object, **values: Any) -> None:
        """Somebody changes a lot on the site: price, quantity, notes, place. Raises ActionError."""
        with self.lock:
            given = {name: value for name, value in values.items() if value not in ("", None)}
            row = self.edited(self.lot(lot), given)
            key = str(lot).strip()
            self.memory.put("lots", key, row)
            if "quantity" in given:
                self.with_quantity(key, whole(given["quantity"], "quantity"))
            self.memory.commit()

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """One of `actions`. Raises ActionError."""
        known = {each.name: each for each in self.actions}
        if action not in known:
            raise ActionError(f"There is no action “{action}”. There are: {', '.join(known)}.")
        given = {name: value for name, value in arguments.items() if value not in ("", None)}
        unknown = [name for name in given if name not in known[action].fields]
        if unknown:
            raise ActionError(f"“{action}” has no “{unknown[0]}”.")
        self.do(action, given)

    def do(self, action: str, given: Mapping[str, Any]) -> None:
        """Carry out a known action. Raises ActionError."""
        match action:
            case "sell":
                self.sell(given.get("lot", ""), given.get("pieces", 1))
            case "sell-random":
                self.sell_at_random()
            case "grow-order":
                self.sell_several([(given.get("lot", ""), given.get("pieces", 1))], order=given.get("order", ""))
            case "add-lot":
                self.add_on_site(**given)
            case "fill":
                self.fill(**{"lots": "", **given})
            case "delete-lot":
                self.delete_on_site(given.get("lot", ""))
            case "edit-lot":
                self.edit_on_site(**{"lot": "", **given})

    def next_number(self, name: str, first: int) -> int:
        """The next free number of that kind."""
        number = int(self.memory.table("numbers").get(name, {}).get("last", first - 1)) + 1
        self.memory.put("numbers", name, {"last": number})
        return number


def whole(value: object, name: str, *, least: int = 0) -> int:
    """`value` as a whole number. Raises ActionError naming it."""
    try:
        number = int(str(value).strip())
    except ValueError:
        number = least - 1
    if number < least:
        raise ActionError(f"“{value}” is no {name}: give a whole number from {least} on.")
    return number
