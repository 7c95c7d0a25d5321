"""JSON-2, which came with 19: a path for each model and method, a key in a header, errors by status."""

from __future__ import annotations

import json
from typing import Any

from sandbox.exchange import Answer, Request, json_answer
from sandbox.odoo.calls import Asked, Calls, ErrorPage
from sandbox.odoo.errors import ServerError, not_found
from sandbox.odoo.faults import login_page, no_database_page, page
from sandbox.odoo.keys import DATABASE
from sandbox.odoo.world import World


class NotJson(Exception):
    """A body of another content type."""


def answer(calls: Calls, world: World, request: Request, kind: str, faults: list[str]) -> Answer:
    """What a call of JSON-2 is answered: 18 knows none and shows its log-in."""
    if world.version == 18:
        return login_page()
    if world.version < 18:
        return page("Not Found", 404)
    database = request.headers.get("x-odoo-database", "")
    several = calls.struck("several_databases", kind, faults) and not database
    if calls.struck("wrong_database", kind, faults) or several or (database and database != DATABASE):
        return no_database_page()
    try:
        return json_answer(_called(calls, world, request, kind, faults))
    except ServerError as error:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
        return json_answer(error.said(), error.status, headers)
    except NotJson:
        return page("Unsupported Media Type", 415)
    except ErrorPage:
        return page("Internal Server Error", 500)


def _called(calls: Calls, world: World, request: Request, kind: str, faults: list[str]) -> Any:
    parts = request.path.strip("/").split("/")[2:]
    if request.method != "POST" or len(parts) != 2:
        raise not_found("Not Found")
    if not request.content_type.lower().startswith("application/json"):
        raise NotJson
    scheme, _, key = request.authorization.partition(" ")
    if scheme.lower() != "bearer" or key.strip() != calls.key or calls.struck("expired_key", kind, faults):
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
    calls.asked.append(Asked(model, method, body, "json2"))
    try:
        return calls.work(world, model, method, None, body, kind, faults)
    except LookupError as error:
        raise not_found(str(error.args[0])) from error
