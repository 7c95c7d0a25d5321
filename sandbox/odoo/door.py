"""How the server answers a call: which API it came by, who called, and then the method."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.exchange import Answer, Feed, Request, json_answer
from sandbox.odoo import faults as odoo_faults
from sandbox.odoo import methods
from sandbox.odoo.errors import ServerError, no_access, not_found, type_error, user_error, value_error
from sandbox.odoo.faults import login_page, no_database_page, page
from sandbox.odoo.keys import DATABASE, KEY, LOGIN
from sandbox.odoo.models import MODELS
from sandbox.odoo.world import World
from sandbox.switches import Board

ASKED_KEPT = 2000
_SERIES_INFO = "final"


@dataclass(frozen=True)
class Asked:
    """One call of a method: by which API, and with which named and positional arguments."""

    kind: str
    method: str
    arguments: dict[str, Any] = field(default_factory=dict)
    api: str = ""


class Door:
    """Answers calls with the world it is given. `asked` is what was asked for."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.key = KEY
        self.asked: deque[Asked] = deque(maxlen=ASKED_KEPT)
        self._meanwhile: list[tuple[str, int, Callable[[], object]]] = []

    def forget(self) -> None:
        """Nothing was asked for, nothing is to happen, the key is the usual one."""
        self.asked.clear()
        self._meanwhile.clear()
        self.key = KEY

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

    def answer(self, world: World, request: Request, faults: list[str]) -> Answer:
        """The answer; names of switches that struck are appended to `faults`."""
        kind = feed_of(request).kind
        with world.lock:
            self._happens(kind)
        found = odoo_faults.instead(self.board, kind, faults)
        if found is None and request.path.startswith("/json/2"):
            found = self._json2(world, request, kind, faults)
        elif found is None and request.path == "/jsonrpc":
            found = self._jsonrpc(world, request, kind, faults)
        elif found is None:
            found = _page_of(world, request)
        return found

    # JSON-2

    def _json2(self, world: World, request: Request, kind: str, faults: list[str]) -> Answer:
        if world.version == 18:
            return login_page()
        if world.version < 18:
            return page("Not Found", 404)
        database = request.headers.get("x-odoo-database", "")
        several = self._struck("several_databases", kind, faults) and not database
        if self._struck("wrong_database", kind, faults) or several or (database and database != DATABASE):
            return no_database_page()
        try:
            return json_answer(self._called(world, request, kind, faults))
        except ServerError as error:
            headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
            return json_answer(error.said(), error.status, headers)
        except _NotJson:
            return page("Unsupported Media Type", 415)
        except _Page:
            return page("Internal Server Error", 500)

    def _called(self, world: World, request: Request, kind: str, faults: list[str]) -> Any:
        parts = request.path.strip("/").split("/")[2:]
        if request.method != "POST" or len(parts) != 2:
            raise not_found("Not Found")
        if not request.content_type.lower().startswith("application/json"):
            raise _NotJson
        scheme, _, key = request.authorization.partition(" ")
        if scheme.lower() != "bearer" or key.strip() != self.key or self._struck("expired_key", kind, faults):
            message = (
                "Invalid apikey" if request.authorization else "User not authenticated, use an API Key with a Bearer Authorization header."
            )
            raise ServerError("werkzeug.exceptions.Unauthorized", message, 401, arguments=(message, 401))
        try:
            body = json.loads(request.body or b"{}")
        except ValueError as error:
            raise ServerError("werkzeug.exceptions.BadRequest", f"could not parse the body as json: {error}", 400) from error
        if not isinstance(body, dict):
            raise ServerError("werkzeug.exceptions.BadRequest", "could not parse the body, expecting a json object", 400)
        model, method = parts
        self.asked.append(Asked(model, method, body, "json2"))
        try:
            return self._worked(world, model, method, None, body, kind, faults)
        except LookupError as error:
            raise not_found(str(error.args[0])) from error

    # JSON-RPC

    def _jsonrpc(self, world: World, request: Request, kind: str, faults: list[str]) -> Answer:
        if request.method != "POST":
            return page("Method Not Allowed", 405)
        if not request.content_type.lower().startswith("application/json"):
            return page("Unsupported Media Type", 415)
        try:
            body = json.loads(request.body)
            number, params = body.get("id"), body.get("params") or {}
            service, method, arguments = params.get("service"), params.get("method"), params.get("args") or []
        except (ValueError, AttributeError):
            return Answer(400, b"Invalid JSON data")
        try:
            if service == "common":
                result = self._common(world, method, arguments, kind, faults)
            elif service == "object" and method in ("execute_kw", "execute"):
                result = self._object(world, method, arguments, kind, faults)
            else:
                raise ServerError("builtins.KeyError", repr(service), 500)
        except ServerError as error:
            code = 0 if world.version >= 19 else 200
            said = {"code": code, "message": "Odoo Server Error", "data": error.said()}
            return json_answer({"jsonrpc": "2.0", "id": number, "error": said})
        except _Page:
            return page("Internal Server Error", 500)
        if result is None or self._struck("no_result", kind, faults):
            return odoo_faults.without_result(number)
        return json_answer({"jsonrpc": "2.0", "id": number, "result": result})

    def _common(self, world: World, method: Any, arguments: Sequence[Any], kind: str, faults: list[str]) -> Any:
        if method == "version":
            return version_said(world)
        if method not in ("authenticate", "login") or len(arguments) < 3:
            raise type_error(f"{method}() misses arguments")
        database, login, password = arguments[:3]
        self.asked.append(Asked("login", str(method), {}, "jsonrpc"))
        self._known(database, kind, faults)
        right = login == LOGIN and password == self.key and not self._struck("expired_key", kind, faults)
        return world.user.id if right else False

    def _object(self, world: World, method: str, arguments: Sequence[Any], kind: str, faults: list[str]) -> Any:
        if len(arguments) < 5:
            raise type_error(f"{method}() misses arguments")
        database, uid, password, model, name, *rest = arguments
        self._known(database, kind, faults)
        if uid != world.user.id or password != self.key or self._struck("expired_key", kind, faults):
            raise ServerError("odoo.exceptions.AccessDenied", "Access Denied", 403)
        positional = (rest[0] if rest else []) if method == "execute_kw" else rest
        named = rest[1] if method == "execute_kw" and len(rest) > 1 else {}
        self.asked.append(Asked(model, name, _named(name, positional, named), "jsonrpc"))
        try:
            return self._worked(world, model, name, positional, named, kind, faults)
        except LookupError as error:
            if model not in MODELS:
                raise user_error(f"Object {model} doesn't exist") from error
            raise ServerError("builtins.AttributeError", f"The method '{model}.{name}' does not exist", 500) from error

    def _known(self, database: Any, kind: str, faults: list[str]) -> None:
        if self._struck("wrong_database", kind, faults) or database != DATABASE:
            raise ServerError(
                "psycopg2.OperationalError", f'connection to server failed: FATAL:  database "{database}" does not exist\n', 500
            )

    # Both

    def _worked(
        self,
        world: World,
        model: str,
        method: str,
        positional: Sequence[Any] | None,
        named: Mapping[str, Any],
        kind: str,
        faults: list[str],
    ) -> Any:
        board = self.board
        if self._struck("no_rights", kind, faults):
            raise no_access(f"You are not allowed to access '{model}' records.")
        broken = board.take("broken", kind)
        if broken is not None:
            faults.append("broken")
            if broken.way == "html":
                raise _Page
            if broken.way == "value":
                raise value_error("not enough values to unpack (expected 2, got 1)")
            message = "could not serialize access due to concurrent update"
            raise ServerError("psycopg2.errors.SerializationFailure", message, 500)
        renamed = board.take("renamed_field", kind)
        if renamed is not None:
            faults.append("renamed_field")
        with world.lock:
            result = methods.invoke(world, model, method, positional or (), named, by_name=positional is None, without=_without(renamed))
        return self._damaged(result, kind, faults) if isinstance(result, list) else result

    def _damaged(self, rows: list[Any], kind: str, faults: list[str]) -> list[Any]:
        cut, twice, bad = (self.board.take(name, kind) for name in ("cut", "twice", "bad_values"))
        if self._struck("empty", kind, faults):
            return []
        if cut is not None:
            faults.append("cut")
            rows = rows[: cut.size or 3]
        if twice is not None:
            faults.append("twice")
            rows = [*rows, *rows[: twice.size or 1]]
        if bad is not None:
            faults.append("bad_values")
            size = bad.size or 1
            rows = [_spoilt(row) if place < size and isinstance(row, dict) else row for place, row in enumerate(rows)]
        return rows[::-1] if self._struck("shuffled", kind, faults) else rows

    def _struck(self, name: str, kind: str, faults: list[str]) -> bool:
        if self.board.take(name, kind) is None:
            return False
        faults.append(name)
        return True


