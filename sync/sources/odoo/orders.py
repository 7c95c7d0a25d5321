"""Purchase orders with their lines: kept, told to our own orders, and booked where what is ordered counts (docs/odoo.md, “Orders”)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from inventory.purchasing import follow_upstream as upstream
from inventory.quantity import from_thousandths
from sync.engine.job import Job
from sync.engine.source import Held
from sync.facts.said import FactSaid
from sync.models import Connection, OrderRef, ProductRef, SourceFact
from sync.references.places import warehouses_of
from sync.sources.odoo import mapping, values
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.pages import Page, Row, stamp_of
from sync.sources.odoo.pulling import Pulled
from sync.sources.odoo.said import ORDER, PRODUCT, OrderSaid
from sync.sources.odoo.values import Unclear

STATES: Mapping[str, str] = {"purchase": upstream.OPEN, "done": upstream.OPEN, "cancel": upstream.CANCELLED}
"""Odoo's states of an order as ours; others are drafts, which count for nothing. A locked one (“done”) may still be delivered."""
AT_ONCE = 2_000


@dataclass
class Orders:
    """The orders of one window, with the warehouses of operation types. Each page has all lines of its orders."""

    pulled: Pulled
    types: Mapping[int, str]
    known: Facts

    def rows(self) -> Iterator[OrderSaid]:
        """The orders as they are now."""
        number = 0
        for page in self.pulled.pages():
            for row, lines in _with_lines(page):
                number += 1
                if self.pulled.since is not None:
                    self.pulled.taken.add(str(row["id"]))
                said = mapping.order(row, lines, self.types, self.known, number)
                if isinstance(said, Held):
                    self.pulled.hold(said)
                else:
                    yield said

    def facts(self) -> Iterator[FactSaid]:
        """What is ordered and confirmed, line by line."""
        for page in self.pulled.pages():
            for row, lines in _with_lines(page):
                yield from mapping.ordered_lines(row, lines, self.types, self.known)

    def taken_back(self, connection: Connection) -> list[str]:
        """The stored lines of these orders that are no more, deleted or cancelled: of a changed order the set of lines is replaced."""
        gone: list[str] = []
        for page in self.pulled.pages():
            listed = {
                said.external_id for row, lines in _with_lines(page) for said in mapping.ordered_lines(row, lines, self.types, self.known)
            }
            names = {name: values.label(name, 100) for row in page.rows if isinstance(name := row.get("name"), str)}
            stored = SourceFact.objects.filter(
                connection=connection, feed="purchases", document__in=names.values(), gone_at=None, external_id__contains=":line:"
            )
            # Companies may number their orders alike: of such a name nobody can tell here whose lines are missing.
            alike = _numbered_alike(connection, set(names.values()))
            gone += [key for key, name in stored.values_list("external_id", "document") if key not in listed and name not in alike]
        return sorted(gone)

    def arrived(self, connection: Connection) -> Iterator[list[upstream.UpstreamReceipt]]:
        """What came of these orders, a page at a time: a receipt of ours for each line there."""
        for page in self.pulled.pages():
            there = {f"{PRODUCT}{number}" for line in page.lines.values() if (number := _number(line.get("product_id")))}
            products = _products(connection, there)
            found = [self._receipt(connection, row, line, products) for row, lines in _with_lines(page) for line in lines]
            yield [receipt for receipt in found if receipt is not None]

    def _receipt(self, connection: Connection, row: Row, line: Row, products: Mapping[str, int]) -> upstream.UpstreamReceipt | None:
        try:
            received, ordered = (values.number(line.get(name), name) for name in ("qty_received", "product_qty"))
            inside = values.number(line.get("product_uom_qty"), "product_uom_qty")
            # Received is told in the line's unit.
            came = values.number(received * inside / ordered, "qty_received") if ordered else received
        except Unclear:
            return None
        here = products.get(f"{PRODUCT}{_number(line.get('product_id'))}")
        if here is None:
            return None
        name, units = _name(connection, f"{ORDER}{row['id']}"), from_thousandths(values.thousandths(came))
        return upstream.UpstreamReceipt(name, self.known.line_key(line["id"]), here, units, self._day(row))

    def _day(self, row: Row) -> date:
        at = next((found for name in ("effective_date", "date_approve", "write_date") if (found := stamp_of(row.get(name)))), None)
        return self.known.day(at) or date.min


def follow(connection: Connection, some: Sequence[OrderRef]) -> None:
    """Tell our purchase orders which of them Odoo has. Within the caller's transaction."""
    products = _products(connection, {there for ref in some for there in ref.lines})
    told = [
        upstream.UpstreamOrder(
            f"{ref.reference} {ref.number}".strip(),
            _name(connection, ref.external_id),
            STATES.get(ref.status, upstream.DRAFT),
            {products[there]: from_thousandths(quantity) for there, quantity in ref.lines.items() if there in products},
        )
        for ref in some
    ]
    upstream.seen(connection.account, sorted(set(warehouses_of(connection).values())), told, by=connection.name)


def came(job: Job, connection: Connection, read: Orders) -> None:
    """Tell our purchase orders what came of them; what was told before changes nothing. A page at a time, each by itself."""
    for receipts in read.arrived(connection):
        with transaction.atomic():
            job.own()
            upstream.arrived(connection.account, receipts, by=connection.name)


def _name(connection: Connection, there: str) -> str:
    """What our order keeps as its name upstream: Odoo's ids are numbers that every other database has, too."""
    return f"odoo:{connection.pk}:{there}"


def _with_lines(page: Page) -> Iterator[tuple[Row, list[Row]]]:
    lines: dict[int, list[Row]] = defaultdict(list)
    for _, line in sorted(page.lines.items()):
        number = _number(line.get("order_id"))
        if number:
            lines[number].append(line)
    for row in page.rows:
        yield row, lines.get(row["id"], [])


def _number(value: Any) -> int:
    """The id that a many2one leads to; 0 for none."""
    try:
        return values.link(value, "") or 0
    except Unclear:
        return 0


def _numbered_alike(connection: Connection, names: set[str]) -> set[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for name in OrderRef.objects.filter(connection=connection, number__in=names).values_list("number", flat=True):
        (twice if name in seen else seen).add(name)
    return twice


def _products(connection: Connection, there: Iterable[str]) -> dict[str, int]:
    wanted = sorted(there)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = ProductRef.objects.filter(connection=connection, external_id__in=wanted[start : start + AT_ONCE], product__isnull=False)
        found.update(rows.values_list("external_id", "product_id"))
    return found
