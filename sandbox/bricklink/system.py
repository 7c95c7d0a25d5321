"""BrickLink as one system of the sandbox."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from sandbox.bricklink import catalog, lots, orders
from sandbox.bricklink.lots import NotTaken
from sandbox.bricklink.signing import Gate
from sandbox.bricklink.site import BrickLinkSite
from sandbox.exchange import Answer, Feed, Request, json_answer
from sandbox.market.market import Market
from sandbox.market.memory import Row

PREFIX = "/api/store/v1"
MANY = 100

_SWITCHES = {
    "ip_mismatch": "Says that our token is for another address than ours, in an answer with status 200.",
    "timestamp_refused": "Complains of timestamp and nonce, although both are right.",
    "throttled_inside": "Answers 429 inside an answer with status 200, and does nothing.",
}


class BrickLink(BrickLinkSite, Market):
    """The store of demo_seller."""

    feeds: tuple[str, ...] = (
        "lots",
        "lot",
        "create",
        "update",
        "delete",
        "orders",
        "order",
        "order-items",
        "order-write",
        "colors",
        "item",
        "notifications",
        "other",
    )
    writing = frozenset(("create", "update", "delete", "order-write"))
    switches = _SWITCHES
    limit = 5000
    window = 24 * 3600.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._gate = Gate()
        self._read_times: Counter[str] = Counter()

    def feed(self, request: Request) -> Feed:
        """The kind of call, by method and path."""
        parts = _parts(request)
        match (request.method, *parts):
            case ("GET", "inventories"):
                return Feed("lots")
            case ("GET", "inventories", _):
                return Feed("lot")
            case ("POST", "inventories"):
                return Feed("create")
            case ("PUT", "inventories", _):
                return Feed("update")
            case ("DELETE", "inventories", _):
                return Feed("delete")
            case ("GET", "orders"):
                return Feed("orders")
            case ("GET", "orders", _):
                return Feed("order")
            case ("GET", "orders", _, "items"):
                return Feed("order-items")
            case ("PUT", "orders", *_):
                return Feed("order-write")
            case ("GET", "colors", *_):
                return Feed("colors")
            case ("GET", "items", _, _, *_):
                return Feed("item")
            case ("GET", "notifications"):
                return Feed("notifications")
        return Feed("other")

    def refused(self, request: Request, feed: Feed) -> Answer | None:
        """The signature decides, and the switches that complain of it."""
        problem = self._gate.refusal(request)
        if self.board.take("ip_mismatch", feed.kind) is not None:
            problem = "TOKEN_IP_MISMATCHED: 203.0.113.9"
        elif self.board.take("timestamp_refused", feed.kind) is not None:
            problem = "TIMESTAMP_REFUSED"
        if problem:
            return _error(problem, 401, "BAD_OAUTH_REQUEST")
        if self.board.take("throttled_inside", feed.kind) is not None:
            return _error("Too many requests", 429, "TOO_MANY_REQUESTS")
        return None

    def over_limit(self) -> Answer:
        """Inside an answer with status 200."""
        return _error("Daily limit of API calls reached", 429, "TOO_MANY_REQUESTS")

    def refusal(self, kind: str, status: int = 500) -> Answer:
        """What these switches answer."""
        if kind == "wrong_secret":
            return _error("SIGNATURE_INVALID", 401, "BAD_OAUTH_REQUEST")
        if kind == "no_permission":
            return _error("This account may not sell", 403, "PERMISSION_DENIED")
        words = {400: "PARAMETER_MISSING_OR_INVALID", 404: "RESOURCE_NOT_FOUND", 422: "RESOURCE_UPDATE_NOT_ALLOWED"}
        return _error("Something went wrong on our side", status, words.get(status, "INTERNAL_SERVER_ERROR"))

    def work(self, request: Request, feed: Feed, faults: list[str]) -> Answer:
        """Everything behind the gate."""
        if not f"{request.path}/".startswith(f"{PREFIX}/"):
            return Answer(404, b"Not Found")
        try:
            if feed.kind in ("create", "update"):
                return self._written(request, feed, faults)
            return self._answered(request, feed)
        except NotTaken as problem:
            return _error(problem.description, problem.code, problem.message)

    def _written(self, request: Request, feed: Feed, faults: list[str]) -> Answer:
        if request.content_type != "application/json":
            raise NotTaken("Content type must be application/json", 415, "UNSUPPORTED_MEDIA_TYPE")
        sent = _body(request)
        extra = self._new_field(feed, sent, faults)
        if feed.kind == "update":
            return self._updated(_parts(request)[1], sent, extra)
        if not isinstance(sent, list):
            lot = self.make(sent, extra)
            return _answer(lots.read(lot), 201, "OK_CREATED")
        if not 1 <= len(sent) <= MANY:
            raise NotTaken("Give 1 to 100 inventories")
        for given in sent:
            lots.made(0, given, extra)
        for given in sent:
            self.make(given, extra)
        return _answer([], 201, "OK_CREATED")

    def _new_field(self, feed: Feed, sent: Any, faults: list[str]) -> str:
        """The name of a field that is suddenly asked for. Raises NotTaken where it is not sent."""
        switch = self.board.take("new_field", feed.kind)
        if switch is None:
            return ""
        faults.append("new_field")
        named = switch.column or "origin"
        if isinstance(sent, dict) and named not in sent:
            raise NotTaken(f"Parameter [{named}] is missing")
        return named

    def _updated(self, key: str, sent: Any, extra: str) -> Answer:
        after = lots.changed(self._there(key), sent, extra)
        self.memory.put("lots", key, after)
        self.with_quantity(key, after["quantity"])
        return _answer(lots.read(after))

    def _answered(self, request: Request, feed: Feed) -> Answer:
        match (request.method, *_parts(request)):
            case ("GET", "inventories"):
                return _answer(lots.listed(self.memory.table("lots"), request.query))
            case ("GET", "inventories", key):
                return _answer(lots.read(self._there(key)))
            case ("DELETE", "inventories", key):
                self._there(key)
                self.memory.cut("lots", key)
                return _answer({}, 204, "OK_NO_CONTENT")
            case ("GET", "orders"):
                return _answer(orders.listed(self.memory.table("orders"), request.query))
            case ("GET", "orders", key):
                return _answer(orders.detail(self._order(key)))
            case ("GET", "orders", key, "items"):
                return self._items(key)
            case ("PUT", "orders", key, "status" | "payment_status" as what):
                return self._status(key, what, _body(request))
            case ("PUT", "orders", key):
                return _answer(orders.detail(self._order(key)))
            case ("GET", "notifications"):
                unread = list(self.memory.table("notes").values())
                for key in list(self.memory.table("notes")):
                    self.memory.cut("notes", key)
                return _answer(unread)
            case ("GET", "colors", *which):
                return self._colors(which)
            case ("GET", "items", kind, no, *what) if what in ([], ["colors"]):
                return self._item(kind.upper(), no, what)
            case ("GET" | "POST" | "PUT" | "DELETE", "inventories" | "orders" | "colors" | "items" | "notifications", *_):
                return _error("Method not allowed", 405, "METHOD_NOT_ALLOWED")
        return _error("Invalid URI", 400, "INVALID_URI")

    def _there(self, key: str) -> Row:
        lot = self.memory.table("lots").get(key)
        if lot is None:
            raise NotTaken(f"Inventory {key} not found", 404, "RESOURCE_NOT_FOUND")
        return lot

    def _order(self, key: str) -> Row:
        order = self.memory.table("orders").get(key)
        if order is None:
            raise NotTaken(f"Order {key} not found", 404, "RESOURCE_NOT_FOUND")
        return order

    def _items(self, key: str) -> Answer:
        order = self._order(key)
        if order["status"] == "PURGED":
            raise NotTaken(f"Order {key} was purged", 404, "RESOURCE_NOT_FOUND")
        self._read_times[key] += 1
        return _answer(orders.batches(order, turn=self._read_times[key] - 1))

    def _status(self, key: str, what: str, sent: Any) -> Answer:
        order = self._order(key)
        if not isinstance(sent, dict) or sent.get("field") != what or not sent.get("value"):
            raise NotTaken("Parameter [field] is missing")
        if what == "payment_status":
            self.memory.put("orders", key, {**order, "payment": {**order["payment"], "status": sent["value"]}})
        elif str(sent["value"]).upper() not in orders.STATUSES:
            raise NotTaken("Parameter [value] is invalid")
        elif order["status"] in ("CANCELLED", "PURGED", "COMPLETED"):
            raise NotTaken("NOT_IN_UPDATABLE_STATUS", 422, "RESOURCE_UPDATE_NOT_ALLOWED")
        else:
            self.memory.put("orders", key, orders.with_status(order, str(sent["value"]).upper()))
        return _answer({}, 204, "OK_NO_CONTENT")

    def _colors(self, which: list[str]) -> Answer:
        rows = {
            str(number): {"color_id": number, "color_name": name, "color_code": code, "color_type": "Solid"}
            for number, (name, code) in catalog.COLORS.items()
        }
        if not which:
            return _answer(list(rows.values()))
        if len(which) != 1 or which[0] not in rows:
            raise NotTaken("Color not found", 404, "RESOURCE_NOT_FOUND")
        return _answer(rows[which[0]])

    def _item(self, kind: str, no: str, what: list[str]) -> Answer:
        found = catalog.entry(kind, no)
        if found is None:
            raise NotTaken(f"{kind} {no} not found", 404, "RESOURCE_NOT_FOUND")
        if what:
            return _answer([{"color_id": str(number), "quantity": 1} for number in catalog.COLORS if number or kind != "PART"])
        return _answer({"no": found.no, "name": lots.escaped(found.name), "type": found.type, "category_id": found.category})

    def lot_of(self, request: Request, answer: Answer | None = None) -> str:
        """From the path, or, of a create, from the answer."""
        parts = _parts(request)
        if parts[:1] == ["inventories"] and len(parts) == 2:
            return parts[1]
        if answer is not None and parts == ["inventories"] and request.method == "POST":
            data = _data(answer)
            return str(data.get("inventory_id", "")) if isinstance(data, dict) else ""
        return ""

    def body_of(self, request: Request) -> Any:
        """The JSON as it was sent, None where it is none."""
        try:
            return _body(request)
        except NotTaken:
            return None

    def done(self, answer: Answer) -> bool:
        """By the code inside."""
        return answer.status == 200 and 200 <= int(json.loads(answer.body)["meta"]["code"]) < 300


def _parts(request: Request) -> list[str]:
    return [part for part in request.path.removeprefix(PREFIX).strip("/").split("/") if part]


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError as error:
        raise NotTaken("Unparseable JSON", message="INVALID_REQUEST_BODY") from error


def _data(answer: Answer) -> Any:
    try:
        return json.loads(answer.body).get("data")
    except ValueError:
        return None


def _answer(data: object, code: int = 200, message: str = "OK") -> Answer:
    return json_answer({"meta": {"description": message, "message": message, "code": code}, "data": data})


def _error(description: str, code: int, message: str) -> Answer:
    """Errors, too, come with status 200."""
    return json_answer({"meta": {"description": description, "message": message, "code": code}, "data": {}})
