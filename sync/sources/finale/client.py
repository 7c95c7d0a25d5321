"""The line to a Finale account: whole collections, windows of them, single records and GraphQL pages (docs/finale.md, “Calls”).

Only reads are ever sent. Every address is made here: a collection's always ends in a slash, and redirects are not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from sync.models.connection import Connection
from sync.sources.finale import graphql, problems
from sync.sources.finale.fetched import Fetched
from sync.sources.finale.filters import PURCHASE_ORDER, encoded, ranges
from sync.sources.finale.options import Options, options_of
from sync.sources.finale.shapes import SHAPES
from sync.sources.finale.system import COLLECTIONS_HOUR, GET_MINUTE, POST_MINUTE
from sync.sources.finale.windows import Window
from sync.wire.answers import JSON
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import ConnectionBudget
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, TargetRefused, WireError, WrongAnswer
from sync.wire.session import WireSession
from sync.wire.waiting import LONGEST_WAIT, waited

LARGEST_BODY = 512 * 1024 * 1024
SHORT_WAIT = 5.0
"""The same for somebody who looks at the screen meanwhile."""
DEADLINE = 600.0
URGENT = frozenset({"stock", "places"})
"""What may use the reserve: stock, and the locations without which it can't be told where it is."""

T = TypeVar("T")


def client_for(connection: Connection, *, guarded: bool = True) -> Client:
    """The client of `connection`; unless `guarded` its calls pass by the breaker and don't wait for budgets.

    Nothing is opened and no secret read yet. Raises SettingsIncomplete.
    """
    return Client(connection, options_of(connection), guarded=guarded)


class Client:
    """Each call opens its own session; all share the connection's budgets and breaker. May be used from several threads at once."""

    in_parallel = True

    def __init__(self, connection: Connection, options: Options, *, guarded: bool) -> None:
        self._connection, self._options, self._guarded = connection, options, guarded
        self._home = f"/{options.account}/api"

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """The collection `feed` as a whole; or of it the window that is called `part`; or with `graphql:NUMBER:CURSOR` a GraphQL page.

        Of orders only purchases come in windows. Raises WireError (BudgetSpent when it can go on later), CredentialsUnreadable, and
        ValueError for a part that this feed has not.
        """
        if part.startswith(graphql.PART):
            return self._page(feed, part)
        params = self._params(feed, part)
        shape = SHAPES[feed]
        spending = Spending(names=(GET_MINUTE, COLLECTIONS_HOUR), urgent=feed in URGENT)

        def call(wire: WireSession) -> Fetched:
            asked_at = datetime.now(UTC)
            path = f"{self._home}/{shape.resource}/"
            with wire.download("GET", path, params=params, accept=JSON, limit_bytes=LARGEST_BODY, spending=spending) as found:
                body = found.path.read_bytes()
                _check_object(body)
                return Fetched(feed, part, body, asked_at, found.sha256, "http", found.content_type)

        return self._told(feed, call)

    def record(self, url: str) -> dict[str, Any]:
        """The single record that an answer named by its `url`: an order or a shipment, with its lines.

        Raises TargetRefused for a URL outside the account, WireError (not_found where there is none), CredentialsUnreadable.
        """
        path = self._own(url)
        resource = path.removeprefix(f"{self._home}/").partition("/")[0]
        feed = next((name for name, shape in SHAPES.items() if shape.resource == resource), resource)
        spending = Spending(names=(GET_MINUTE,))
        return self._told(
            feed, lambda wire: wire.get_json(path, expect=dict, spending=spending, read_seconds=float(self._options.record_seconds))
        )

    def _page(self, feed: str, part: str) -> Fetched:
        query, cursor = graphql.query_of(feed), graphql.cursor_of(part)
        spending = Spending(names=(POST_MINUTE,), urgent=feed == "stock")

        def call(wire: WireSession) -> Fetched:
            asked_at = datetime.now(UTC)
            asked = {"query": query, "variables": {"first": graphql.PAGE, "after": cursor or None}}
            body, checksum = graphql.kept(wire.read_json("POST", f"{self._home}/graphql", json=asked, expect=dict, spending=spending))
            return Fetched(feed, part, body, asked_at, checksum, "graphql")

        return self._told(feed, call)

    def _params(self, feed: str, part: str) -> dict[str, str]:
        if not part:
            return {}
        if not SHAPES[feed].by_date:
            raise ValueError(f"Finale's {problems.LABELS[feed]} can't be asked for by dates.")
        exactly = {"orderTypeId": PURCHASE_ORDER} if feed == "orders" else {}
        return {"filter": encoded(ranges(Window.of(part), **exactly))}

    def _own(self, url: str) -> str:
        """The path of a host-relative URL of this account, its escapes kept. Raises TargetRefused."""
        parts = urlsplit(url)
        segments = [unquote(segment) for segment in parts.path.split("/")]
        inside = (
            parts.path.startswith(f"{self._home}/") and not parts.scheme and not parts.netloc and not parts.query and not parts.fragment
        )
        if not inside or {".", ".."} & set(segments) or "\\" in url:
            raise TargetRefused(
                "Finale named a record outside of its account, which is not asked for.",
                hint="Check the account of the connection.",
            )
        return quote(parts.path, safe="/%:@!$&'()*+,;=~-._")

    def _told(self, feed: str, call: Callable[[WireSession], T]) -> T:
        """What `call` brings. A minute that is used up is waited for here: a thousand documents read one by one go through as one."""

        def once() -> T:
            with self._session() as wire:
                return call(wire)

        try:
            return waited(once) if self._guarded else once()
        except WireError as error:
            found = problems.told(error, account=self._options.account, feed=feed, now=datetime.now(UTC))
            if found is error:
                raise
            raise found from None

    @contextmanager
    def _session(self) -> Iterator[WireSession]:
        connection = self._connection
        with WireSession(
            connection.base_url,
            connection_id=connection.pk,
            name=connection.name,
            allowed=settings.ALLOWED_TARGETS,
            basic=_login(connection),
            headers={"Accept": "application/json"},
            judge=graphql.judge,
            connect_seconds=float(self._options.connect_seconds),
            read_seconds=float(self._options.collection_seconds),
            deadline_seconds=DEADLINE,
            longest_pause=LONGEST_WAIT if self._guarded else SHORT_WAIT,
            budget=ConnectionBudget(connection.pk),
            breaker=ConnectionBreaker(connection.pk) if self._guarded else None,
        ) as wire:
            yield wire


def _login(connection: Connection) -> tuple[str, str]:
    """Key and secret. Raises CredentialsUnreadable, BadCredentials naming what is missing."""
    key, secret = (connection.secrets.get(name) or "" for name in ("key", "secret"))
    missing = [label for label, value in (("API key", key), ("API secret", secret)) if not value]
    if missing:
        sentence = f"The {' and the '.join(missing)} of “{connection}” {'is' if len(missing) == 1 else 'are'} missing."
        raise BadCredentials(sentence, code="missing_secret")
    return key, secret


def _check_object(body: bytes) -> None:
    """Raises WrongAnswer unless `body` begins and ends as an object does: not blank, not cut short where no length was announced."""
    edges = body[:1024].removeprefix(b"\xef\xbb\xbf").strip()[:1], body[-1024:].strip()[-1:]
    if edges[0] != b"{":
        raise WrongAnswer("The answer is no JSON object.", code="json_shape" if edges[0] else "blank")
    if edges[1] != b"}":
        raise WrongAnswer("The answer ends in the middle.", code="half_body")
