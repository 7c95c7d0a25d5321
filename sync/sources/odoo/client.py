"""The line to an Odoo: records by id, a page at a time, through whichever API it has (docs/odoo.md, “Wire”).

Only reads are ever sent, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar

from django.conf import settings

from sync.models.connection import Connection
from sync.sources.odoo import jsonrpc, pages, problems, units, values, versions
from sync.sources.odoo.json2 import NAME as JSON2
from sync.sources.odoo.json2 import Json2
from sync.sources.odoo.jsonrpc import JsonRpc
from sync.sources.odoo.options import Options, options_of
from sync.sources.odoo.pages import Asked, Domain, Fetched, Page, Row
from sync.sources.odoo.versions import Version
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import ConnectionBudget
from sync.wire.errors import BadCredentials, Refused, SessionExpired, WireError, WrongAnswer
from sync.wire.session import WireSession
from sync.wire.waiting import LONGEST_WAIT, waited

LARGEST_BODY = 64 * 1024 * 1024
SHORT_WAIT = 5.0
"""Seconds that somebody who looks at the screen meanwhile is kept waiting for another try."""
JSON2_SINCE = 19
LINES_AT_ONCE = 1_000
_NO_ODOO_19 = frozenset({"html", "content_type", "json_shape", "not_json", "redirect"})
"""What an older Odoo, which has no such page, may answer when it is asked for its version."""

T = TypeVar("T")


class Api(Protocol):
    """One of the two ways to call a method of a model."""

    @property
    def name(self) -> str: ...
    @property
    def session(self) -> Mapping[str, Any]: ...
    def call(self, wire: WireSession, model: str, method: str, parameters: Mapping[str, Any], expect: type[Any]) -> Any: ...


def client_for(connection: Connection, *, guarded: bool = True) -> Client:
    """The client of `connection`; unless `guarded` its calls pass by the breaker and don't wait for budgets.

    Nothing is opened and no secret read yet. Raises SettingsIncomplete.
    """
    return Client(connection, options_of(connection), guarded=guarded)


class Client:
    """Which API and version it is, and which fields a model has, is asked once: a client is made for a run.

    Every method raises WireError (BudgetSpent when it can go on later), CredentialsUnreadable and FeedProblem.
    """

    in_parallel = False

    def __init__(self, connection: Connection, options: Options, *, guarded: bool) -> None:
        self._connection, self.options, self._guarded = connection, options, guarded
        self._fields: dict[str, frozenset[str]] = {}
        self._orders: dict[datetime, frozenset[int]] = {}

    @property
    def version(self) -> Version:
        """The version of this Odoo."""
        return self._spoken[1]

    @property
    def api(self) -> str:
        """json2 or jsonrpc."""
        return self._spoken[0].name

    def fields(self, model: str) -> frozenset[str]:
        """The fields of `model` that the user may see, asked once."""
        if model not in self._fields:
            found = self._call(model, "fields_get", {"allfields": [], "attributes": ["type", "store"]}, dict)
            self._fields[model] = frozenset(map(str, found))
        return self._fields[model]

    def known(self, model: str) -> list[str]:
        """Those of them that are read, the id first. Raises FeedProblem naming one that is needed and not there."""
        there = self.fields(model)
        if missing := versions.lacking(model, self.version, there):
            raise problems.no_field(model, missing, self.version)
        return versions.known(model, self.version, there)

    def search_read(
        self, model: str, domain: Domain, fields: Sequence[str] | None = None, *, after_id: int = 0, limit: int, lang: str = ""
    ) -> list[dict[str, Any]]:
        """Up to `limit` records by rising id, archived ones too, with these `fields`; without them, with those that are read of `model`."""
        asked = {
            "domain": [*domain, ["id", ">", after_id]],
            "fields": list(fields) if fields is not None else self.known(model),
            "order": "id",
            "limit": limit,
            "context": self._context(lang),
        }
        found: list[dict[str, Any]] = self._call(model, "search_read", asked, list)
        pages.check(model, found, after_id)
        return found

    def ids(self, model: str, domain: Domain, after_id: int = 0, limit: int = 1_000) -> list[int]:
        """The ids of up to `limit` records by rising id, archived ones too."""
        return [row["id"] for row in self.search_read(model, domain, ["id"], after_id=after_id, limit=limit)]

    def ids_of(self, feed: str, after_id: int = 0, limit: int = 1_000) -> list[int]:
        """The same for all records that belong to `feed`, whenever they were changed."""
        return self.ids(pages.MODELS[feed], self.domain(feed), after_id, limit)

    def count(self, model: str, domain: Domain) -> int:
        """How many records there are, archived ones too."""
        found: int = self._call(model, "search_count", {"domain": domain, "context": self._context("")}, int)
        return found

    def domain(self, feed: str, since: datetime | None = None) -> Domain:
        """Which records belong to `feed`, of those changed from `since` on where that is given."""
        there = self.fields(pages.MODELS[feed])
        also = self._reordered(since) if feed == "orders" and since is not None else ()
        return [*pages.domain_of(feed, self.options, self.version, there), *pages.window_of(feed, self.version, since, also)]

    def changed_between(self, feed: str, since: datetime, before: datetime) -> Domain:
        """The records of `feed` whose own last change was from `since` on and `before` the other, whole seconds both."""
        return [*self.domain(feed), *pages.between(since, before)]

    def page(self, feed: str, part: str = "") -> Fetched:
        """The page of `feed` that is called `part` (pages.Asked), with all that is needed to understand it; for documents.gather."""
        asked_at = datetime.now(UTC)
        asked, model = Asked.of(part), pages.MODELS[feed]
        limit = self.options.page_rows
        rows = self.search_read(model, self.domain(feed, asked.since), after_id=asked.after_id, limit=limit)
        found = Page(feed, self.version, rows, self._lines(feed, rows), *self._units(feed, rows))
        return Fetched(feed, part, found.body(), asked_at, self.api, pages.report(found, limit))

    def _reordered(self, since: datetime) -> frozenset[int]:
        """Orders with a line that was changed, asked for once: one that costs nothing changes no sum of its order, nor the order's date."""
        if since not in self._orders:
            window = pages.window_of("orders", self.version, since)
            found = self._all("purchase.order.line", window[0], ["id", "order_id"])
            self._orders[since] = frozenset(_linked(found.values(), "order_id"))
        return self._orders[since]

    def _lines(self, feed: str, rows: Sequence[Row]) -> dict[int, Row]:
        """The lines of these orders, or the lines by which these moves were ordered."""
        if feed == "orders":
            return self._all("purchase.order.line", ["order_id", "in", [row["id"] for row in rows]])
        if feed not in pages.WITH_LINES or "purchase_line_id" not in self.fields("stock.move"):
            return {}
        return self._all("purchase.order.line", ["id", "in", _linked(rows, "purchase_line_id")])

    def _units(self, feed: str, rows: Sequence[Row]) -> tuple[dict[int, int], dict[int, str]]:
        """The units that moves without demand have to be converted by: a few of a page, most often none."""
        moves = [row for row in rows if units.needs_units(row)] if feed in pages.MOVE_FEEDS else []
        if not moves:
            return {}, {}
        there = self._all("product.product", ["id", "in", _linked(moves, "product_id")], ["id", "uom_id"])
        unit_of = {number: unit for number, each in there.items() if (unit := values.linked(each.get("uom_id")))}
        wanted = {*unit_of.values(), *_linked(moves, "product_uom")}
        found = self._all("uom.uom", ["id", "in", sorted(wanted)])
        return unit_of, {number: units.size_of(unit) for number, unit in found.items()}

    def _all(self, model: str, condition: Sequence[Any], fields: Collection[str] | None = None) -> dict[int, Row]:
        """All records for which `condition` is true, by id; none are asked for where its list is empty."""
        found: dict[int, Row] = {}
        if not condition[2]:
            return found
        chosen = list(fields) if fields is not None else None
        while True:
            rows = self.search_read(model, [list(condition)], chosen, after_id=max(found, default=0), limit=LINES_AT_ONCE)
            found.update((row["id"], row) for row in rows)
            if len(rows) < LINES_AT_ONCE:
                return found

    def _context(self, lang: str) -> dict[str, Any]:
        company = {"allowed_company_ids": [self.options.company]} if self.options.company else {}
        return {"active_test": False, "lang": lang or self.options.language, **company}

    def _call(self, model: str, method: str, parameters: Mapping[str, Any], expect: type[Any]) -> Any:
        api, version = self._spoken
        found = self._told(model, api.session, lambda wire: api.call(wire, model, method, parameters, expect), version)
        if isinstance(found, bool):
            raise problems.no_result(model)
        return found

    @cached_property
    def _spoken(self) -> tuple[Api, Version]:
        """The API that is spoken, and the version. Not found out by a call of JSON-2: an older Odoo may answer that with a web page."""
        chosen, options, key = self.options.api, self.options, self._key()
        version = self._told("", {}, _web_version) if chosen != jsonrpc.NAME else None
        if version is not None and (chosen == JSON2 or version.major >= JSON2_SINCE):
            return Json2(options.database, key), version
        if chosen == JSON2:
            raise problems.no_json2()
        api = JsonRpc(options.database, options.login, key)
        version = self._told("", api.session, lambda wire: _version(api.version(wire)))
        if not options.login:
            raise problems.no_login(version)
        return api, version

    def _key(self) -> str:
        """Raises CredentialsUnreadable, BadCredentials where it is missing."""
        key = self._connection.secrets.get("key") or ""
        if not key:
            raise BadCredentials(f"The API key or password of “{self._connection}” is missing.", code="missing_secret")
        return key

    def _told(self, model: str, how: Mapping[str, Any], call: Callable[[WireSession], T], version: Version | None = None) -> T:
        """What `call` brings, its errors in words. A minute that is used up is waited for."""

        def once() -> T:
            with self._session(how) as wire:
                return call(wire)

        try:
            return waited(once) if self._guarded else once()
        except WireError as error:
            found = problems.told(error, model, now=datetime.now(UTC), version=version)
            if found is error:
                raise
            raise found from None

    def _session(self, how: Mapping[str, Any]) -> WireSession:
        connection = self._connection
        return WireSession(
            connection.base_url,
            connection_id=connection.pk,
            name=connection.name,
            allowed=settings.ALLOWED_TARGETS,
            connect_seconds=float(self.options.connect_seconds),
            read_seconds=float(self.options.read_seconds),
            longest_pause=LONGEST_WAIT if self._guarded else SHORT_WAIT,
            budget=ConnectionBudget(connection.pk),
            breaker=ConnectionBreaker(connection.pk) if self._guarded else None,
            **how,
        )


def _linked(rows: Iterable[Row], field: str) -> list[int]:
    """The ids that a many2one of these records leads to, each once."""
    return sorted({number for row in rows if (number := values.linked(row.get(field)))})


def _web_version(wire: WireSession) -> Version | None:
    """The version that a page tells which came with Odoo 19; None where there is no such page."""
    try:
        said = wire.get_json("/web/version", expect=dict)
    except (Refused, SessionExpired):
        return None
    except WrongAnswer as error:
        if error.code in _NO_ODOO_19:
            return None
        raise
    try:
        return Version.of(said.get("version"))
    except ValueError:
        return None


def _version(text: Any) -> Version:
    """Raises WrongAnswer."""
    try:
        return Version.of(text)
    except ValueError:
        raise problems.no_version() from None
