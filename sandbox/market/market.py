"""A marketplace with one seller's store: how a call is counted, struck by faults, done and written down."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections import Counter, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.exchange import Answer, Feed, Request
from sandbox.journal import Journal
from sandbox.market import faults as market_faults
from sandbox.market.memory import Row
from sandbox.market.site import Site, whole
from sandbox.switches import Board

WRITES_KEPT = 50_000


class Market(Site):
    """A store that answers calls.

    `feeds` are the kinds of its calls, `writing` those of them that change something. It answers `limit` calls in `window` seconds, unless
    `set_limit` says otherwise. Subclasses know the wire.
    """

    feeds: tuple[str, ...]
    writing: frozenset[str]
    switches: Mapping[str, str]
    limit: int
    window: float

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.journal = Journal()
        known = {**market_faults.SWITCHES, **self.switches}
        self.board = Board(known, self.memory.table("settings").get("switches", {}).get("on", []), self._keep_switches)
        self._writes: deque[Row] = deque(maxlen=WRITES_KEPT)
        self._received = 0

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
    def done(self, answer: Answer) -> bool:
        """Whether an answer of `work` says that it was done."""

    def body_of(self, request: Request) -> Any:
        """What was sent, without secrets."""
        return dict(request.form)

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

    def _keep_switches(self) -> None:
        with self.lock:
            self.memory.put("settings", "switches", {"on": self.board.listed()})
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

    def do(self, action: str, given: Mapping[str, Any]) -> None:
        match action:
            case "limit":
                self.set_limit(given.get("calls", ""))
            case "reset":
                self.reset()
            case _:
                super().do(action, given)

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

    def close(self) -> None:
        with self.lock:
            self.memory.close()
