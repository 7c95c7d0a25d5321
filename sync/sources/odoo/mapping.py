"""What Odoo's records say, a record at a time (docs/odoo.md, “Records”). Pure.

Master data that can't be meant is held with a sentence. A move always becomes a fact: what is wrong with it is said on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from inventory.keys import model_key, name_key, sku_key
from sync.engine.source import Held
from sync.facts.said import FactSaid
from sync.models import FactKind
from sync.sources.odoo import said, units, values
from sync.sources.odoo.classify import meaning
from sync.sources.odoo.pages import Page, Row, stamp_of
from sync.sources.odoo.said import CategorySaid, OrderSaid, PlaceSaid, ProductSaid, QuantSaid, ReorderSaid, VendorSaid
from sync.sources.odoo.values import Unclear
from sync.texts import clean, fixed

CONFIRMED = frozenset({"purchase", "done"})
"""States of an order that binds: 19 has no “done” but a lock of its own."""
_COMES_IN = frozenset({FactKind.PURCHASE, FactKind.SALE_RETURN, FactKind.MANUFACTURE, FactKind.FOUND})
_PRODUCT_RAW = ("type", "detailed_type", "is_storable", "list_price", "lst_price", "uom_id", "uom_po_id", "product_tmpl_id", "company_id")
_VENDOR_RAW = ("ref", "vat", "mobile", "supplier_rank")

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """What the facts of a connection have in common: the first part of their keys, and the zone that days are counted in."""

    prefix: str
    zone: tzinfo

    def key(self, move: int) -> str:
        """What the fact of a move is called."""
        return f"{self.prefix}:move:{move}"

    def line_key(self, line: int) -> str:
        """What the fact of an ordered line is called."""
        return f"{self.prefix}:line:{line}"

    def day(self, at: datetime | None) -> date | None:
        return at.astimezone(self.zone).date() if at else None


def category(row: Row, number: int = 0) -> CategorySaid | Held:
    return _held_or(row, number, lambda: _category(row))


def _category(row: Row) -> CategorySaid:
    name = values.text(row.get("name"), "name", 200)
    if not name:
        raise Unclear("name", "There is no “name”.")
    return CategorySaid(
        external_id=_id(said.CATEGORY, row),
        name=name,
        path=values.label(row.get("complete_name"), 500) or name,
        parent_id_there=_there(said.CATEGORY, row.get("parent_id"), "parent_id"),
        changed_upstream_at=_changed(row),
    )


def warehouse(row: Row, number: int = 0) -> PlaceSaid | Held:
    return _held_or(row, number, lambda: _warehouse(row))


def _warehouse(row: Row) -> PlaceSaid:
    code = values.text(row.get("code"), "code", 80)
    name = values.text(row.get("name"), "name", 200) or code
    if not name:
        raise Unclear("name", "There is neither a “name” nor a “code”.")
    return PlaceSaid(_id(said.WAREHOUSE, row), name, code, "", values.flag(row.get("active"), "active"))


def location(row: Row, number: int = 0) -> PlaceSaid | Held | None:
    """An internal location; None for one that holds no stock of ours. Which warehouse it is in says itself, not its place in the tree."""
    return _held_or(row, number, lambda: _location(row))


def _location(row: Row) -> PlaceSaid | None:
    if row.get("usage") != "internal":
        return None
    name = values.label(row.get("complete_name"), 200) or values.label(row.get("name"), 200) or _id(said.LOCATION, row)
    parent = _there(said.WAREHOUSE, row.get("warehouse_id"), "warehouse_id")
    return PlaceSaid(_id(said.LOCATION, row), name, "", parent, values.flag(row.get("active"), "active"))


def warehouses_of_types(rows: Sequence[Row]) -> dict[int, str]:
    """For the id of each operation type the warehouse that it belongs to."""
    found = {row["id"]: _there(said.WAREHOUSE, row.get("warehouse_id"), "warehouse_id") for row in rows}
    return {number: there for number, there in found.items() if there}


def vendor(row: Row, number: int = 0) -> VendorSaid | Held:
    return _held_or(row, number, lambda: _vendor(row))


def _vendor(row: Row) -> VendorSaid:
    name = values.text(row.get("name"), "name", 200)
    if not name:
        raise Unclear("name", "There is no “name”.")
    town = " ".join(part for part in (values.label(row.get(field), 80) for field in ("zip", "city")) if part)
    street = [values.label(row.get(field), 120) for field in ("street", "street2")]
    land = [values.shown(row.get(field), 80) for field in ("state_id", "country_id")]
    return VendorSaid(
        external_id=_id(said.VENDOR, row),
        party_id=str(row["id"]),
        name=name,
        name_key=name_key(name),
        email=values.label(row.get("email"), 254),
        phone=values.label(row.get("phone"), 60) or values.label(row.get("mobile"), 60),
        contact="",
        address=", ".join(part for part in (*street, town, *land) if part)[:500],
        active=values.flag(row.get("active"), "active"),
        raw=_raw(row, _VENDOR_RAW),
        changed_upstream_at=_changed(row),
    )


def product(row: Row, number: int = 0) -> ProductSaid | Held:
    """A variant. One without a barcode or an internal reference is a product all the same."""
    return _held_or(row, number, lambda: _product(row))


def _product(row: Row) -> ProductSaid:
    barcode = values.text(row.get("barcode"), "barcode", 80)
    sku = values.text(row.get("default_code"), "default_code", 80) or barcode or f"odoo-{row['id']}"
    return ProductSaid(
        external_id=_id(said.PRODUCT, row),
        sku=sku,
        sku_key=sku_key(sku),
        name=values.label(row.get("name"), 300) or sku,
        active=values.flag(row.get("active"), "active"),
        barcode=barcode,
        barcode_key=model_key(barcode),
        category=values.shown(row.get("categ_id"), 120),
        category_id_there=_there(said.CATEGORY, row.get("categ_id"), "categ_id"),
        cost=values.price(row.get("standard_price"), "standard_price"),
        fractional=units.is_measured(row),
        raw=_raw(row, _PRODUCT_RAW),
        changed_upstream_at=_changed(row),
    )


def reorder(row: Row, number: int = 0) -> ReorderSaid | Held:
    return _held_or(row, number, lambda: _reorder(row))


def _reorder(row: Row) -> ReorderSaid:
    point, most = (values.thousandths(values.number(row.get(name), name)) for name in ("product_min_qty", "product_max_qty"))
    product_there = _there(said.PRODUCT, row.get("product_id"), "product_id")
    place = _there(said.LOCATION, row.get("location_id"), "location_id")
    if not (product_there and place):
        raise Unclear("product_id", "It names no product or no location.")
    return ReorderSaid(
        external_id=_id(said.RULE, row),
        product_id_there=product_there,
        place_id_there=place,
        point=max(point, 0),
        maximum=most if most > 0 else None,
        method=values.label(row.get("trigger"), 40),
        active=values.flag(row.get("active"), "active"),
        changed_upstream_at=_changed(row),
    )


def quant(row: Row) -> QuantSaid | None:
    """What lies in a location; None where that can't be told or is nothing."""
    try:
        on_hand = values.thousandths(values.number(row.get("quantity"), "quantity"))
    except Unclear:
        return None
    there, place = _loosely(said.PRODUCT, row.get("product_id")), _loosely(said.LOCATION, row.get("location_id"))
    return QuantSaid(there, place, on_hand) if there and place and on_hand else None


