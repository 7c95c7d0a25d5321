"""What every stand-in offers to the server and to the control page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from sandbox.exchange import Answer, Feed, Request
from sandbox.journal import Journal
from sandbox.switches import Board


class ActionError(ValueError):
    """An action the system doesn't have, or whose arguments don't fit; the message says which."""


@dataclass(frozen=True)
class Action:
    """Something a person can do to the system's world. `fields` are the names of what may be given with it, `help` says what they mean."""

    name: str
    label: str
    fields: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class Table:
    """Rows for people, on the control page: the newest SHOWN of them, and `of` how many. A `folded` one is opened by a click."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    of: int
    folded: bool = False

    SHOWN: ClassVar[int] = 50


class System(Protocol):
    """One outside system under its own path prefix."""

    name: str
    title: str
    board: Board
    journal: Journal
    feeds: tuple[str, ...]
    actions: Sequence[Action]

    def feed(self, request: Request) -> Feed | None:
        """The data set this call asks for or the kind of call it is, None for any other page."""

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """The answer; names of switches that changed its content are appended to `faults`."""

    def overview(self) -> dict[str, Any]:
        """The state of the system's world in a few numbers."""

    def rows(self, table: str) -> list[dict[str, Any]] | None:
        """Everything in a table of the system's world, for tests; None where there is no such table."""

    def tables(self) -> Sequence[Table]:
        """What people may want to see of it."""

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """Change the world. Raises ActionError."""

    def close(self) -> None:
        """Let go of files."""
