"""What the client brings of Finale's collections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sync.sources.finale import graphql
from sync.sources.finale.columns import measure
from sync.sources.finale.shapes import SHAPES


@dataclass(frozen=True)
class Fetched:
    """One answer as it came.

    `body` is whole, JSON and an object. `checksum` is its SHA-256. `taken_at` is our clock before the call. `transport` is http or graphql.
    """

    feed: str
    part: str
    body: bytes
    taken_at: datetime
    checksum: str
    transport: str
    content_type: str = "application/json"
    filename: str = ""
    document_id: int | None = None

    @cached_property
    def report(self) -> dict[str, Any]:
        """How many “rows” it has, and the “newest” stamp of them as ISO in UTC, blank where it has none.

        Reads the body through, so it costs as much as decoding it. Raises FeedProblem: broken_off, not_a_table, no_anchor.
        """
        if self.transport == "graphql":
            page = graphql.page_of(self.feed, self.body)
            return {"rows": len(page.nodes), "newest": "", "cursor": page.cursor}
        # Only what is read from a cursor on needs to know how far it came.
        found = measure(self.body, SHAPES[self.feed].anchor, feed=self.feed, stamps=self.feed in ("orders", "shipments"))
        return {"rows": found.rows, "newest": utc(found.newest)}


def utc(stamp: str) -> str:
    """A stamp of an answer as ISO in UTC; blank for what is none."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    return (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()
