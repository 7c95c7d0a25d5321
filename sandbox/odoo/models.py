"""The models that can be read, with the fields that each version has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.odoo.fields import (
    Field,
    Model,
    binary,
    boolean,
    char,
    computed,
    floating,
    integer,
    many2many,
    many2one,
    moment,
    monetary,
    one2many,
    selection,
    text,
)
from sandbox.odoo.records import Move, Order, Product, Quant, Row, Template

USAGES = ("supplier", "view", "internal", "customer", "inventory", "production", "transit")
_PICTURE = "iVBORw0KGgoAAAANSUhEUgAA" + "A" * 4000
"""What is sent to who names no fields: a product has pictures."""


def _base() -> tuple[Field, ...]:
    return (
        integer("id"),
        computed(char("display_name")),
        moment("create_date", "created"),
        moment("write_date", "written"),
        many2one("create_uid", lambda _: None, "res.users"),
        many2one("write_uid", lambda _: None, "res.users"),
    )


def _model(name: str, table: str, *fields: Field, order: tuple[str, ...] = ("id",)) -> Model:
    return Model(name, table, (*_base(), *fields), order)


def _kind(*, storable: str) -> Callable[[Any], str]:
    def get(row: Product | Template) -> str:
        kind = (row.template if isinstance(row, Product) else row).kind
        return storable if kind == "storable" else kind

    return get


def _template_fields(prefix: str) -> Iterable[Field]:
    """Those that a variant shows as its template's."""
    is_template = not prefix
    yield char("name", f"{prefix}name", required=True)
    yield many2one("categ_id", f"{prefix}category", "product.category", until=18, required=True)
    yield many2one("categ_id", f"{prefix}category", "product.category", since=19)
    yield floating("list_price", f"{prefix}price")
    yield many2one("uom_id", f"{prefix}unit", "uom.uom", required=True)
    yield many2one("uom_po_id", f"{prefix}unit", "uom.uom", until=18, required=True)
    yield many2many("uom_ids", lambda _: (), "uom.uom", since=19)
    yield many2one("company_id", f"{prefix}company", "res.company")
    yield selection("type", _kind(storable="product"), until=17, choices=("consu", "service", "product"), required=True)
    yield selection("type", _kind(storable="consu"), since=18, choices=("consu", "service", "combo"), required=True)
    yield selection("detailed_type", _kind(storable="product"), until=17, choices=("consu", "service", "product"), required=True)
    yield boolean("is_storable", lambda row: (row if is_template else row.template).kind == "storable", since=18)
    yield boolean("purchase_ok", lambda _: True)
    yield boolean("sale_ok", lambda _: True)


def _available(row: Product) -> float:
    return sum(each.quantity for each in row.quants.values() if each.location.usage == "internal")


def _available_quantity(row: Quant) -> float:
    return row.quantity - row.reserved


