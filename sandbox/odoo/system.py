"""Odoo as one system of the sandbox."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.exchange import Answer, Feed, Request
from sandbox.journal import Journal
from sandbox.odoo.database import real_now
from sandbox.odoo.demo import demo
from sandbox.odoo.door import Door, feed_of
from sandbox.odoo.faults import SWITCHES
from sandbox.odoo.keys import DATABASE
from sandbox.odoo.methods import Call, rendered
from sandbox.odoo.models import MODELS
from sandbox.odoo.people import ACTIONS, done, tables
from sandbox.odoo.world import World
from sandbox.state import StateFile
from sandbox.switches import Board
from sandbox.system import Action, ActionError, Table


class Odoo:
    """The database freshmart."""

    name = "odoo"
    title = f"Odoo, database {DATABASE}"
    feeds: tuple[str, ...] = ("login", "version", *MODELS, "other")
    actions: Sequence[Action] = ACTIONS

    def __init__(self, folder: Path, world: World | None = None) -> None:
        self._file = StateFile(folder / "odoo.json")
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
        """Be another world from now on: no faults, nothing asked yet."""
        with self._lock:
            self._world = world
        self.door.forget()
        self.board.clear()
        self.journal.forget()

    def feed(self, request: Request) -> Feed:
        """The kind of call."""
        return feed_of(request)

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """What the server says."""
        return self.door.answer(self.world, request, faults)

    def overview(self) -> dict[str, Any]:
        """How much there is."""
        world = self.world
        with world.lock:
            return {
                "version": world.version,
                "day": world.day,
                "products": len(world.products),
                "warehouses": len(world.warehouses),
                "orders": len(world.orders),
                "moves": len(world.moves),
            }

    def rows(self, table: str) -> list[dict[str, Any]] | None:
        """All records of a model, as it shows them; `asked`: what was asked for."""
        if table == "asked":
            return [{"kind": each.kind, "method": each.method, "arguments": each.arguments, "api": each.api} for each in self.door.asked]
        if table not in MODELS:
            return None
        world = self.world
        with world.lock:
            return rendered(Call(world, MODELS[table], {}), list(world.table(MODELS[table])), None, "_classic_read")

    def tables(self) -> Sequence[Table]:
        """What people may want to see of it."""
        world = self.world
        with world.lock:
            return tables(world)

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """One of `actions`. Raises ActionError."""
        given = {name: value for name, value in arguments.items() if value not in ("", None)}
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
        with world.at(step["at"]):
            return done(world, step["action"], step["given"])

    def close(self) -> None:
        """Nothing is held open."""

    def _save(self) -> None:
        with self._writing:
            self._file.write({"began": self._began, "actions": self._actions, "switches": self.board.listed()})


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
