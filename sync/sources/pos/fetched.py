"""What the client brings of a till: the lines of a slice, one JSON array a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Fetched:
    """All lines of a slice, read to its end. `taken_at` is our clock before it began.

    `report` has the number of “rows”, “today” at the till, and the last day of each of the “branches” that have lines in it.
    """

    body: bytes
    taken_at: datetime
    report: Mapping[str, Any] = field(default_factory=dict)
    transport: str = "sql"
    content_type: str = "application/jsonl"
    filename: str = ""
    document_id: int | None = None

    @property
    def checksum(self) -> str:
        return sha256(self.body).hexdigest()


def body_of(lines: Sequence[Sequence[Any]]) -> bytes:
    """Lines as a document keeps them."""
    return "\n".join(map(_ENCODER.encode, lines)).encode()


def lines_in(body: bytes) -> Iterator[list[Any]]:
    """What `body_of` made a document of."""
    return map(json.loads, body.splitlines())