PRODUCT = _model(
    "product.product",
    "products",
    *_template_fields("template."),
    boolean("active"),
    char("default_code", "code"),
    char("barcode"),
    many2one("product_tmpl_id", "template", "product.template", required=True),
    floating("standard_price", "costs", by_company=True),
    computed(floating("lst_price", lambda row: row.template.price + row.extra)),
    computed(floating("qty_available", _available)),
    computed(floating("virtual_available", _available)),
    computed(floating("reordering_min_qty", lambda row: sum(each.least for each in row.points if each.active))),
    computed(floating("reordering_max_qty", lambda row: sum(each.most for each in row.points if each.active))),
    computed(integer("nbr_reordering_rules", lambda row: sum(1 for each in row.points if each.active))),
    one2many("orderpoint_ids", lambda row: [each for each in row.points if each.active], "stock.warehouse.orderpoint"),
    computed(binary("image_1920", lambda _: _PICTURE)),
    computed(binary("image_512", lambda _: _PICTURE)),
    order=("code", "template.name", "id"),
)
TEMPLATE = _model(
    "product.template",
    "templates",
    *_template_fields(""),
    boolean("active"),
    one2many("product_variant_ids", lambda row: [each for each in row.variants if each.active], "product.product"),
    order=("name", "id"),
)
CATEGORY = _model(
    "product.category",
    "categories",
    char("name", required=True),
    char("complete_name"),
    many2one("parent_id", "parent", "product.category"),
    order=("complete_name", "id"),
)
UNIT = _model(
    "uom.uom",
    "units",
    char("name", required=True),
    boolean("active"),
    many2one("category_id", "reference", "uom.category", until=18, required=True),
    selection(
        "uom_type",
        lambda row: "reference" if row.family is None else "bigger" if row.size > 1 else "smaller",
        until=18,
        choices=("bigger", "reference", "smaller"),
        required=True,
    ),
    computed(floating("factor_inv", "size", until=18)),
    floating("factor", lambda row: 1 / row.size, until=18),
    floating("factor", "size", since=19),
    many2one("relative_uom_id", "family", "uom.uom", since=19),
    floating("relative_factor", "size", since=19),
    floating("rounding", required=True),
)
PARTNER = _model(
    "res.partner",
    "partners",
    char("name"),
    boolean("active"),
    boolean("is_company", lambda _: True),
    many2one("parent_id", lambda _: None, "res.partner"),
    char("ref"),
    char("email"),
    char("phone"),
    char("mobile", lambda _: "", until=18),
    char("street"),
    char("street2", lambda _: ""),
    char("city"),
    char("zip"),
    many2one("state_id", lambda _: None, "res.country.state"),
    many2one("country_id", lambda _: None, "res.country"),
    char("vat", lambda _: ""),
    integer("supplier_rank"),
    integer("customer_rank"),
    one2many("purchase_line_ids", lambda row: [line for order in row.orders for line in order.lines], "purchase.order.line"),
    many2one("company_id", lambda _: None, "res.company"),
    order=("name", "id"),
)
CURRENCY = _model("res.currency", "currencies", char("name", required=True), boolean("active"))
COMPANY = _model(
    "res.company",
    "companies",
    char("name", required=True),
    boolean("active"),
    many2one("currency_id", "currency", "res.currency", required=True),
)
USER = _model(
    "res.users",
    "users",
    char("name"),
    char("login"),
    boolean("active"),
    many2one("company_id", "company", "res.company"),
    many2many("company_ids", "companies", "res.company"),
)
LOCATION = _model(
    "stock.location",
    "locations",
    char("name", required=True),
    char("complete_name"),
    selection("usage", choices=USAGES, required=True),
    boolean("active"),
    many2one("location_id", "parent", "stock.location"),
    many2one("warehouse_id", "warehouse", "stock.warehouse"),
    many2one("company_id", "company", "res.company"),
    boolean("scrap_location", "scrap", until=18),
    boolean("return_location", lambda _: False, until=17),
    char("barcode", lambda _: ""),
    order=("complete_name", "id"),
)
WAREHOUSE = _model(
    "stock.warehouse",
    "warehouses",
    char("name", required=True),
    char("code", required=True),
    boolean("active"),
    many2one("company_id", "company", "res.company", required=True),
    many2one("partner_id", lambda _: None, "res.partner"),
    many2one("view_location_id", "view", "stock.location", required=True),
    many2one("lot_stock_id", "stock", "stock.location", required=True),
    many2one("wh_input_stock_loc_id", "input", "stock.location"),
    many2one("in_type_id", lambda row: row.types["incoming"], "stock.picking.type"),
    many2one("out_type_id", lambda row: row.types["outgoing"], "stock.picking.type"),
    many2one("int_type_id", lambda row: row.types["internal"], "stock.picking.type"),
)
PICKING_TYPE = _model(
    "stock.picking.type",
    "picking_types",
    char("name", required=True),
    selection("code", choices=("incoming", "outgoing", "internal", "mrp_operation"), required=True),
    boolean("active"),
    many2one("warehouse_id", "warehouse", "stock.warehouse"),
    many2one("company_id", "company", "res.company", required=True),
)
ORDERPOINT = _model(
    "stock.warehouse.orderpoint",
    "orderpoints",
    char("name", required=True),
    boolean("active"),
    many2one("product_id", "product", "product.product", required=True),
    many2one("warehouse_id", "warehouse", "stock.warehouse", required=True),
    many2one("location_id", "location", "stock.location", required=True),
    floating("product_min_qty", "least", required=True),
    floating("product_max_qty", "most", required=True),
    floating("qty_multiple", "multiple", until=18, required=True),
    selection("trigger", choices=("auto", "manual"), required=True),
    many2one("company_id", "company", "res.company", required=True),
)
QUANT = _model(
    "stock.quant",
    "quants",
    many2one("product_id", "product", "product.product", required=True),
    many2one("location_id", "location", "stock.location", required=True),
    computed(many2one("warehouse_id", "location.warehouse", "stock.warehouse"), searchable=True),
    many2one("company_id", "location.company", "res.company"),
    many2one("lot_id", lambda _: None, "stock.lot"),
    many2one("package_id", lambda _: None, "stock.quant.package", until=18),
    many2one("package_id", lambda _: None, "stock.package", since=19),
    many2one("owner_id", lambda _: None, "res.partner"),
    computed(many2one("product_uom_id", "product.template.unit", "uom.uom")),
    floating("quantity"),
    floating("reserved_quantity", "reserved"),
    computed(floating("available_quantity", _available_quantity)),
    moment("in_date", "created", required=True),
)


