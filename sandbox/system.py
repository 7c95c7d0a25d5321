"""What every stand-in offers to the server and to the control page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sandbox.exchange import Answer, Feed, Request
from sandbox.journal import Journal
from sandbox.switches import Board


class ActionError(ValueError):
    """An action the system doesn't have, or whose arguments don't fit; the message says which."""


class System(Protocol):
    """One outside system under its own path prefix."""

    name: str
    title: str
    board: Board
    journal: Journal
    feeds: tuple[str, ...]

    def feed(self, request: Request) -> Feed | None:
        """The data set this call asks for, None for any other page."""

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """The answer; names of switches that changed its content are appended to `faults`."""

    def overview(self) -> dict[str, Any]:
        """The state of the system's world in a few numbers."""

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """Change the world. Raises ActionError."""
