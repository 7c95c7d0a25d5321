"""Which columns each of Finale's collections is read by. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.sources.finale import columns
from sync.sources.finale.columns import CHANGED, Columns, Row


@dataclass(frozen=True)
class Shape:
    """`resource` is the path of the collection. Rows are counted by `anchor`; without a `needed` column nothing of an answer is used.

    `wanted` are the columns in the order of the rows. `unique`: the anchor names a record; only the newest of several counts.
    `keeps_rest`: what nobody here knows is kept as it came. `by_date`: it can be asked for by windows.
    """

    resource: str
    anchor: str
    needed: tuple[str, ...]
    wanted: tuple[str, ...]
    unique: bool = True
    keeps_rest: bool = False
    by_date: bool = False


SHAPES: Mapping[str, Shape] = {
    "products": Shape(
        "product",
        "productUrl",
        ("productUrl", "productId", "statusId", CHANGED),
        (
            "productUrl",
            "productId",
            "statusId",
            CHANGED,
            "internalName",
            "cost",
            "universalProductCode",
            "userCategory",
            "category",
            "leadTime",
            "normalizedPackingString",
            "supplierList",
            "reorderGuidelineList",
        ),
        keeps_rest=True,
        by_date=True,
    ),
    "stock": Shape(
        "inventoryitem",
        "productUrl",
        ("productUrl", "facilityUrl", "quantityOnHand", "quantityOnOrder", "quantityReserved"),
        ("productUrl", "facilityUrl", "quantityOnHand", "quantityOnOrder", "quantityReserved", "productId"),
        unique=False,
    ),
    "places": Shape(
        "facility",
        "facilityUrl",
        ("facilityUrl", "parentFacilityUrl"),
        ("facilityUrl", "parentFacilityUrl", "facilityName", "facilityId", "statusId"),
    ),
    "vendors": Shape(
        "partygroup",
        "partyUrl",
        ("partyUrl", "roleTypeIdList"),
        ("partyUrl", "roleTypeIdList", "partyId", "groupName", "description", "statusId", "contactMechList", CHANGED),
    ),
    "orders": Shape(
        "order",
        "orderUrl",
        ("orderUrl", "orderTypeId", "statusId", CHANGED),
        (
            "orderUrl",
            "orderTypeId",
            "statusId",
            CHANGED,
            "orderId",
            "referenceNumber",
            "orderDate",
            "destinationFacilityUrl",
            "orderRoleList",
            "orderItemList",
        ),
        by_date=True,
    ),
    "shipments": Shape(
        "shipment",
        "shipmentUrl",
        ("shipmentUrl", "shipmentTypeId", "statusId", "shipDate", CHANGED),
        (
            "shipmentUrl",
            "shipmentTypeId",
            "statusId",
            "shipDate",
            CHANGED,
            "receiveDate",
            "primaryOrderUrl",
            "originFacilityUrl",
            "destinationFacilityUrl",
            "shipmentItemList",
        ),
        by_date=True,
    ),
}

_NOISE = frozenset({"createdDate", "statusIdHistoryList"})
"""What changes without the record meaning anything else."""


def table(feed: str, body: bytes) -> Columns:
    """The rows of the collection `feed`. Raises FeedProblem."""
    shape = SHAPES[feed]
    return columns.read(
        body,
        shape.anchor,
        shape.needed,
        shape.wanted,
        feed=feed,
        unique=shape.unique,
        rest=_kept if shape.keeps_rest else lambda _name: False,
    )


def row_of(feed: str, record: Mapping[str, Any]) -> Row:
    """A single record, which has plain values in the same fields, as a row of its collection."""
    return tuple(record.get(name) for name in SHAPES[feed].wanted)


def _kept(name: str) -> bool:
    return name not in _NOISE and not name.startswith("actionUrl")