def _state(row: Order) -> str:
    return "done" if row.locked else row.state


def _receipt(row: Order) -> str:
    moves = [move for line in row.lines for move in line.moves if move.state != "cancel" and move.to.usage != "supplier"]
    if not moves:
        return ""
    done = sum(1 for move in moves if move.state == "done")
    return "pending" if not done else "full" if done == len(moves) else "partial"


def _order_lines(row: Order) -> list[Row]:
    return sorted(row.lines, key=lambda line: line.id)


_STATES = ("draft", "sent", "to approve", "purchase", "done", "cancel")
ORDER = _model(
    "purchase.order",
    "orders",
    char("name", required=True),
    selection("state", _state, until=18, choices=_STATES),
    selection("state", since=19, choices=tuple(each for each in _STATES if each != "done")),
    boolean("locked", since=19),
    moment("date_order", "ordered", required=True),
    moment("date_approve", "approved"),
    moment("effective_date", "effective"),
    computed(moment("date_planned", lambda row: min((each.planned for each in row.lines if each.planned), default=None))),
    selection("receipt_status", _receipt, choices=("pending", "partial", "full")),
    many2one("picking_type_id", "picking_type", "stock.picking.type", required=True),
    one2many("order_line", _order_lines, "purchase.order.line"),
    many2one("partner_id", "partner", "res.partner", required=True),
    char("partner_ref", "reference"),
    char("origin", lambda _: ""),
    many2one("company_id", "company", "res.company", required=True),
    many2one("currency_id", "company.currency", "res.currency", required=True),
    floating("currency_rate", lambda _: 1.0),
    monetary("amount_untaxed", lambda row: round(sum(each.quantity * each.price for each in row.lines), 2)),
    monetary("amount_total", lambda row: round(sum(each.quantity * each.price for each in row.lines), 2)),
)
LINE = _model(
    "purchase.order.line",
    "lines",
    many2one("order_id", "order", "purchase.order", required=True),
    text("name", "text", required=True),
    many2one("product_id", "product", "product.product"),
    floating("product_qty", "quantity", required=True),
    floating("product_uom_qty", "product_quantity"),
    many2one("product_uom", "unit", "uom.uom", until=18),
    many2one("product_uom_id", "unit", "uom.uom", since=19),
    floating("qty_received", "received"),
    floating("price_unit", "price"),
    monetary("price_subtotal", lambda row: round(row.quantity * row.price, 2)),
    moment("date_planned", "planned"),
    selection("state", lambda row: _state(row.order), until=18, choices=_STATES),
    computed(selection("state", "order.state", since=19, choices=_STATES), searchable=True),
    selection("display_type", "display", choices=("line_section", "line_note")),
    one2many("move_ids", "moves", "stock.move"),
    computed(many2one("partner_id", "order.partner", "res.partner"), searchable=True),
    many2one("company_id", "order.company", "res.company"),
    many2one("currency_id", "order.company.currency", "res.currency"),
    integer("sequence", lambda _: 10),
)
PICKING = _model(
    "stock.picking",
    "pickings",
    char("name"),
    char("origin"),
    many2one("picking_type_id", "picking_type", "stock.picking.type"),
    many2one("return_id", "returns", "stock.picking", since=17),
    selection("state", lambda row: row.moves[-1].state if row.moves else "draft", choices=("draft", "assigned", "done", "cancel")),
    one2many("move_ids", "moves", "stock.move"),
    many2one("company_id", "picking_type.company", "res.company"),
)


def _scraps(row: Move) -> tuple[Row, ...]:
    return (row.scrap,) if row.scrap else ()


