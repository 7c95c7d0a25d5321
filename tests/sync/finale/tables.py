"""Bodies as Finale sends them, and the four products of its stand-in as texts."""

from __future__ import annotations

import json
from typing import Any

HOME = "/exampleco/api"
SOIL, PERLITE, TRAY, OLD_KIT = (f"{HOME}/product/{name}" for name in ("100412", "PERLITE-4CF", "TRAY%2010%2F20", "OLD-KIT"))
MAIN, A01, B07, TRANSIT = (f"{HOME}/facility/{number}" for number in (10000, 10001, 10002, 10009))
GREEN, MINERAL, SHOP = (f"{HOME}/partygroup/{number}" for number in (10021, 10034, 10077))
UPDATED = "2026-01-14T16:48:23"


def body(**columns: Any) -> bytes:
    """A collection with these columns."""
    return json.dumps(columns).encode()


def supplier(party: str | None, preference: str | None = None, **more: Any) -> dict[str, Any]:
    return {"supplierPartyUrl": party, "supplierPrefOrderId": preference, **more}


def guideline(method: str, **more: Any) -> dict[str, Any]:
    return {"facilityUrl": MAIN, "reorderCalculationMethodId": f"##{method}", **more}


PRODUCTS = {
    "productId": ["SOIL-25", "PERLITE-4CF", "TRAY 10/20", "OLD-KIT"],
    "productUrl": [SOIL, PERLITE, TRAY, OLD_KIT],
    "internalName": ["Potting soil 25 l", "Perlite 4 cu ft", "Seed tray 10x20", None],
    "productTypeId": ["GOOD", "GOOD", "GOOD", "GOOD"],
    "statusId": ["PRODUCT_ACTIVE", "PRODUCT_ACTIVE", "PRODUCT_ACTIVE", "PRODUCT_INACTIVE"],
    "cost": [7.35, 11.2, None, 0],
    "universalProductCode": ["085000123450", None, "085000123474", None],
    "userCategory": ["##user00", "##user01", "##user01", None],
    "leadTime": [14, "21", None, None],
    "normalizedPackingString": ["40 cs 40/1", None, None, None],
    "priceList": [[{"productPriceTypeId": "LIST_PRICE", "price": 14.5}], [], [{"productPriceTypeId": "##user2"}], []],
    "supplierList": [
        [
            supplier(GREEN, "10_MAIN_SUPPL", supplierProductId="GS-25", price=6.9, leadTime=14, currencyUomId="USD"),
            supplier(MINERAL, "90_ALT_SUPPL", price=7.4, currencyUomId="USD"),
        ],
        [supplier(MINERAL, "10_MAIN_SUPPL", price=10.1, currencyUomId="USD")],
        [],
        [],
    ],
    "reorderGuidelineList": [
        [guideline("salesVelocity")],
        [guideline("manual", reorderPoint=24, reorderQuantity=48)],
        [],
        [guideline("doNotReorder")],
    ],
    "userFieldDataList": [[], [{"attrName": "user_10001", "attrValue": "1.25"}], [], []],
    "createdDate": ["2021-03-02T15:20:00", "2022-06-11T09:01:44", "2025-11-30T18:00:09", "2014-05-06T12:00:00"],
    "lastUpdatedDate": ["2024-09-18T07:15:31", "2026-01-14T16:48:23", "2026-01-20T10:02:03", "2016-02-01T08:30:00"],
    "actionUrlActivate": [None, None, None, f"{OLD_KIT}/activate"],
}
STOCK = {
    "productId": ["SOIL-25"] * 4 + ["PERLITE-4CF"] * 2 + ["OLD-KIT"],
    "productUrl": [SOIL] * 4 + [PERLITE] * 2 + [OLD_KIT],
    "facilityUrl": [A01, B07, A01, A01, A01, A01, B07],
    "lotId": [None, "L-2207", None, None, "", None, None],
    "normalizedPackingString": [None] * 7,
    "orderUrl": [None, None, f"{HOME}/order/PO-1007", f"{HOME}/order/SO-5511", None, f"{HOME}/order/SO-5512", None],
    "quantityOnHand": [40, 12, 0, 0, 6, 0, 2],
    "quantityOnOrder": [0, 0, 100, 0, 0, 0, 0],
    "quantityReserved": [0, 0, 0, 18, 0, 9, 0],
}
SHIPMENTS = {
    "shipmentId": ["20001", "20002", "20003", "20004"],
    "shipmentUrl": [f"{HOME}/shipment/{number}" for number in (20001, 20002, 20003, 20004)],
    "shipmentTypeId": ["SALES_SHIPMENT", "SALES_SHIPMENT", "SALES_SHIPMENT", "PURCHASE_SHIPMENT"],
    "statusId": ["SHIPMENT_SHIPPED", "SHIPMENT_DELIVERED", "SHIPMENT_PACKED", "SHIPMENT_DELIVERED"],
    "primaryOrderUrl": [f"{HOME}/order/{name}" for name in ("SO-5490", "SO-5498", "SO-5511", "PO-0990")],
    "shipDate": ["2026-01-05T19:00:00", "2026-01-12T16:00:00", None, None],
    "receiveDate": [None, None, None, "2026-01-07T19:00:00"],
    "shipmentItemList": [[{"productUrl": SOIL, "quantity": quantity, "facilityUrl": A01}] for quantity in (6, 9, 18, -4)],
    "lastUpdatedDate": ["2026-01-05T20:11:00", "2026-01-14T09:00:00", "2026-01-19T15:00:00", "2026-01-07T21:30:00"],
}
