"""How the account answers a call: account, path, key, budgets, and then what is asked for."""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from sandbox.exchange import Answer, Feed, Request, html_answer, json_answer
from sandbox.finale import faults as finale_faults
from sandbox.finale import filters, graphql, reports
from sandbox.finale.budgets import Budgets
from sandbox.finale.faults import bad_request, damaged, page, unauthorized
from sandbox.finale.filters import NotAccepted
from sandbox.finale.keys import ACCOUNT, AUTHORIZATION
from sandbox.finale.records import STAMP, Columns, Records, encoded
from sandbox.finale.world import World
from sandbox.switches import Board

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


class Door:
    """Answers calls with the world it is given. `asked` is what collections were asked for, with the filters."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.budgets = Budgets()
        self.asked: deque[tuple[str, dict[str, Any]]] = deque(maxlen=ASKED_KEPT)
        self._stock_body: tuple[Columns, bytes] | None = None
        self._meanwhile: list[tuple[str, int, Callable[[], object]]] = []

    def meanwhile(self, kind: str, number: int, do: Callable[[], object]) -> None:
        """Something that happens just before the number-th call of that kind from now on, 1 being the next one."""
        self._meanwhile.append((kind, number, do))

    def _happens(self, kind: str) -> None:
        waiting, self._meanwhile = self._meanwhile, []
        for of, number, do in waiting:
            if of == kind and number == 1:
                do()
            else:
                self._meanwhile.append((of, number - (of == kind), do))

    def forget(self) -> None:
        """Budgets are unspent and as Finale has them; nothing was asked for."""
        self.budgets = Budgets()
        self.asked.clear()
        self._meanwhile.clear()

    def answer(self, world: World, request: Request, faults: list[str]) -> Answer:
        """The answer; names of switches that struck are appended to `faults`."""
        kind = feed_of(request).kind
        with world.lock:
            self._happens(kind)
        answer = self._refused(request, kind) or self._spent(request, kind, faults)
        answer = answer or finale_faults.instead(self.board, kind, faults) or self._work(world, request, kind, faults)
        if self.board.take("budget_headers", kind) is not None and "X-RateLimit-Limit" not in answer.headers:
            headers = self._budget_headers("post_minute" if request.method == "POST" else "get_minute")
            answer = replace(answer, headers={**answer.headers, **headers})
        if self.board.take("gzip", kind) is not None:
            answer = replace(answer, body=gzip.compress(answer.body, 1), headers={**answer.headers, "Content-Encoding": "gzip"})
        return answer

    def _refused(self, request: Request, kind: str) -> Answer | None:
        parts, nothing = _parts(request), page("Not Found", f"No page at {request.path.rstrip('/')}", 404)
        if parts[:1] != [ACCOUNT]:
            return nothing
        if kind == "other" and not (parts[1:2] == ["api"] and len(parts) == 3 and parts[2] in _WITHOUT_DATA):
            return nothing
        if kind == "stock" and not request.path.endswith("/"):
            return nothing
        if request.authorization != AUTHORIZATION:
            return html_answer(finale_faults.LOGIN) if kind == "report" else unauthorized()
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

    def _work(self, world: World, request: Request, kind: str, faults: list[str]) -> Answer:
        if kind == "other":
            return json_answer({})
        parts = _parts(request)
        try:
            with world.lock:
                if kind == "report":
                    return reports.answer(world, request, self.board, faults)
                if kind == "graphql":
                    return graphql.answer(world, request, self.board, faults)
                if kind == "stock":
                    return self._stock(world, request, faults)
                records = records_of(world, parts[2])
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
            columns = world.yesterday or everything
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


def feed_of(request: Request) -> Feed:
    """The kind of call."""
    parts = _parts(request)
    if parts[1:4] == ["doc", "report", "pivotTable"] and len(parts) == 6:
        return Feed("report")
    if parts[1:3] == ["api", "graphql"]:
        return Feed("graphql")
    if parts[1:2] == ["api"] and len(parts) in (3, 4) and parts[2] in COLLECTIONS:
        return Feed(COLLECTIONS[parts[2]] if len(parts) == 3 else parts[2])
    return Feed("other")


def records_of(world: World, resource: str) -> Records:
    """The records of a resource but inventoryitem."""
    return {
        "product": world.products,
        "facility": world.places,
        "partygroup": world.parties,
        "order": world.orders,
        "shipment": world.shipments,
    }[resource]


def _parts(request: Request) -> list[str]:
    return [part for part in request.path.strip("/").split("/") if part]


def _limit(request: Request) -> int | None:
    given = request.query.get("limit", "")
    return int(given) if given.isdigit() else None