def order(row: Row, lines: Sequence[Row], types: Mapping[int, str], facts: Facts, number: int = 0) -> OrderSaid | Held:
    """A purchase order with `lines`, its lines; `types` are the warehouses of operation types."""
    return _held_or(row, number, lambda: _order(row, lines, types, facts))


def _order(row: Row, lines: Sequence[Row], types: Mapping[int, str], facts: Facts) -> OrderSaid:
    ordered: dict[str, int] = {}
    for line in lines:
        if _is_of_product(line):
            there = _there(said.PRODUCT, line.get("product_id"), "product_id")
            ordered[there] = ordered.get(there, 0) + _ordered(line)
    return OrderSaid(
        external_id=_id(said.ORDER, row),
        number=values.label(row.get("name"), 80),
        reference=values.label(row.get("partner_ref"), 80),
        status=values.label(row.get("state"), 40),
        vendor_id_there=_there(said.VENDOR, row.get("partner_id"), "partner_id"),
        place_id_there=_place_of(row, types),
        ordered_on=facts.day(_ordered_at(row)),
        lines=ordered,
        changed_upstream_at=_changed(row),
    )


def ordered_lines(row: Row, lines: Sequence[Row], types: Mapping[int, str], facts: Facts) -> Iterator[FactSaid]:
    """A fact for each line of a confirmed order, for those who book what is ordered; none for other orders, notes and sections."""
    if row.get("state") not in CONFIRMED:
        return
    for line in lines:
        if _is_of_product(line):
            yield _ordered_line(row, line, types, facts)


def _ordered_line(row: Row, line: Row, types: Mapping[int, str], facts: Facts) -> FactSaid:
    quantity, problem = _believed(lambda: _ordered(line))
    at, wrong_date = _dated(lambda: _ordered_at(row))
    return FactSaid(
        external_id=facts.line_key(line["id"]),
        feed="purchases",
        kind=FactKind.PURCHASE,
        product_there=_loosely(said.PRODUCT, line.get("product_id")),
        place_to_there=_place_of(row, types),
        quantity=quantity,
        happened_at=at,
        day=facts.day(at),
        document=values.label(row.get("name"), 100),
        unit_cost=_ordered_cost(row, line),
        vendor_there=_loosely(said.VENDOR, row.get("partner_id")),
        said_problem=problem or wrong_date,
        raw=_raw_of_move(line),
        changed_upstream_at=stamp_of(line.get("write_date")),
    )


def moves(page: Page, facts: Facts) -> Iterator[FactSaid]:
    """A fact for each move of the page, as the page's feed asked for them."""
    for row in page.rows:
        yield move(row, page, facts)


