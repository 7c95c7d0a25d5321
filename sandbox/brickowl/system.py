"""Brick Owl as one system of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.brickowl import batch, catalog, lots, orders
from sandbox.brickowl.keys import API_KEY
from sandbox.brickowl.lots import NotTaken
from sandbox.brickowl.site import CURRENCY, BrickOwlSite
from sandbox.exchange import Answer, Feed, Request, html_answer, json_answer
from sandbox.market.market import Market
from sandbox.market.memory import Row

PREFIX = "/v1/"
BULK_LIMIT = 100
BOIDS = 100

_KINDS = {
    "GET inventory/list": "lots",
    "POST inventory/create": "create",
    "POST inventory/update": "update",
    "POST inventory/delete": "delete",
    "POST bulk/batch": "batch",
    "GET catalog/id_lookup": "lookup",
    "GET catalog/color_list": "colors",
    "GET catalog/lookup": "catalog",
    "GET catalog/bulk_lookup": "catalog",
    "GET order/list": "orders",
    "GET order/view": "order",
    "GET order/items": "order-items",
    "POST order/set_status": "order-write",
    "POST order/tracking": "order-write",
    "POST order/note": "order-write",
    "GET user/details": "account",
}
_SWITCHES = {
    "no_catalog": "Says that the key lacks the permission for the catalogue, in every catalogue call.",
    "capital": "Writes Success with a capital letter.",
    "no_lot_id": "Makes the lot, and leaves its number out of the answer to the create.",
    "lots_as_object": "Lists lots as an object with their numbers as names, and nothing as {}.",
    "lot_bare": "Lists a single lot that was asked for as an object instead of a list.",
    "batch_responses": "Answers a batch in its other form: responses with status codes and bodies.",
    "batch_quantity_only": "Answers success to entries of a batch with more than lot and absolute quantity, and writes nothing of them.",
    "batch_short": "Does a whole batch and answers `size` entries less (default 1).",
    "retiring": "Says of every item that it is scheduled for deletion, in creates and updates.",
    "order_time_created": "Lists orders by when they were made, also when asked for those changed since.",
}


class BrickOwl(BrickOwlSite, Market):
    """The store of demo_seller."""

    feeds: tuple[str, ...] = (*dict.fromkeys(_KINDS.values()), "other")
    writing = frozenset(("create", "update", "delete", "batch", "order-write"))
    switches = _SWITCHES
    limit = 600
    window = 60.0

    def feed(self, request: Request) -> Feed:
        """The kind of call, by method and path."""
        return Feed(_KINDS.get(f"{request.method} {_endpoint(request)}", "other"))

    def refused(self, request: Request, feed: Feed) -> Answer | None:
        """The key comes in the query of a GET or in the form of a POST, and nowhere else."""
        if not request.path.startswith(PREFIX) or (feed.kind == "other"):
            return html_answer("<h1>Page not found</h1>", 404)
        form = request.content_type.partition(";")[0].strip() == "application/x-www-form-urlencoded"
        given = request.query if request.method == "GET" else request.form if form else {}
        if given.get("key") != API_KEY:
            return json_answer({"error": "Invalid API key"}, 401)
        if feed.kind in ("lookup", "colors", "catalog") and self.board.take("no_catalog", feed.kind) is not None:
            return json_answer({"error": "This key has no permission for the catalog"}, 403)
        if feed.kind == "batch" and self.counts().get("batch", 0) > BULK_LIMIT:
            return self.over_limit()
        return None

    def over_limit(self) -> Answer:
        """With the time to wait."""
        return json_answer({"error": "Too many requests"}, 429, {"Retry-After": "30"})

    def refusal(self, kind: str, status: int = 500) -> Answer:
        """What these switches answer."""
        if kind == "wrong_secret":
            return json_answer({"error": "Invalid API key"}, 401)
        if kind == "no_permission":
            return json_answer({"error": "This key does not have the right to do this"}, 403)
        return json_answer({"error": "Something went wrong on our side"})

    def work(self, request: Request, feed: Feed, faults: list[str]) -> Answer:
        """Everything behind the gate."""
        try:
            if feed.kind in ("create", "update", "delete"):
                return json_answer(self._written(feed.kind, _form(request), faults))
            if feed.kind == "batch":
                return self._batch(batch.entries(request.form.get("requests", "")), faults)
            return json_answer(self._answered(_endpoint(request), request, faults))
        except NotTaken as problem:
            return json_answer(problem.body, problem.status)

    def _written(self, kind: str, given: Mapping[str, str], faults: list[str]) -> Row:
        self._asked_for(kind, given, faults)
        success = "Success" if self._struck("capital", kind, faults) else "success"
        if kind == "create":
            lot = self.make(given)
            return {"status": success} if self._struck("no_lot_id", kind, faults) else {"status": success, "lot_id": lot["lot_id"]}
        key = self._identified(given)
        if kind == "delete":
            self.memory.cut("lots", key)
        else:
            if not set(given) - {"lot_id", "external_id", "key"}:
                raise lots.bad("Give at least one field")
            self.memory.put("lots", key, lots.changed(self.memory.table("lots")[key], given))
        return {"status": success}

    def _asked_for(self, kind: str, given: Mapping[str, str], faults: list[str]) -> None:
        """Refusals that only switches make. Raises NotTaken."""
        if kind == "delete":
            return
        if self._struck("retiring", kind, faults):
            raise lots.bad("This item is scheduled for deletion")
        switch = self.board.take("new_field", kind)
        if switch is not None:
            faults.append("new_field")
            named = switch.column or "origin"
            if named not in given:
                raise lots.bad(f"{named} is required")

    def _struck(self, name: str, kind: str, faults: list[str]) -> bool:
        if self.board.take(name, kind) is None:
            return False
        faults.append(name)
        return True

    def _identified(self, given: Mapping[str, str]) -> str:
        """The number of the lot meant by exactly one identifier. Raises NotTaken."""
        named = [name for name in ("lot_id", "external_id") if given.get(name)]
        if len(named) != 1:
            raise lots.bad("Give only one identifier" if named else "An identifier is required")
        key = self._found(given)
        if not key:
            raise lots.not_found()
        return key

    def _found(self, given: Mapping[str, str]) -> str:
        kept = self.memory.table("lots")
        if given.get("lot_id"):
            return given["lot_id"] if given["lot_id"] in kept else ""
        wanted = given.get("external_id")
        return next((key for key, lot in kept.items() if wanted and lot["external_id"] == wanted), "")

    def _batch(self, calls: list[dict[str, Any]], faults: list[str]) -> Answer:
        deaf, other = self._struck("batch_quantity_only", "batch", faults), self._struck("batch_responses", "batch", faults)
        answers: list[Row] = []
        for call in calls:
            status, given = 200, batch.form_of(call)
            try:
                if call.get("endpoint") not in batch.ENDPOINTS or call.get("request_method") != "POST":
                    raise NotTaken({"error": "Unknown endpoint"}, 404)
                if deaf and set(given) - batch.QUANTITY_ONLY:
                    body: Row = {"status": "success"}
                else:
                    body = self._written(str(call["endpoint"]).partition("/")[2], given, faults)
            except NotTaken as problem:
                status, body = problem.status, dict(problem.body)
            answers.append({"endpoint": call.get("endpoint"), "status_code": status, "body": body} if other else body)
        short = self.board.take("batch_short", "batch")
        if short is not None:
            faults.append("batch_short")
            answers = answers[: -(short.size or 1)]
        return json_answer({"responses": answers} if other else answers)

    def _answered(self, endpoint: str, request: Request, faults: list[str]) -> object:
        query, kept = request.query, self.memory.table("orders")
        match endpoint:
            case "inventory/list":
                return self._list(query, faults)
            case "catalog/id_lookup":
                if query.get("type") not in catalog.TYPES:
                    raise lots.bad("Invalid type")
                return {"boids": catalog.lookup(query.get("id", ""), query["type"], query.get("id_type", ""))}
            case "catalog/color_list":
                return catalog.COLORS
            case "catalog/lookup":
                found = catalog.entry(query.get("boid", ""))
                if found is None:
                    raise NotTaken({"error": "Invalid BOID"}, 404)
                return catalog.described(found, query["boid"])
            case "catalog/bulk_lookup":
                boids = [boid for boid in query.get("boids", "").split(",") if boid][:BOIDS]
                return {"items": {boid: catalog.described(one, boid) for boid in boids if (one := catalog.entry(boid)) is not None}}
            case "order/list":
                return orders.listed(kept, query, by_creation=self._struck("order_time_created", "orders", faults))
            case "user/details":
                store = {"store_id": "7001", "name": "Demo Bricks", "base_currency": CURRENCY, "country": "DE"}
                return {"username": "demo_seller", "uid": "4711", "has_store": "1", "store_details": store}
        given = query if request.method == "GET" else _form(request)
        order = kept.get(given.get("order_id", ""))
        if order is None:
            raise NotTaken({"error": "Order not found"}, 404)
        if endpoint == "order/view":
            return orders.view(order, CURRENCY)
        if endpoint == "order/items":
            return orders.items(order, self.memory.table("lots"))
        if endpoint == "order/set_status":
            wanted = lots.whole(given.get("status_id", ""), "status_id")
            if not 1 <= wanted <= 7 or wanted <= order["status_id"]:
                raise lots.bad("Invalid status_id")
            self.memory.put("orders", order["order_id"], orders.with_status(order, wanted))
        return {"status": "success"}

    def _list(self, query: Mapping[str, str], faults: list[str]) -> object:
        found = lots.listed(self.memory.table("lots"), query)
        if (query.get("lot_id") or query.get("external_id_1")) and len(found) == 1 and self._struck("lot_bare", "lots", faults):
            return found[0]
        return {lot["lot_id"]: lot for lot in found} if self._struck("lots_as_object", "lots", faults) else found

    def lot_of(self, request: Request, answer: Answer | None = None) -> str:
        """From the form, or, of a create, the newest lot."""
        if _endpoint(request) == "inventory/create":
            kept = self.memory.table("lots")
            return next(reversed(kept)) if answer is not None and self.done(answer) and kept else ""
        return self._found(_form(request)) or str(request.form.get("lot_id", ""))

    def body_of(self, request: Request) -> Any:
        """The form without the key; of a batch, what is in it."""
        form = _form(request)
        if "requests" in form:
            try:
                return json.loads(form["requests"])
            except ValueError:
                return None
        return form

    def done(self, answer: Answer) -> bool:
        """By status; of a batch, when none of it was refused."""
        if answer.status != 200:
            return False
        found = json.loads(answer.body)
        entries = found.get("responses", [found]) if isinstance(found, dict) else found
        return all("error" not in (body := each.get("body", each)) and "errors" not in body for each in entries)


def _endpoint(request: Request) -> str:
    return request.path.removeprefix(PREFIX).strip("/") if request.path.startswith(PREFIX) else ""


def _form(request: Request) -> dict[str, str]:
    """The form without the key."""
    return {name: str(value) for name, value in request.form.items() if name != "key"}
