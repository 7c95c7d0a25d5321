"""Finale's GraphQL pages, for lists too long for windows (docs/finale.md, “GraphQL”). Pure.

Values come as people read them: “1,234.5”, “--” for none, “4 d”, statuses as labels. Failures come with status 200.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.keys import model_key, name_key, sku_key
from sync.engine.source import Held
from sync.feedproblem import FeedProblem
from sync.sources.finale import cells, problems
from sync.sources.finale.cells import Unclear
from sync.sources.finale.held import last_segment, url
from sync.sources.finale.said import ProductSaid, StockLine, VendorSaid
from sync.texts import clean
from sync.wire.errors import WireError, WrongAnswer

PART = "graphql:"
PAGE = 500
NONE = "--"
WHOLE_ACCOUNT = ""
"""The place of stock that GraphQL gives only for all locations together."""

_SUPPLIER = "supplier1 { partyUrl }"
_FIELDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "products": (
        "productViewConnection",
        "",
        (
            "productId",
            "productUrl",
            "status",
            "description",
            "category",
            "itemCost",
            "leadTime",
            "universalProductCode",
            _SUPPLIER,
        ),
    ),
    "stock": ("productViewConnection", "", ("productId", "productUrl", "unitsInStock", "stockAvailable", "stockOnOrder")),
    "vendors": (
        "partyViewConnection",
        ', role: ["SUPPLIER"]',
        ("partyId", "partyUrl", "name", "contactName", "primaryEmailAddress", "primaryPhoneNumber", "primaryAddress", "status"),
    ),
}


@dataclass(frozen=True)
class Page:
    """One page: its nodes, and the cursor of the next one; blank when it is the last."""

    nodes: tuple[Mapping[str, Any], ...]
    cursor: str


def part_of(number: int, cursor: str) -> str:
    """What the page with this number is called as a part; `cursor` is the one of the page before it, blank for the first."""
    return f"{PART}{number}:{cursor}"


def cursor_of(part: str) -> str:
    """The cursor that the part `part` begins after; blank for the first. Raises ValueError."""
    number, found, cursor = part.removeprefix(PART).partition(":")
    if not part.startswith(PART) or not found or not number.isdigit():
        raise ValueError(f"“{part[:40]}” is no GraphQL page: it must be {PART}NUMBER:CURSOR.")
    return cursor


def query_of(feed: str) -> str:
    """The query for pages of `feed`; its variables are `first` and `after`. Raises ValueError for feeds without one."""
    if feed not in _FIELDS:
        raise ValueError(f"Finale's {problems.LABELS.get(feed, feed)} are not read through GraphQL.")
    name, arguments, fields = _FIELDS[feed]
    return (
        f"query($first: Int!, $after: String) {{ {name}(first: $first, after: $after{arguments}) "
        f"{{ edges {{ node {{ {' '.join(fields)} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )


def judge(said: Any, status: int) -> WireError | None:
    """An answer with errors is a failure, whatever its status. Its texts are not repeated: they may hold anything."""
    if status == 200 and isinstance(said, dict) and said.get("errors"):
        return WrongAnswer(
            "Finale refused the question (GraphQL): a field may be gone, or it is busy.",
            code="graphql_errors",
            hint="Nothing of the list is used: what is unknown is not zero. If it stays, this version asks for a field Finale has removed.",
        )
    return None


def kept(answer: dict[str, Any]) -> tuple[bytes, str]:
    """An answer as it is kept, and its SHA-256."""
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "surrogatepass")
    return body, hashlib.sha256(body).hexdigest()


def page_of(feed: str, body: bytes) -> Page:
    """The page in `body`. Raises FeedProblem where it is none: then nothing is known, and nothing is zero."""
    name, _, fields = _FIELDS[feed]
    try:
        connection = json.loads(body)["data"][name]
        nodes = tuple(edge["node"] for edge in connection["edges"])
        info = connection["pageInfo"]
        more, cursor = info["hasNextPage"], info["endCursor"] or ""
        for field in (each.partition(" ")[0] for each in fields):
            if any(field not in node for node in nodes):
                raise problems.no_column(feed, field, nodes[0].keys())
    except (ValueError, KeyError, TypeError) as error:
        raise problems.not_a_table(feed) from error
    if not isinstance(more, bool) or (more and not (cursor and nodes)):
        raise problems.broken_off(feed)
    return Page(nodes, str(cursor) if more else "")


class Walk:
    """Page after page: tells a cursor that comes again, which would never end."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._seen: set[str] = set()

    def after(self, page: Page) -> str:
        """The cursor to go on with, blank at the end. Raises FeedProblem where it was there before."""
        if page.cursor and page.cursor in self._seen:
            raise FeedProblem(
                "endless_pages",
                f"Finale's pages of {problems.LABELS[self._feed]} don't end: the same one came twice.",
                "Nothing of the list is used. It is tried again with the next run.",
            )
        self._seen.add(page.cursor)
        return page.cursor