class _NotJson(Exception):
    pass


class _Page(Exception):
    pass


def _without(renamed: Any) -> str:
    return "" if renamed is None else renamed.column or "write_date"


def _spoilt(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "n/a" if isinstance(value, float) else value for name, value in row.items()}


def _named(method: str, positional: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    known = methods.METHODS.get(method)
    names = (["ids"] if known and known.of_records else []) + (list(known.parameters) if known else [])
    return {**dict(zip(names, positional, strict=False)), **named}


def feed_of(request: Request) -> Feed:
    """The kind of call: the model, login, version or other."""
    parts = request.path.strip("/").split("/")
    if parts[:2] == ["json", "2"] and len(parts) == 4:
        return Feed(parts[2])
    if parts == ["web", "version"]:
        return Feed("version")
    if parts == ["jsonrpc"]:
        params = request.form.get("params")
        given = params if isinstance(params, dict) else {}
        arguments = given.get("args")
        if given.get("service") == "object" and isinstance(arguments, list) and len(arguments) > 3:
            return Feed(str(arguments[3]))
        return Feed("version" if given.get("method") == "version" else "login")
    return Feed("other")


def version_said(world: World) -> dict[str, Any]:
    """What the service `common` says."""
    series = f"{world.version}.0"
    info = [world.version, 0, 0, _SERIES_INFO, 0, ""]
    return {"server_version": series, "server_version_info": info, "server_serie": series, "protocol_version": 1}


def _page_of(world: World, request: Request) -> Answer:
    if request.path == "/web/version" and world.version >= 19:
        return json_answer({"version_info": [world.version, 0, 0, _SERIES_INFO, 0, ""], "version": f"{world.version}.0"})
    return login_page() if request.path in ("/web", "/web/login") else page("Not Found", 404)
