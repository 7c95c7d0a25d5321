"""The way in a program takes: JSON rows behind a bearer token, in pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.exchange import Answer, Feed, Request, json_answer
from sandbox.ge.documents import Document
from sandbox.ge.world import BUCKETS

TOKEN = "sandbox-ge-token"
"""The token that is always valid here; a made-up value, known to everybody."""

PAGE_SIZE = 500


def feed_of(request: Request) -> Feed | None:
    """Which list this is; None for any other path."""
    parts = request.path.strip("/").split("/")
    if len(parts) == 2 and parts[0] == "stock" and parts[1] in BUCKETS:
        return Feed(f"stock:{parts[1]}")
    if parts == ["loads"] and request.query.get("scope", "history") in ("open", "history"):
        return Feed(f"loads:{request.query.get('scope', 'history')}")
    if len(parts) == 3 and parts[0] == "loads" and parts[2] == "units":
        return Feed("load:units", parts[1])
    return None


def unauthorized() -> Answer:
    """No token, or a wrong one."""
    return json_answer({"error": "The token is missing or not valid."}, 401, {"WWW-Authenticate": "Bearer"})


def may_read(request: Request) -> bool:
    """Whether the call carries the token."""
    return request.authorization == f"Bearer {TOKEN}"


def not_found(sentence: str) -> Answer:
    """404 with a reason."""
    return json_answer({"error": sentence}, 404)


def page(source: Document, request: Request, *, version: int, taken_at: datetime, size: int = PAGE_SIZE) -> Answer:
    """One page of `source`; `next` is the `cursor` of the following page, left out on the last.

    A cursor is good for the `version` of the world it was made on, and 410 afterwards: the rest would be another list's.
    """
    start = 0
    cursor = request.query.get("cursor", "")
    if cursor:
        try:
            made_on, start, taken = (int(part) for part in cursor.split("."))
        except ValueError:
            return json_answer({"error": "The cursor is not one of ours."}, 400)
        if made_on != version:
            return json_answer({"error": "The cursor has expired. Begin again."}, 410)
        taken_at = datetime.fromtimestamp(taken, UTC)
    body: dict[str, Any] = {
        "takenAt": taken_at.isoformat(timespec="seconds"),
        "rows": [{name: _value(row[name]) for name in source.columns} for row in source.rows[start : start + size]],
    }
    if source.totals is not None:
        body["totals"] = source.totals
    if start + size < len(source.rows):
        body["next"] = f"{version}.{start + size}.{int(taken_at.timestamp())}"
    return json_answer(body)


def _value(cell: object) -> object:
    return None if cell == "" else cell
