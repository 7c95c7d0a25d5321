"""Calls of methods, whichever API they came by: what was asked is remembered, and faults strike."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.odoo import methods
from sandbox.odoo.errors import ServerError, no_access, value_error
from sandbox.odoo.keys import KEY
from sandbox.odoo.world import World
from sandbox.switches import Board

ASKED_KEPT = 2000


class ErrorPage(Exception):
    """A failure that the server has no JSON for."""


@dataclass(frozen=True)
class Asked:
    """One call of a method: by which API, and with which arguments by name."""

    kind: str
    method: str
    arguments: dict[str, Any] = field(default_factory=dict)
    api: str = ""


class Calls:
    """What both APIs do. `key` is the one that is valid, `asked` what was asked for."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.key = KEY
        self.asked: deque[Asked] = deque(maxlen=ASKED_KEPT)

    def work(
        self,
        world: World,
        model: str,
        method: str,
        positional: Sequence[Any] | None,
        named: Mapping[str, Any],
        kind: str,
        faults: list[str],
    ) -> Any:
        """The result of a method; without `positional` all arguments are by name. Raises ServerError, LookupError and ErrorPage."""
        board = self.board
        if self.struck("no_rights", kind, faults):
            raise no_access(f"You are not allowed to access '{model}' records.")
        broken = board.take("broken", kind)
        if broken is not None:
            faults.append("broken")
            if broken.way == "html":
                raise ErrorPage
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
        if self.struck("empty", kind, faults):
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
        return rows[::-1] if self.struck("shuffled", kind, faults) else rows

    def struck(self, name: str, kind: str, faults: list[str]) -> bool:
        """Whether the switch is on for this call; then it is among its `faults`."""
        if self.board.take(name, kind) is None:
            return False
        faults.append(name)
        return True


def _without(renamed: Any) -> str:
    return "" if renamed is None else renamed.column or "write_date"


def _spoilt(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "n/a" if isinstance(value, float) else value for name, value in row.items()}
