"""A server that offers the lists as JSON (docs/ge-files.md, “Answers of a server”)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings

from sync.models.connection import Connection
from sync.sources.ge.cells import moment
from sync.sources.ge.fetched import Fetched
from sync.sources.ge.lists import OPEN, ROSTERS, bucket_of
from sync.sources.ge.options import Options
from sync.sources.ge.reading import ROWS_LIMIT, answer_content
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import ConnectionBudget
from sync.wire.errors import Refused, RetryLater, WrongAnswer
from sync.wire.session import WireSession

MOST_PAGES = 5_000
_GONE = 410
_CHANGING_SECONDS = 60.0


@dataclass(frozen=True)
class Paged:
    """A list joined from its pages."""

    rows: list[Any]
    totals: Any
    taken_at: datetime | None

    def content(self) -> bytes:
        """What it says, whenever it was taken."""
        return answer_content(self.rows, self.totals)


class HttpClient:
    """Each call opens its own session; all share the connection's budgets and breaker."""

    in_parallel = True

    def __init__(self, connection: Connection, options: Options, *, guarded: bool) -> None:
        self.footer_promised = options.footer_promised
        self._connection = connection
        self._org = options.org
        self._guarded = guarded

    def probe(self) -> None:
        """Nothing: every call carries the token anew and says itself what is wrong."""

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """The list, its pages joined. A list that changes while it is read is read a second time from its first page.

        Raises WireError, CredentialsUnreadable.
        """
        asked_at = datetime.now(UTC)
        path, params = _address(feed, part, self._org)
        with self._session() as wire:
            found = joined(lambda cursor: wire.get_json(path, params={**params, "cursor": cursor}, expect=dict), path)
        body = found.content()
        taken_at = min(found.taken_at or asked_at, asked_at)
        return Fetched(body, "application/json", "", taken_at, hashlib.sha256(body).hexdigest(), "http")

    def _session(self) -> WireSession:
        connection = self._connection
        return WireSession(
            connection.base_url,
            connection_id=connection.pk,
            name=connection.name,
            allowed=settings.ALLOWED_TARGETS,
            bearer=connection.secrets.get("token") or None,
            budget=ConnectionBudget(connection.pk),
            breaker=ConnectionBreaker(connection.pk) if self._guarded else None,
        )


def joined(page: Callable[[str | None], dict[str, Any]], path: str) -> Paged:
    """All pages that `page` gives for None and then for each `next`; once more from the first when the server says that one has gone.

    Raises WireError: RetryLater (changed_while_read) the second time, WrongAnswer when the pages never end, besides what `page` raises.
    """
    for _ in range(2):
        first, found = True, Paged([], None, None)
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            try:
                answer = page(cursor)
            except Refused as error:
                if first or error.http_status != _GONE:
                    raise
                break
            if first:
                found = Paged([], answer.get("totals"), _taken_at(answer))
            first = False
            rows, after = answer.get("rows"), answer.get("next")
            if not isinstance(rows, list):
                raise WrongAnswer(f'The answer from {path} has no list named "rows".', code="json_shape")
            found.rows.extend(rows)
            if after is None or after == "":
                return found
            cursor = str(after)
            if cursor in seen or len(seen) >= MOST_PAGES or len(found.rows) > ROWS_LIMIT:
                raise WrongAnswer(f"The pages of {path} don't end: the same cursor, or more than anybody could mean.", code="endless_pages")
            seen.add(cursor)
    raise RetryLater(f"The list at {path} kept changing while its pages were read.", after=_CHANGING_SECONDS, code="changed_while_read")


def _address(feed: str, part: str, org: str) -> tuple[str, dict[str, str]]:
    if feed == ROSTERS:
        return f"/loads/{quote(part, safe='')}/units", {}
    if bucket := bucket_of(feed):
        return f"/stock/{bucket}", {"org": org}
    return "/loads", {"org": org, "scope": "open" if feed == OPEN else "history"}


def _taken_at(answer: dict[str, Any]) -> datetime | None:
    """When the server says it took the list, UTC where it has no zone; None where it says nothing that can be read."""
    found = moment(str(answer.get("takenAt") or ""))
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