def move(row: Row, page: Page, facts: Facts) -> FactSaid:
    """What a done move says. Sides that are no stock of ours are blank: vendors, customers, and what is on its way."""
    left, came = (values.label(row.get(name), 40) for name in ("location_usage", "location_dest_usage"))
    means = meaning(left, came, scrapped=bool(row.get("scrapped") or row.get("scrap_id") or row.get("scrap_ids")))
    quantity, problem = _believed(lambda: units.moved(row, page))
    at, wrong_date = _dated(lambda: values.moment(row.get("date"), "date"))
    line = page.lines.get(values.linked(row.get("purchase_line_id")) or 0, {})
    return FactSaid(
        external_id=facts.key(row["id"]),
        feed=means.feed or page.feed,
        kind=means.kind,
        product_there=_loosely(said.PRODUCT, row.get("product_id")),
        place_there=_loosely(said.LOCATION, row.get("location_id")) if left == "internal" else "",
        place_to_there=_loosely(said.LOCATION, row.get("location_dest_id")) if came == "internal" else "",
        quantity=quantity,
        happened_at=at,
        day=facts.day(at),
        document=_document(row),
        pair_there=",".join(map(facts.key, sorted(values.links(row.get("move_orig_ids"))))) if left == "transit" else "",
        unit_cost=_unit_cost(row) if means.kind in _COMES_IN else "",
        vendor_there=_loosely(said.VENDOR, line.get("partner_id")),
        said_problem=problem or wrong_date,
        raw=_raw_of_move(row),
        changed_upstream_at=stamp_of(row.get("write_date")),
    )


def _document(row: Row) -> str:
    """What people find it by: the transfer it belongs to, else where it came from."""
    return next((found for name in ("reference", "name", "origin") if (found := values.label(row.get(name), 100))), "")


def _unit_cost(row: Row) -> str:
    """What one was bought or made for, in the company's currency."""
    try:
        return values.price(row.get("price_unit"), "price_unit")
    except Unclear:
        return ""


def _ordered_cost(row: Row, line: Row) -> str:
    """What one of the product's unit costs on a line of the order `row`, in the company's currency, discount taken off and tax left out.

    Blank where that is unknown.
    """
    try:
        worth, quantity = (values.number(line.get(name), name) for name in ("price_subtotal", "product_uom_qty"))
        rate = values.number(row.get("currency_rate"), "currency_rate")
        return values.price(worth / quantity / rate, "price_subtotal") if worth > 0 and quantity > 0 and rate > 0 else ""
    except Unclear:
        return ""


def _is_of_product(line: Row) -> bool:
    """Sections and notes are lines, too."""
    return not line.get("display_type") and bool(line.get("product_id"))


def _ordered(line: Row) -> int:
    """Ordered, in thousandths of the product's unit."""
    return values.thousandths(values.number(line.get("product_uom_qty"), "product_uom_qty"))


def _ordered_at(row: Row) -> datetime | None:
    return values.moment(row.get("date_approve"), "date_approve") or values.moment(row.get("date_order"), "date_order")


def _place_of(row: Row, types: Mapping[int, str]) -> str:
    return types.get(values.linked(row.get("picking_type_id")) or 0, "")


def _believed(make: Callable[[], int]) -> tuple[int | None, str]:
    """A quantity above zero, or why there is none."""
    try:
        found = make()
    except Unclear:
        return None, "bad_quantity"
    if found == 0:
        return None, "zero_quantity"
    return (found, "") if found > 0 else (None, "bad_quantity")


def _dated(make: Callable[[], datetime | None]) -> tuple[datetime | None, str]:
    try:
        found = make()
    except Unclear:
        found = None
    return found, "" if found else "bad_date"


def _held_or(row: Row, number: int, make: Callable[[], T]) -> T | Held:
    """What `make` makes of the row; held, with a sentence that names the row and its record, where a value of it can't be meant."""
    try:
        return make()
    except Unclear as problem:
        names = ("id", "name", "default_code", problem.field)
        shown = {name: clean(str(row[name]))[:200] for name in names if row.get(name) not in (None, False)}
        whose = f" ({shown['name'][:80]})" if shown.get("name") else ""
        sentence = f"Record {row['id']}{whose}: {problem.sentence} What is stored stays until Odoo says it clearly."
        return Held(number, "unclear", sentence, shown)


def _id(kind: str, row: Row) -> str:
    return f"{kind}{row['id']}"


def _there(kind: str, value: Any, field: str) -> str:
    """The external id that a many2one leads to; blank for none. Raises Unclear."""
    found = values.link(value, field)
    return f"{kind}{found}" if found is not None else ""


def _loosely(kind: str, value: Any) -> str:
    """The same; blank for what can't be meant, too."""
    found = values.linked(value)
    return f"{kind}{found}" if found is not None else ""


def _changed(row: Row) -> datetime | None:
    return values.moment(row.get("write_date"), "write_date")


def _raw(row: Row, names: Sequence[str]) -> str:
    """Fields that have no column here, as they came. Empty ones are left out."""
    return fixed({name: row[name] for name in names if row.get(name) not in (None, False)})


def _raw_of_move(row: Row) -> str:
    """The whole record, but for the time it was changed, which has a column."""
    return fixed({name: value for name, value in row.items() if name != "write_date" and value is not False})
