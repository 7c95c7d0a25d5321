"""A marketplace with one seller's store: what both stand-ins do alike. Subclasses know the wire and what a lot looks like there."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from sandbox.exchange import Answer, Feed, Request
from sandbox.journal import Journal
from sandbox.market import faults as market_faults
from sandbox.market.memory import Memory, Row
from sandbox.switches import Board
from sandbox.system import Action, ActionError, Table

WRITES_KEPT = 50_000


class Market(ABC):
    """One seller's store.

    `feeds` are the kinds of its calls. Lots and orders are rows of `memory`; all that reads or changes them holds `lock`.
    """

    name: str
    title: str
    feeds: tuple[str, ...]
    writing: frozenset[str]
    """The kinds of calls that change something."""
    switches: Mapping[str, str]
    limit: int
    window: float
    """So many calls are answered in so many seconds, unless `set_limit` says otherwise."""
    actions: Sequence[Action]

    def __init__(self, folder: Path) -> None:
        self.lock = threading.RLock()
        self.memory = Memory(folder / f"{self.name}.jsonl")
        self.journal = Journal()
        known = {**market_faults.SWITCHES, **self.switches}
        self.board = Board(known, self.memory.table("settings").get("switches", {}).get("on", []), self._keep_switches)
        self._writes: deque[Row] = deque(maxlen=WRITES_KEPT)
        self._received = 0
        self._chance = Random(f"levelstock sandbox {self.name}")

    # What a subclass says of its marketplace.

    @abstractmethod
    def feed(self, request: Request) -> Feed:
        """The kind of call."""

    @abstractmethod
    def refused(self, request: Request, feed: Feed) -> Answer | None:
        """Why this caller may not do this at all: login and rights."""

    @abstractmethod
    def work(self, request: Request, feed: Feed, faults: list[str]) -> Answer:
        """Do what is asked. Called with the lock held."""

    @abstractmethod
    def over_limit(self) -> Answer:
        """The answer when too many calls were made."""

    @abstractmethod
    def refusal(self, kind: str, status: int = 500) -> Answer:
        """The answer of the switch `kind`: error_in_200, wrong_secret or no_permission."""

    @abstractmethod
    def lot_of(self, request: Request, answer: Answer | None = None) -> str:
        """The lot that a call is about, or that its answer says was made; blank for none."""

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

    # The way of a call.

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """Count the call, and let switches and the marketplace answer it."""
        feed = self.feed(request)
        within = self._counted(feed)
        answer = market_faults.instead(self.board, feed, faults)
        if answer is not None:
            return answer
        for kind in ("wrong_secret", "no_permission", "error_in_200"):
            switch = self.board.take(kind, feed.kind)
            if switch is not None:
                faults.append(kind)
                return self.refusal(kind, switch.status)
        if not within:
            return self.over_limit()
        with self.lock:
            refused = self.refused(request, feed)
            if refused is not None:
                return refused
            self._meanwhile(request, feed, faults)
            answer = self.work(request, feed, faults)
            if feed.kind in self.writing:
                self._bought_after(request, feed, answer, faults)
                self._wrote(request, feed, answer)
            self.memory.commit()
        return market_faults.afterwards(self.board, feed, answer, faults) if feed.kind in self.writing else answer

    def _counted(self, feed: Feed) -> bool:
        """Whether this call is still within the limit; it counts either way."""
        now = time.time()
        with self.lock:
            self.memory.add("calls", [now, feed.kind])
            self.memory.commit()
            return self._recent(now) <= self.limit_now

    def _recent(self, now: float) -> int:
        calls = self.memory.series("calls")
        while calls and calls[0][0] <= now - self.window:
            calls.popleft()
        return len(calls)

    @property
    def limit_now(self) -> int:
        """How many calls are answered in a window."""
        return int(self.memory.table("settings").get("limit", {}).get("calls", self.limit))

    def _meanwhile(self, request: Request, feed: Feed, faults: list[str]) -> None:
        """What happens on the site just before a call is carried out."""
        if feed.kind not in ("update", "delete"):
            return
        key = self.lot_of(request)
        lot = self.memory.table("lots").get(key)
        if lot is None:
            return
        switch = self.board.take("sale_before", feed.kind) if self.quantity_of(lot) else None
        if switch is not None:
            faults.append("sale_before")
            self.sell(key, min(switch.size or 1, self.quantity_of(lot)))
        if feed.kind != "update":
            return
        switch = self.board.take("quantity_changed", feed.kind)
        if switch is not None and key in self.memory.table("lots"):
            faults.append("quantity_changed")
            self.with_quantity(key, max(0, self.quantity_of(self.memory.table("lots")[key]) + (switch.size or 1)))
        if self.board.take("lot_deleted", feed.kind) is not None:
            faults.append("lot_deleted")
            self.memory.cut("lots", key)

    def _bought_after(self, request: Request, feed: Feed, answer: Answer, faults: list[str]) -> None:
        key = self.lot_of(request, answer)
        lot = self.memory.table("lots").get(key)
        if feed.kind not in ("create", "update") or lot is None or not self.quantity_of(lot):
            return
        switch = self.board.take("sale_after", feed.kind)
        if switch is not None:
            faults.append("sale_after")
            self.sell(key, min(switch.size or 1, self.quantity_of(lot)))

    def _wrote(self, request: Request, feed: Feed, answer: Answer) -> None:
        self._received += 1
        self._writes.append(
            {
                "number": self._received,
                "at": time.time(),
                "kind": feed.kind,
                "method": request.method,
                "path": request.path,
                "lot": self.lot_of(request, answer),
                "body": self.body_of(request),
                "done": self.done(answer),
            }
        )

    def body_of(self, request: Request) -> Any:
        """What was sent, without secrets."""
        return dict(request.form)

    @abstractmethod
    def done(self, answer: Answer) -> bool:
        """Whether an answer of `work` says that it was done."""

    def _keep_switches(self) -> None:
        with self.lock:
            self.memory.put("settings", "switches", {"on": self.board.listed()})
            self.memory.commit()

    # What happens on the site.

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
    def on_sale(self, lot: Row) -> bool:
        """Whether buyers can have some of it."""

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

    def set_limit(self, calls: object) -> None:
        """Answer so many calls in a window from now on. Raises ActionError."""
        with self.lock:
            self.memory.put("settings", "limit", {"calls": whole(calls, "calls")})
            self.memory.commit()

    def reset(self) -> None:
        """An empty store, no orders, no calls, nothing switched on."""
        with self.lock:
            self.memory.clear()
            self._writes.clear()
            self._received = 0
        self.board.clear()
        self.journal.forget()

    # What control page and tests get to see.

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
        """Carry out a known action."""
        match action:
            case "sell":
                self.sell(given.get("lot", ""), given.get("pieces", 1))
            case "sell-random":
                self.sell_at_random()
            case "grow-order":
                self.sell_several([(given.get("lot", ""), given.get("pieces", 1))], order=given.get("order", ""))
            case "delete-lot":
                self.delete_on_site(given.get("lot", ""))
            case "edit-lot":
                self.edit_on_site(**{"lot": "", **given})
            case "limit":
                self.set_limit(given.get("calls", ""))
            case _:
                self.reset()

    def rows(self, table: str) -> list[Row] | None:
        """All rows of `lots`, `orders` or `writes`, None for any other name."""
        with self.lock:
            if table == "writes":
                return [dict(row) for row in self._writes]
            if table in ("lots", "orders"):
                return [self.shown(table, key) for key in self.memory.table(table)]
        return None

    def counts(self) -> dict[str, int]:
        """Calls per kind, within the window."""
        with self.lock:
            self._recent(time.time())
            return dict(Counter(kind for _, kind in self.memory.series("calls")))

    def overview(self) -> dict[str, Any]:
        """Lots, pieces, orders, and calls against their limit."""
        with self.lock:
            lots = self.memory.table("lots")
            return {
                "lots": len(lots),
                "pieces": sum(self.quantity_of(lot) for lot in lots.values()),
                "orders": len(self.memory.table("orders")),
                "callsByKind": self.counts(),
                "callsInWindow": self._recent(time.time()),
                "limit": self.limit_now,
            }

    @abstractmethod
    def tables(self) -> Sequence[Table]:
        """What the control page shows of lots and orders."""

    def close(self) -> None:
        with self.lock:
            self.memory.close()

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
