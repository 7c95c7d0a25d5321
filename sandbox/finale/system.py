"""Finale Inventory as one system of the sandbox."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sandbox.exchange import Answer, Feed, Request, json_answer
from sandbox.finale import faults as finale_faults
from sandbox.finale import filters, graphql
from sandbox.finale.budgets import Budgets
from sandbox.finale.demo import demo
from sandbox.finale.faults import SWITCHES, bad_request, damaged, page, unauthorized
from sandbox.finale.filters import NotAccepted
from sandbox.finale.keys import ACCOUNT, AUTHORIZATION
from sandbox.finale.people import ACTIONS, done, number, tables
from sandbox.finale.records import STAMP, Columns, Records, encoded
from sandbox.finale.world import World, real_now
from sandbox.journal import Journal
from sandbox.state import StateFile
from sandbox.switches import Board
from sandbox.system import Action, ActionError, Table

CUT = 120_000
ASKED_KEPT = 1000
COLLECTIONS = {
    "product": "products",
    "inventoryitem": "stock",
    "facility": "places",
    "partygroup": "vendors",
    "order": "orders",
    "shipment": "shipments",
}
"""The kind of call that reads a collection; of a single record it is the resource's own name."""
_WITHOUT_DATA = ("productStock", "productInventory")


class Finale:
    """The account exampleco."""

    name = "finale"
    title = f"Finale Inventory, account {ACCOUNT}"
    feeds: tuple[str, ...] = (*COLLECTIONS.values(), *COLLECTIONS, "graphql", "other")
    actions: Sequence[Action] = ACTIONS

    def __init__(self, folder: Path, world: World | None = None) -> None:
        self._file = StateFile(folder / "finale.json")
        kept = self._file.read()
        # Never asked for by who holds a world's lock; the file's lock always may be.
        self._lock, self._writing = threading.RLock(), threading.Lock()
        self._began = kept.get("began") or _text(real_now())
        self._actions: list[dict[str, Any]] = kept.get("actions", [])
        self._world, self._yesterday = world, _stock_of(world)
        self._stock_body: tuple[Columns, bytes] | None = None
        self.budgets = Budgets()
        self.journal = Journal()
        self.board = Board(SWITCHES, kept.get("switches", []), self._save)
        self.asked: deque[tuple[str, dict[str, Any]]] = deque(maxlen=ASKED_KEPT)

    @property
    def world(self) -> World:
        """What it is now. The demo is made when it is first asked for: it takes a moment."""
        if self._world is not None:
            return self._world
        with self._lock:
            if self._world is not None:
                return self._world
            world = demo(datetime.fromisoformat(self._began))
            self._yesterday = _stock_of(world)
            for step in self._actions:
                world = self._after(world, step)
            self._world = world
            return world

    def have(self, world: World) -> None:
        """Be another world from now on: budgets unspent, no faults, nothing asked yet."""
        with self._lock:
            self._world, self._yesterday, self._stock_body = world, _stock_of(world), None
        self.budgets = Budgets()
        self.asked.clear()
        self.board.clear()
        self.journal.forget()

    def feed(self, request: Request) -> Feed:
        """The kind of call."""
        parts = _parts(request)
        if parts[1:3] == ["api", "graphql"]:
            return Feed("graphql")
        if parts[1:2] == ["api"] and len(parts) in (3, 4) and parts[2] in COLLECTIONS:
            return Feed(COLLECTIONS[parts[2]] if len(parts) == 3 else parts[2])
        return Feed("other")

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """Account, path, key, budgets, and then the work."""
        kind = self.feed(request).kind
        answer = self._refused(request, kind, faults)
        answer = answer or self._spent(request, kind, faults) or finale_faults.instead(self.board, kind, faults)
        answer = answer or self._work(request, kind, faults)
        if self.board.take("budget_headers", kind) is not None and "X-RateLimit-Limit" not in answer.headers:
            headers = self._budget_headers("post_minute" if request.method == "POST" else "get_minute")
            answer = Answer(answer.status, answer.body, answer.content_type, {**answer.headers, **headers})
        return answer

    def _refused(self, request: Request, kind: str, faults: list[str]) -> Answer | None:
        parts, nothing = _parts(request), page("Not Found", f"No page at /{'/'.join(_parts(request))}", 404)
        if parts[:1] != [ACCOUNT]:
            return nothing
        if kind == "other" and not (parts[1:2] == ["api"] and len(parts) == 3 and parts[2] in _WITHOUT_DATA):
            return nothing
        if kind == "stock" and not request.path.endswith("/"):
            return nothing
        if request.authorization != AUTHORIZATION:
            return unauthorized()
        if request.method != ("POST" if kind == "graphql" else "GET"):
            return page("Method Not Allowed", "This stand-in is for reading.", 405)
        return None

    def _spent(self, request: Request, kind: str, faults: list[str]) -> Answer | None:
        names = ["post_minute" if request.method == "POST" else "get_minute"]
        if kind in COLLECTIONS.values():
            names.append("collections_hour")
        over = self.budgets.spend(*names)
        switch = self.board.take("over_budget", kind)
        if switch is not None:
            faults.append("over_budget")
            over = over or self._as_if(switch.column or names[0], switch.seconds)
        if over is None:
            return None
        answer = page("Too Many Requests", "Slow down.", 429)
        return Answer(429, answer.body, answer.content_type, self._budget_headers(over[0], reset_at=over[1], left=0))

    def _as_if(self, name: str, seconds: float | None) -> tuple[str, float]:
        known = name if name in self.budgets.limits else "get_minute"
        return known, self.budgets.reset_at(known) if seconds is None else self.budgets.clock() + seconds

    def _budget_headers(self, name: str, *, reset_at: float | None = None, left: int | None = None) -> dict[str, str]:
        reset = self.budgets.reset_at(name) if reset_at is None else reset_at
        seconds = self.board.take("reset_in_seconds", "") is not None
        return {
            "X-RateLimit-Limit": str(self.budgets.limits[name] or 10**9),
            "X-RateLimit-Remaining": str(self.budgets.left(name) if left is None else left),
            "X-RateLimit-Reset": str(int(reset) if seconds else int(reset * 1000)),
        }

    def _work(self, request: Request, kind: str, faults: list[str]) -> Answer:
        if kind == "other":
            return json_answer({})
        parts, world = _parts(request), self.world
        try:
            with world.lock:
                if kind == "graphql":
                    return graphql.answer(world, request, self.board, faults)
                if kind == "stock":
                    return self._stock(world, request, faults)
                records = _records(world, parts[2])
                if len(parts) == 4:
                    return self._single(records, request)
                return self._collection(records, kind, request, world.now(), faults)
        except NotAccepted as problem:
            return bad_request(self.board, kind, str(problem))

    def _single(self, records: Records, request: Request) -> Answer:
        """By the URL alone: a SKU finds a product only where it is the end of its URL."""
        path = request.path.rstrip("/")
        places = records.places()
        # The caller may have written escapes in its own way.
        wanted = path if path in places else next((url for url in (unquote(path),) if url in places), "")
        record = records.record(wanted)
        return page("Not Found", f"No page at {path}", 404) if record is None else json_answer(record)

    def _collection(self, records: Records, kind: str, request: Request, now: datetime, faults: list[str]) -> Answer:
        given = request.query.get("filter", "")
        wanted = filters.ranges(given) if given else {}
        self.asked.append((kind, {name: list(bounds) for name, bounds in wanted.items()}))
        bounds = filters.window(wanted, now)
        if bounds is not None and STAMP not in records.columns:
            raise NotAccepted(f"There is no field {STAMP} to filter by.")
        places = range(len(records)) if bounds is None else records.between(*bounds)
        places = places[: self._cut(kind)]
        limit = _limit(request)
        first = self.board.take("limit_first", kind) is not None
        if limit is not None and first:
            faults.append("limit_first")
            places = places[:limit]
        columns = records.cut_out(places)
        kept = filters.chosen(records, columns, wanted)
        if kept is not None:
            columns = {name: [values[place] for place in kept] for name, values in columns.items()}
        if limit is not None and not first:
            columns = {name: values[:limit] for name, values in columns.items()}
        return self._columns(damaged(columns, records.anchor, kind, self.board, faults), kind)

    def _stock(self, world: World, request: Request, faults: list[str]) -> Answer:
        """No filter has any effect."""
        self.asked.append(("stock", {}))
        columns = everything = world.stock.columns()
        if self.board.take("yesterday", "stock") is not None:
            faults.append("yesterday")
            columns = self._yesterday
        cut, limit = self._cut("stock"), _limit(request)
        most = cut if limit is None else min(cut, limit)
        if len(columns["productUrl"]) > most:
            columns = {name: values[:most] for name, values in columns.items()}
        sent = damaged(columns, "productUrl", "stock", self.board, faults)
        if sent is not everything:
            return self._columns(sent, "stock")
        if self._stock_body is None or self._stock_body[0] is not sent:
            self._stock_body = sent, encoded(sent)
        return Answer(200, self._stock_body[1], "application/json")

    def _cut(self, kind: str) -> int:
        switch = self.board.take("cut", kind)
        return CUT if switch is None else switch.size or 3

    def _columns(self, columns: Columns, kind: str) -> Answer:
        if not any(columns.values()) and self.board.take("bare_empty", kind) is not None:
            columns = {}
        return Answer(200, encoded(columns), "application/json")

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
            return [{"feed": feed, "filter": wanted} for feed, wanted in self.asked]
        known = {"products": "product", "orders": "order", "shipments": "shipment", "vendors": "partygroup", "places": "facility"}
        with world.lock:
            if table == "stock":
                return [
                    {**key._asdict(), "sku": sku, "kind": kind, "quantity": quantity / 1000} for key, sku, kind, quantity in world.stock
                ]
            return _records(world, known[table]).all() if table in known else None

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
            before, now = world.stock.columns(), world.now
            world.now = lambda: at
            try:
                after = done(world, step["action"], step["given"])
            finally:
                world.now = now
        if step["action"] in ("next-day", "become-big"):
            self._yesterday = before
        return after

    def _limit(self, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if name not in self.budgets.limits:
                raise ActionError(f"There is no budget “{name}”. There are: {', '.join(self.budgets.limits)}.")
            self.budgets.limits[name] = None if value == "none" else round(number(given, name, 0))

    def close(self) -> None:
        """Nothing is held open."""

    def _save(self) -> None:
        with self._writing:
            self._file.write({"began": self._began, "actions": self._actions, "switches": self.board.listed()})


def _records(world: World, resource: str) -> Records:
    return {
        "product": world.products,
        "facility": world.places,
        "partygroup": world.parties,
        "order": world.orders,
        "shipment": world.shipments,
    }[resource]


def _stock_of(world: World | None) -> Columns:
    return {} if world is None else world.stock.columns()


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _parts(request: Request) -> list[str]:
    return [part for part in request.path.strip("/").split("/") if part]


def _limit(request: Request) -> int | None:
    given = request.query.get("limit", "")
    return int(given) if given.isdigit() else None
