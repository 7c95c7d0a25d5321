"""GE's units, loads and rosters as tables of the engine: what is compared, and what a difference is called."""

from __future__ import annotations

from inventory.models import Load, LoadUnit, Unit
from sync.engine.tables import Field, Reference, Target

_LOAD = Reference(Load, "number", "warehouse_id")

UNITS = Target(
    entity="unit",
    model=Unit,
    key="stock_key",
    place="warehouse_id",
    fields=(
        Field("bucket", "item_migrated"),
        Field("origin", carried_by="bucket", keep=True, first="first_origin"),
        Field("status", "item_status_changed", named={"Reserved": "item_reserved"}),
        Field("message", "item_message_changed"),
        Field("quantity", "item_qty_changed"),
        Field("model", "item_model_changed", keep=True),
        Field("model_key", carried_by="model", keep=True),
        Field("load", "item_load_changed", reference=_LOAD),
        Field("order_number", "item_cso_changed"),
    ),
    written_once=("serial", "serial_key"),
    label=("serial", "model"),
    group="bucket",
    scope="load",
    gone="gone_at",
    born="first_seen_at",
    appeared="item_appeared",
    disappeared="item_disappeared",
    moved_by="bucket",
    counted=True,
)

LOADS = Target(
    entity="load",
    model=Load,
    key="number",
    place="warehouse_id",
    fields=(
        Field("sale_status", "load_status_changed", named={"SOLD": "load_sold"}, keep=True),
        Field("submitted_at", "load_details_changed", carried_by="sale_status"),
        Field("pricing", "load_details_changed", carried_by="sale_status", keep=True),
        Field("order_number", "load_cso_assigned", keep=True),
        Field("order_status", "load_cso_status_changed", keep=True),
        Field("units", "load_units_changed", keep=True),
        Field("notes", "load_details_changed", keep=True),
        Field("scanned_at", "load_details_changed", keep=True),
        Field("org", "load_details_changed", keep=True),
        Field("roster_stale", keep=True),
        Field("roster_units", keep=True),
    ),
    label=("number",),
    gone="not_reported_at",
    born="first_seen_at",
    appeared="load_appeared",
    disappeared="load_disappeared",
)

ROSTERS = Target(
    entity="roster",
    model=LoadUnit,
    key="line_key",
    place="warehouse_id",
    fields=(
        Field("load", reference=_LOAD),
        Field("serial"),
        Field("serial_key"),
        Field("model"),
        Field("model_key"),
        Field("quantity"),
        Field("ordc"),
    ),
)
