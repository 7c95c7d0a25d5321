"""JSON-RPC, which all versions speak: one path, the service is in the body, and so are database, user and password."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.exchange import Answer, Request, json_answer
from sandbox.odoo.calls import Asked, Calls, ErrorPage
from sandbox.odoo.errors import ServerError, type_error, user_error
from sandbox.odoo.faults import page, without_result
from sandbox.odoo.keys import DATABASE, LOGIN
from sandbox.odoo.methods import METHODS
from sandbox.odoo.models import MODELS
from sandbox.odoo.world import World


def answer(calls: Calls, world: World, request: Request, kind: str, faults: list[str]) -> Answer:
    """What a call of JSON-RPC is answered: status 200 whatever went wrong."""
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
            result = _common(calls, world, method, arguments, kind, faults)
        elif service == "object" and method in ("execute_kw", "execute"):
            result = _object(calls, world, method, arguments, kind, faults)
        else:
            raise ServerError("builtins.KeyError", repr(service), 500)
    except ServerError as error:
        code = 0 if world.version >= 19 else 200
        said = {"code": code, "message": "Odoo Server Error", "data": error.said()}
        return json_answer({"jsonrpc": "2.0", "id": number, "error": said})
    except ErrorPage:
        return page("Internal Server Error", 500)
    if result is None or calls.struck("no_result", kind, faults):
        return without_result(number)
    return json_answer({"jsonrpc": "2.0", "id": number, "result": result})


def _common(calls: Calls, world: World, method: Any, arguments: Sequence[Any], kind: str, faults: list[str]) -> Any:
    if method == "version":
        return _version(world)
    if method not in ("authenticate", "login") or len(arguments) < 3:
        raise type_error(f"{method}() misses arguments")
    database, login, password = arguments[:3]
    calls.asked.append(Asked("login", str(method), {}, "jsonrpc"))
    _known(calls, database, kind, faults)
    right = login == LOGIN and password == calls.key and not calls.struck("expired_key", kind, faults)
    return world.user.id if right else False


def _object(calls: Calls, world: World, method: str, arguments: Sequence[Any], kind: str, faults: list[str]) -> Any:
    if len(arguments) < 5:
        raise type_error(f"{method}() misses arguments")
    database, uid, password, model, name, *rest = arguments
    _known(calls, database, kind, faults)
    if uid != world.user.id or password != calls.key or calls.struck("expired_key", kind, faults):
        raise ServerError("odoo.exceptions.AccessDenied", "Access Denied", 403)
    positional = (rest[0] if rest else []) if method == "execute_kw" else rest
    named = rest[1] if method == "execute_kw" and len(rest) > 1 else {}
    calls.asked.append(Asked(model, name, _named(name, positional, named), "jsonrpc"))
    try:
        return calls.work(world, model, name, positional, named, kind, faults)
    except LookupError as error:
        if model not in MODELS:
            raise user_error(f"Object {model} doesn't exist") from error
        raise ServerError("builtins.AttributeError", f"The method '{model}.{name}' does not exist", 500) from error


def _known(calls: Calls, database: Any, kind: str, faults: list[str]) -> None:
    if calls.struck("wrong_database", kind, faults) or database != DATABASE:
        raise ServerError("psycopg2.OperationalError", f'connection to server failed: FATAL:  database "{database}" does not exist\n', 500)


def _named(method: str, positional: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    known = METHODS.get(method)
    names = (["ids"] if known and known.of_records else []) + (list(known.parameters) if known else [])
    return {**dict(zip(names, positional, strict=False)), **named}


def _version(world: World) -> dict[str, Any]:
    """What the service `common` says."""
    series = f"{world.version}.0"
    info = [world.version, 0, 0, "final", 0, ""]
    return {"server_version": series, "server_version_info": info, "server_serie": series, "protocol_version": 1}
