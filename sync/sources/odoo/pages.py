"""What is asked for each feed, a page at a time by id within a window of changes, and how a page is kept (docs/odoo.md, “Pages”). Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from sync.sources.odoo import problems
from sync.sources.odoo.options import Options
from sync.sources.odoo.versions import Version

Domain = list[Any]
Row = Mapping[str, Any]

MOVE_FEEDS = ("purchases", "vendor_returns", "transfers", "manufacturing", "wastage", "adjustments", "deliveries")
"""The feeds that are done stock moves, told apart by where they come from and go to."""

MODELS: Mapping[str, str] = {
    "categories": "product.category",
    "warehouses": "stock.warehouse",
    "locations": "stock.location",
    "picking_types": "stock.picking.type",
    "vendors": "res.partner",
    "products": "product.product",
    "reorder": "stock.warehouse.orderpoint",
    "orders": "purchase.order",
    **dict.fromkeys(MOVE_FEEDS, "stock.move"),
}
WITH_LINES = frozenset({"orders", "purchases", "vendor_returns"})
"""Feeds whose pages hold the lines of purchase orders that belong to their records."""
WHOLE = frozenset({"vendors", "picking_types"})
"""Feeds that have no window: a partner becomes a vendor by its first order, and is not changed by that itself."""
_STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Asked:
    """A page that is called for by its part: changes from `since` on (None: all), and records with an id above `after_id`."""

    since: datetime | None = None
    after_id: int = 0

    @property
    def part(self) -> str:
        """As a part of a feed is called: 2026-03-01 04:10:00/512."""
        return f"{self.since.astimezone(UTC).strftime(_STAMP) if self.since else ''}/{self.after_id}"

    @classmethod
    def of(cls, part: str) -> Asked:
        """The page that the part `part` is; blank is the first of all. Raises ValueError."""
        since, _, after = part.partition("/")
        found = datetime.strptime(since, _STAMP).replace(tzinfo=UTC) if since else None
        return cls(found, int(after or 0))


@dataclass(frozen=True)
class Page:
    """What one call brought, with what else is needed to understand it.

    `lines` are lines of purchase orders by id. `units` says of products and units of measure what a move without demand is converted by:
    the unit of each product by its id, and how many of the smallest common measure each unit is.
    """

    feed: str
    version: Version
    rows: Sequence[Row]
    lines: Mapping[int, Row] = field(default_factory=dict)
    unit_of: Mapping[int, int] = field(default_factory=dict)
    unit_size: Mapping[int, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """As it is kept: equal content is equal bytes."""
        kept = {
            "feed": self.feed,
            "version": [self.version.major, self.version.minor],
            "rows": self.rows,
            "lines": self.lines,
            "unit_of": self.unit_of,
            "unit_size": self.unit_size,
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "surrogatepass")

    @classmethod
    def read(cls, body: bytes) -> Page:
        """The page that was kept as `body`. Numbers with a fraction are texts."""
        kept = json.loads(body)
        return cls(
            kept["feed"],
            Version(*kept["version"]),
            kept["rows"],
            *({int(key): value for key, value in kept[name].items()} for name in ("lines", "unit_of", "unit_size")),
        )

    @property
    def newest(self) -> datetime | None:
        """The last change of its records by Odoo's clock; None without records."""
        stamps = [stamp for row in self.rows if (stamp := stamp_of(row.get("write_date"))) is not None]
        return max(stamps, default=None)


@dataclass(frozen=True)
class Fetched:
    """A page as the engine keeps it. `taken_at` is our clock before the call, and says nothing about Odoo's."""

    feed: str
    part: str
    body: bytes
    taken_at: datetime
    transport: str
    report: Mapping[str, Any]
    """“rows”; “last_id”, 0 without any; “newest” change as ISO in UTC, blank without any; “full”: there may be another page."""
    content_type: str = "application/json"
    filename: str = ""
    document_id: int | None = None

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def report(page: Page, limit: int) -> dict[str, Any]:
    """What is known of a page without reading it, `limit` being the rows that were asked for."""
    newest = page.newest
    return {
        "rows": len(page.rows),
        "last_id": page.rows[-1]["id"] if page.rows else 0,
        "newest": newest.isoformat() if newest else "",
        "full": len(page.rows) >= limit,
    }


