"""Finale Inventory as one system of the sandbox."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.exchange import Answer, Feed, Request
from sandbox.finale.account import real_now
from sandbox.finale.demo import demo
from sandbox.finale.door import COLLECTIONS, Door, feed_of, records_of
from sandbox.finale.faults import SWITCHES
from sandbox.finale.keys import ACCOUNT
from sandbox.finale.people import ACTIONS, done, number, tables
from sandbox.finale.world import World
from sandbox.journal import Journal
from sandbox.state import StateFile
from sandbox.switches import Board
from sandbox.system import Action, ActionError, Table


class Finale:
    """The account exampleco."""

    name = "finale"
    title = f"Finale Inventory, account {ACCOUNT}"
    feeds: tuple[str, ...] = (*COLLECTIONS.values(), *COLLECTIONS, "graphql", "report", "other")
    actions: Sequence[Action] = ACTIONS

    def __init__(self, folder: Path, world: World | None = None) -> None:
        self._file = StateFile(folder / "finale.json")
        kept = self._file.read()
        # Never asked for by who holds a world's lock; the file's lock always may be.
        self._lock, self._writing = threading.RLock(), threading.Lock()
        self._began = kept.get("began") or _text(real_now())
        self._actions: list[dict[str, Any]] = kept.get("actions", [])
        self._world = world
        self.journal = Journal()
        self.board = Board(SWITCHES, kept.get("switches", []), self._save)
        self.door = Door(self.board)

    @property
    def world(self) -> World:
        """What it is now. The demo is made when it is first asked for: it takes a moment."""
        if self._world is not None:
            return self._world
        with self._lock:
            if self._world is not None:
                return self._world
            world = demo(datetime.fromisoformat(self._began))
            for step in self._actions:
                # What was done to an older demo may not fit this one.
                with contextlib.suppress(ActionError):
                    world = self._after(world, step)
            self._world = world
            return world

    def have(self, world: World) -> None:
        """Be another world from now on: budgets unspent, no faults, nothing asked yet."""
        with self._lock:
            self._world = world
        self.door.forget()
        self.board.clear()
        self.journal.forget()

    def feed(self, request: Request) -> Feed:
        """The kind of call."""
        return feed_of(request)

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """What the account says."""
        return self.door.answer(self.world, request, faults)

    def overview(self) -> dict[str, Any]:
        """How much there is."""
        world = self.world
        with world.lock:
            return {
                "day": world.day,
                "products": len(world.products),
                "stockRows": len(world.stock),
                "orders": len(world.orders),
                "shipments": len(world.shipments),
                "vendors": len(world.parties),
            }

    def rows(self, table: str) -> list[dict[str, Any]] | None:
        """products, orders, shipments, vendors, places; stock with plain quantities; asked: what was asked for, with its filters."""
        world = self.world
        if table == "asked":
            return [{"feed": feed, "filter": wanted} for feed, wanted in self.door.asked]
        known = {"products": "product", "orders": "order", "shipments": "shipment", "vendors": "partygroup", "places": "facility"}
        with world.lock:
            if table == "stock":
                return [
                    {**key._asdict(), "sku": sku, "kind": kind, "quantity": quantity / 1000} for key, sku, kind, quantity in world.stock
                ]
            return records_of(world, known[table]).all() if table in known else None

    def tables(self) -> Sequence[Table]:
        """What people may want to see of it."""
        world = self.world
        with world.lock:
            return tables(world)

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """One of `actions`, or `limits` with get_minute, post_minute and collections_hour. Raises ActionError."""
        given = {name: value for name, value in arguments.items() if value not in ("", None)}
        if action == "limits":
            self._limit(given)
            return
        with self._lock:
            if action == "reset":
                self._began, self._actions, self._world = _text(real_now()), [], None
                self.have(self.world)
            else:
                step = {"action": action, "at": _text(real_now()), "given": given}
                self._world = self._after(self.world, step)
                self._actions = [*self._actions, step]
        self._save()

    def _after(self, world: World, step: Mapping[str, Any]) -> World:
        """The world after an action, as of its time. Raises ActionError."""
        at = datetime.fromisoformat(step["at"])
        with world.lock:
            now = world.now
            world.now = lambda: at
            try:
                return done(world, step["action"], step["given"])
            finally:
                world.now = now

    def _limit(self, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if name not in self.door.budgets.limits:
                raise ActionError(f"There is no budget “{name}”. There are: {', '.join(self.door.budgets.limits)}.")
            self.door.budgets.limits[name] = None if value == "none" else round(number(given, name, 0))

    def close(self) -> None:
        """Nothing is held open."""

    def _save(self) -> None:
        with self._writing:
            self._file.write({"began": self._began, "actions": self._actions, "switches": self.board.listed()})


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