MOVE = _model(
    "stock.move",
    "moves",
    char("name", lambda row: row.product.display_name, until=18, required=True),
    char("reference"),
    char("origin", lambda row: row.line.order.name if row.line else ""),
    selection("state", choices=("draft", "waiting", "confirmed", "partially_available", "assigned", "done", "cancel"), required=True),
    moment("date", required=True),
    many2one("product_id", "product", "product.product", required=True),
    floating("product_uom_qty", "demand", required=True),
    floating("product_qty", "demanded"),
    floating("quantity_done", "done", until=16),
    floating("quantity", "done", since=17),
    boolean("picked", since=17),
    many2one("product_uom", "unit", "uom.uom", required=True),
    many2one("location_id", "origin", "stock.location", required=True),
    many2one("location_dest_id", "to", "stock.location", required=True),
    many2one("location_final_id", "to", "stock.location", since=18),
    computed(selection("location_usage", "origin.usage", choices=USAGES), searchable=True),
    computed(selection("location_dest_usage", "to.usage", choices=USAGES), searchable=True),
    many2one("warehouse_id", "warehouse", "stock.warehouse"),
    many2one("picking_id", "picking", "stock.picking"),
    many2one("picking_type_id", "picking_type", "stock.picking.type"),
    computed(
        selection(
            "picking_code",
            lambda row: row.picking_type.code if row.picking_type else "",
            choices=("incoming", "outgoing", "internal", "mrp_operation"),
        )
    ),
    many2one("purchase_line_id", "line", "purchase.order.line"),
    many2one("origin_returned_move_id", "returned", "stock.move"),
    boolean("to_refund"),
    many2one("production_id", "production", "mrp.production"),
    many2one("raw_material_production_id", "consumed_for", "mrp.production"),
    boolean("scrapped", lambda row: row.scrap is not None, until=18),
    many2many("scrap_ids", _scraps, "stock.scrap", until=16),
    many2one("scrap_id", "scrap", "stock.scrap", since=17),
    boolean("is_inventory"),
    floating("price_unit", lambda row: row.line.price if row.line else 0.0),
    many2many("move_orig_ids", "before", "stock.move"),
    many2many("move_dest_ids", "after", "stock.move"),
    many2one("company_id", "company", "res.company", required=True),
)
SCRAP = _model(
    "stock.scrap",
    "scraps",
    char("name", required=True),
    many2one("product_id", "product", "product.product", required=True),
    floating("scrap_qty", "quantity", required=True),
    many2one("product_uom_id", "product.template.unit", "uom.uom"),
    many2one("location_id", "location", "stock.location", required=True),
    many2one("scrap_location_id", "to", "stock.location", required=True),
    selection("state", choices=("draft", "done")),
    moment("date_done", "done_at"),
    many2one("move_id", lambda row: row.moves[0] if row.moves else None, "stock.move", until=16),
    one2many("move_ids", "moves", "stock.move", since=17),
    many2one("company_id", "location.company", "res.company"),
)
PRODUCTION = _model(
    "mrp.production",
    "productions",
    char("name"),
    many2one("product_id", "product", "product.product", required=True),
    floating("product_qty", "quantity", required=True),
    computed(floating("qty_produced", lambda row: sum(each.done for each in row.finished if each.state == "done"))),
    floating("qty_producing", lambda row: sum(each.done for each in row.finished if each.state == "done")),
    many2one("product_uom_id", "product.template.unit", "uom.uom", required=True),
    selection("state", choices=("draft", "confirmed", "progress", "to_close", "done", "cancel")),
    moment("date_planned_start", "begins", until=16),
    moment("date_planned_finished", "ends", until=16),
    moment("date_start", "begins"),
    moment("date_finished", lambda row: row.ends if row.state == "done" else None, until=16),
    moment("date_finished", "ends", since=17),
    many2one("location_src_id", "warehouse.stock", "stock.location", required=True),
    many2one("location_dest_id", "warehouse.stock", "stock.location", required=True),
    computed(many2one("warehouse_id", "warehouse", "stock.warehouse"), searchable=True),
    one2many("move_raw_ids", "raw", "stock.move"),
    one2many("move_finished_ids", "finished", "stock.move"),
    many2one("company_id", "warehouse.company", "res.company", required=True),
)


MOVE_LINE = _model(
    "stock.move.line",
    "moves",
    many2one("move_id", lambda row: row, "stock.move"),
    many2one("product_id", "product", "product.product"),
    many2one("product_uom_id", "unit", "uom.uom", required=True),
    floating("qty_done", "done", until=16),
    floating("quantity", "done", since=17),
    floating("quantity_product_uom", lambda row: row.done * row.unit.size / row.product.template.unit.size, since=17),
    many2one("location_id", "origin", "stock.location", required=True),
    many2one("location_dest_id", "to", "stock.location", required=True),
    many2one("lot_id", lambda _: None, "stock.lot"),
    selection("state", choices=("draft", "waiting", "confirmed", "partially_available", "assigned", "done", "cancel")),
    moment("date"),
    many2one("company_id", "company", "res.company", required=True),
)

MODELS = {
    each.name: each
    for each in (
        *(PRODUCT, TEMPLATE, CATEGORY, UNIT, PARTNER, CURRENCY, COMPANY, USER),
        *(LOCATION, WAREHOUSE, PICKING_TYPE, ORDERPOINT, QUANT),
        *(ORDER, LINE, PICKING, MOVE, MOVE_LINE, SCRAP, PRODUCTION),
    )
}
"""By name. There is one move line of each move, with the move's own id."""