def stamp_of(value: Any) -> datetime | None:
    """A date and time of Odoo's, which is UTC whatever the user's zone; None for what is none, or has no day in every zone."""
    # Not by strptime, which takes longer than everything else that is done with a record.
    if not isinstance(value, str) or len(value) != 19 or value[4::3] != "-- ::":
        return None
    try:
        found = datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if MINYEAR < found.year < MAXYEAR else None


def check(model: str, rows: Sequence[Any], after_id: int) -> None:
    """Raises FeedProblem unless these are records by rising id that follow `after_id`: else paging would skip some or never end."""
    last = after_id
    for row in rows:
        number = row.get("id") if isinstance(row, dict) else None
        if isinstance(number, bool) or not isinstance(number, int) or number <= last:
            raise problems.endless(model)
        last = number


def domain_of(feed: str, options: Options, version: Version, there: Collection[str]) -> Domain:
    """Which records belong to `feed`, whenever they were changed; `there` are the fields of its model.

    Never by a location's name, which differs by version and language. Raises FeedProblem.
    """
    if feed in MOVE_FEEDS:
        return [["state", "=", "done"], *_legs(feed), *_scrapped(feed, version, there)]
    if feed == "products" and options.storable_only:
        return [["is_storable", "=", True]] if "is_storable" in there else [["type", "=", "product"]]
    if feed == "vendors":
        supplied: Domain = [["supplier_rank", ">", 0]]
        # The rank may wait for the first bill.
        return ["|", *supplied, ["purchase_line_ids", "!=", False]] if "purchase_line_ids" in there else supplied
    return []


def window_of(feed: str, version: Version, since: datetime | None, also: Collection[int] = ()) -> Domain:
    """Changes from `since` on, a whole second: the one comparison that means the same in all versions. None is no bound.

    `also` are records that count as changed whatever their own date. Short lists whose records change without a word are read as a whole.
    """
    if since is None or feed in WHOLE:
        return []
    stamp = since.astimezone(UTC).strftime(_STAMP)
    conditions: Domain = [[path, ">=", stamp] for path in _dates(feed, version)]
    if also:
        conditions.append(["id", "in", sorted(also)])
    return [*["|"] * (len(conditions) - 1), *conditions]


def between(since: datetime, before: datetime) -> Domain:
    """Records that were themselves changed from `since` on and before the other, by the two comparisons that all versions make alike."""
    return [["write_date", ">=", since.astimezone(UTC).strftime(_STAMP)], ["write_date", "<", before.astimezone(UTC).strftime(_STAMP)]]


def _dates(feed: str, version: Version) -> tuple[str, ...]:
    if feed == "products" and version.major <= 16:
        # There a change of the template's name, category or price does not count as one of its products.
        return ("write_date", "product_tmpl_id.write_date")
    return ("write_date",)


_FROM, _TO = "location_id.usage", "location_dest_id.usage"


def _leg(left: str, came: str) -> Domain:
    return ["&", [_FROM, "=", left], [_TO, "=", came]]


def _legs(feed: str) -> Domain:
    """From where to where the moves of a feed go."""
    legs = {
        "purchases": [_leg("supplier", "internal")],
        "vendor_returns": [_leg("internal", "supplier")],
        "transfers": [_leg("internal", "internal"), _leg("internal", "transit"), _leg("transit", "internal")],
        "manufacturing": [_leg("internal", "production"), _leg("production", "internal")],
        "wastage": [_leg("internal", "inventory")],
        "adjustments": [_leg("internal", "inventory"), _leg("inventory", "internal")],
        "deliveries": [_leg("internal", "customer"), _leg("customer", "internal")],
    }[feed]
    return [*["|"] * (len(legs) - 1), *(term for leg in legs for term in leg)]


def _scrapped(feed: str, version: Version, there: Collection[str]) -> Domain:
    """Whether a loss was scrapped tells wastage from an adjustment. Raises FeedProblem where this Odoo has neither field for it."""
    if feed not in ("wastage", "adjustments"):
        return []
    marks: Domain = [["scrapped", "=", True]] if "scrapped" in there else []
    if "scrap_id" in there:
        marks.append(["scrap_id", "!=", False])
    if not marks:
        raise problems.no_field("stock.move", "scrap_id", version)
    either: Domain = [*["|"] * (len(marks) - 1), *marks]
    return either if feed == "wastage" else ["!", *either]
