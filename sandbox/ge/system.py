"""GE as one system of the sandbox: two ways in to the same world."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.exchange import Answer, Feed, Request
from sandbox.ge import dms, rows
from sandbox.ge.damage import SWITCHES, damaged
from sandbox.ge.days import next_day
from sandbox.ge.documents import document
from sandbox.ge.world import BUCKETS, ORG, World, first_world
from sandbox.journal import Journal
from sandbox.state import StateFile
from sandbox.switches import Board
from sandbox.system import Action, ActionError, Table

FEEDS = (*(f"stock:{bucket}" for bucket in BUCKETS), "loads:open", "loads:history", "load:units")


class Ge:
    """The dealer account of organisation 7QX. What is kept is the list of actions; the world is what they lead to."""

    name = "ge"
    title = "GE Appliances, dealer account 7QX"
    feeds = FEEDS
    actions: Sequence[Action] = (Action("next-day", "Next day"), Action("reset", "Back to the first day"))

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._file = StateFile(folder / "ge.json")
        kept = self._file.read()
        self._actions: list[dict[str, Any]] = kept.get("actions", [])
        self._replay()
        self.journal = Journal()
        self.board = Board(SWITCHES, kept.get("switches", []), self._save)

    def feed(self, request: Request) -> Feed | None:
        """The data set this call asks for."""
        return dms.feed_of(request) if request.path.startswith(dms.PREFIX) else rows.feed_of(request)

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """The answer of either way in."""
        if request.path == dms.SIGN_IN.removeprefix("/ge"):
            return dms.signed_in_answer() if request.method == "POST" else dms.sign_in_page()
        feed = self.feed(request) or Feed("")
        expired = self.board.take("expired_session", feed.kind, feed.load)
        if expired is not None:
            faults.append("expired_session")
            return dms.to_sign_in() if expired.way == "redirect" else dms.sign_in_page()
        through_dms = request.path.startswith(dms.PREFIX)
        refused = self._refused_by_dms(request, feed) if through_dms else self._refused_by_rows(request, feed)
        if refused is not None:
            return refused
        if self._fails(feed):
            faults.append("load_fails")
            return Answer(500, b"Internal Server Error")
        taken_at, world = datetime.now(UTC), self._world
        if self.board.take("yesterday", feed.kind, feed.load) is not None:
            faults.append("yesterday")
            taken_at, world = taken_at - timedelta(days=1), self._yesterday
        if through_dms and dms.organisation(request) != ORG:
            world = World.bare()
        source = damaged(document(world, feed.kind, feed.load), world, self.board, feed.load, faults)
        if through_dms:
            answer = dms.download(source)
        else:
            pages = self.board.take("page_size", feed.kind, feed.load)
            size = pages.size if pages is not None and pages.size > 0 else rows.PAGE_SIZE
            answer = rows.page(source, request, version=len(self._actions), taken_at=taken_at, size=size)
        if self.board.take("blank", feed.kind, feed.load) is not None:
            faults.append("blank")
            answer = Answer(answer.status, b"", answer.content_type, answer.headers)
        return answer

    def _refused_by_dms(self, request: Request, feed: Feed) -> Answer | None:
        if not dms.signed_in(request):
            return dms.to_sign_in()
        if request.path == dms.PROBE:
            return dms.loads_page(self._world)
        if request.path not in dms.DOWNLOADS:
            return Answer(404, b"Not Found")
        return dms.refused(request) or (None if feed.kind else Answer(400, b"Unknown subinventory"))

    def _refused_by_rows(self, request: Request, feed: Feed) -> Answer | None:
        if not rows.may_read(request):
            return rows.unauthorized()
        if not feed.kind:
            return rows.not_found("There is no such list.")
        if request.method != "GET":
            return Answer(405, b"Method Not Allowed", headers={"Allow": "GET"})
        if feed.kind == "load:units":
            return None if feed.load in self._world.loads else rows.not_found(f"There is no load {feed.load}.")
        org = request.query.get("org", "")
        return None if org == ORG else rows.not_found(f"There is no organisation “{org}” in this account.")

    def _fails(self, feed: Feed) -> bool:
        """Whether this is the roster that `load_fails` names; without a name the newest load for sale is meant."""
        if feed.kind != "load:units":
            return False
        named = next((row["load"] for row in self.board.listed() if row["name"] == "load_fails"), None)
        if named == "" and feed.load != next((load.number for load in self._world.loads.values() if load.sale == "FOR SALE"), ""):
            return False
        return self.board.take("load_fails", feed.kind, feed.load) is not None

    def overview(self) -> dict[str, Any]:
        """Day, date, units and bulk lines per bucket, loads per state."""
        world = self._world
        units = Counter(unit.bucket for unit in world.units.values())
        lines = Counter(line.bucket for line in world.bulk)
        return {
            "day": world.day,
            "date": f"{world.now:%Y-%m-%d}",
            "units": {bucket: units[bucket] for bucket in BUCKETS},
            "bulkLines": {bucket: lines[bucket] for bucket in BUCKETS},
            "loads": dict(Counter(load.order_status or load.sale for load in world.loads.values())),
        }

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """`next-day`; `move` with `serials`, `bucket` and `reserved`; `remove` with `serials`; `reset`. Raises ActionError."""
        with self._lock:
            if action == "reset":
                self._actions = []
            else:
                step = {"action": action, **arguments}
                # Tried on a copy first: a step that doesn't fit must not be kept.
                _step(self._world, step)
                self._actions = [*self._actions, step]
            self._replay()
        if action == "reset":
            self.board.clear()
            self.journal.forget()
        self._save()

    def rows(self, table: str) -> list[dict[str, Any]] | None:
        """The ways in show everything there is."""
        return None

    def tables(self) -> Sequence[Table]:
        return ()

    def close(self) -> None:
        """Nothing is held open."""

    def _replay(self) -> None:
        world = yesterday = first_world()
        for step in self._actions:
            if step["action"] == "next-day":
                yesterday = world
            world = _step(world, step)
        self._world, self._yesterday = world, yesterday

    def _save(self) -> None:
        with self._lock:
            self._file.write({"actions": self._actions, "switches": self.board.listed()})


def _step(world: World, step: Mapping[str, Any]) -> World:
    """The world after one action. Raises ActionError."""
    if step["action"] == "next-day":
        return next_day(world)
    if step["action"] not in ("move", "remove"):
        raise ActionError(f"There is no action “{step['action']}”. There are: next-day, move, remove, reset.")
    given = step.get("serials", [])
    serials = [part.strip() for part in given.split(",")] if isinstance(given, str) else list(given)
    unknown = [key for key in serials if key not in world.units]
    if not serials or unknown:
        raise ActionError(f"{unknown[0]} is not on hand." if unknown else "Name at least one serial in `serials`.")
    after = world.copy()
    if step["action"] == "remove":
        for key in serials:
            del after.units[key]
    else:
        if step.get("bucket") not in BUCKETS:
            raise ActionError("`bucket` must be FG, ASIS or STA.")
        after.move(serials, step["bucket"], reserved=bool(step.get("reserved", step["bucket"] == "STA")))
    return after