def products(page: Page, first: int = 1) -> Iterator[ProductSaid | Held]:
    """The products of a page, `first` being the number of its first row. What GraphQL does not give is None: packing, guidelines, …"""
    for number, node in enumerate(page.nodes, first):
        yield _held_or(node, number, "productId", _product)


def stock(page: Page, first: int = 1) -> Iterator[StockLine | Held]:
    """Totals per product: their place is blank, since GraphQL gives them for all locations together. Without any quantity no line."""
    for number, node in enumerate(page.nodes, first):
        found = _held_or(node, number, "productId", _stock)
        if isinstance(found, Held) or found.on_hand or found.reserved or found.on_order:
            yield found


def vendors(page: Page, first: int = 1) -> Iterator[VendorSaid | Held]:
    """The suppliers of a page."""
    for number, node in enumerate(page.nodes, first):
        yield _held_or(node, number, "name", _vendor)


def _held_or(node: Mapping[str, Any], number: int, name: str, make: Any) -> Any:
    try:
        return make(node)
    except Unclear as problem:
        shown = {column: clean(str(node[column]))[:200] for column in ("productUrl", "partyUrl", name, problem.field) if node.get(column)}
        whose = f" ({shown[name][:80]})" if shown.get(name) else ""
        return Held(
            number, "unclear", f"Row {number:,}{whose}: {problem.sentence} What is stored stays until Finale says it clearly.", shown
        )


def _product(node: Mapping[str, Any]) -> ProductSaid:
    sku = text(node, "productId", 80)
    if not sku:
        raise Unclear("productId", "There is no “productId”.")
    barcode = text(node, "universalProductCode", 80)
    supplier = node.get("supplier1") or {}
    return ProductSaid(
        external_id=url(node.get("productUrl"), "productUrl"),
        sku=sku,
        sku_key=sku_key(sku),
        name=text(node, "description", 300),
        active=_status(node) == "active",
        barcode=barcode,
        barcode_key=model_key(barcode),
        category=text(node, "category", 120),
        cost=cells.price(number(node, "itemCost"), "itemCost"),
        lead_time_days=cells.days(number(node, "leadTime"), "leadTime"),
        packing=None,
        units_per_case=None,
        vendor_id_there=url(supplier["partyUrl"], "supplier1") if supplier.get("partyUrl") else "",
        vendor_code=None,
        vendor_price=None,
        suppliers=None,
        guidelines=None,
        reorder_method=None,
        reorder_excluded=None,
        raw=None,
        changed_upstream_at=None,
    )


def _stock(node: Mapping[str, Any]) -> StockLine:
    product = url(node.get("productUrl"), "productUrl")
    on_hand = cells.quantity(number(node, "unitsInStock"), "unitsInStock")
    available = number(node, "stockAvailable")
    reserved = on_hand - cells.quantity(available, "stockAvailable") if available is not None else 0
    on_order = cells.quantity(number(node, "stockOnOrder"), "stockOnOrder")
    return StockLine(f"{product} {WHOLE_ACCOUNT}", product, WHOLE_ACCOUNT, text(node, "productId", 80), on_hand, reserved, on_order)


def _vendor(node: Mapping[str, Any]) -> VendorSaid:
    there = url(node.get("partyUrl"), "partyUrl")
    party = text(node, "partyId", 80) or last_segment(there)
    name = text(node, "name", 200) or party
    return VendorSaid(
        external_id=there,
        party_id=party,
        name=name,
        name_key=name_key(name),
        email=text(node, "primaryEmailAddress", 254),
        phone=text(node, "primaryPhoneNumber", 60),
        contact=text(node, "contactName", 120),
        address=text(node, "primaryAddress", 500),
        active=_status(node) != "inactive",
        raw=None,
        changed_upstream_at=None,
    )


def _status(node: Mapping[str, Any]) -> str:
    found = text(node, "status", 40).lower()
    if not found:
        raise Unclear("status", "“status” does not say whether it is active.")
    return found


def text(node: Mapping[str, Any], field: str, limit: int) -> str:
    """A text; blank for none, however that is written. Raises Unclear."""
    found = cells.text(node.get(field), field, limit)
    return "" if found == NONE else found


def number(node: Mapping[str, Any], field: str) -> str | None:
    """A number as it can be read: without the commas between thousands and the “d” of days; None for “--”. Raises Unclear."""
    found = text(node, field, 60).removesuffix(" d").replace(",", "")
    return found or None
