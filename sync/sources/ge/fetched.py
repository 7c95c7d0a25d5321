"""What every way to GE's lists brings, and what all of them can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Fetched:
    """One list as it came.

    `checksum` is the SHA-256 of what it says: equal content has the same one whenever it was taken. `taken_at` is when GE or the server
    wrote it as far as that is known, else when it was asked for, never later than now. `document_id` is the upload it is, already stored.
    """

    body: bytes
    content_type: str
    filename: str
    taken_at: datetime
    checksum: str
    transport: str
    document_id: int | None = None
    report: Mapping[str, Any] = field(default_factory=dict)


class Client(Protocol):
    """The lists of one connection, for one run.

    Where `in_parallel`, `fetch` may be called from several threads at once; each of them closes its own database connections.
    `footer_promised`: a stock list without its Total row is not whole.
    """

    in_parallel: bool
    footer_promised: bool

    def probe(self) -> None:
        """Find out once what would spoil every fetch: an ended session, a missing folder. Raises WireError, CredentialsUnreadable."""

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """The list `feed`; of `load:units` one that has the load `part`, perhaps with others.

        Raises WireError, CredentialsUnreadable, and FeedProblem where the place of the list is empty or its file is of no use.
        """
