"""A small garden supplier: four products, four places, three parties, their orders and shipments. Every number fits every other."""

from __future__ import annotations

from typing import Any

from sandbox.finale.keys import ACCOUNT

Record = dict[str, Any]
HOME = f"/{ACCOUNT}/api"
MAIN, A01, B07, TRANSIT = (f"{HOME}/facility/{number}" for number in (10000, 10001, 10002, 10009))
GREEN_SOURCE, MINERAL_WORKS, CORNER_SHOP = (f"{HOME}/partygroup/{number}" for number in (10021, 10034, 10077))
SOIL, PERLITE, TRAY, OLD_KIT = (f"{HOME}/product/{name}" for name in ("100412", "PERLITE-4CF", "TRAY%2010%2F20", "OLD-KIT"))

PLACES: tuple[Record, ...] = tuple(
    {
        "facilityId": url.rpartition("/")[2],
        "facilityUrl": url,
        "facilityName": name,
        "parentFacilityUrl": parent,
        "statusId": "FACILITY_ACTIVE",
    }
    # Children before their parent, as it happens.
    for url, name, parent in ((A01, "A-01", MAIN), (B07, "B-07", MAIN), (MAIN, "Main warehouse", None), (TRANSIT, "Transit", MAIN))
)


def supplier(party: str, price: float, *, main: bool = True, code: str = "", lead: int | None = None) -> Record:
    """An entry of a product's supplier list."""
    entry: Record = {"supplierPartyUrl": party, "supplierPrefOrderId": "10_MAIN_SUPPL" if main else "90_ALT_SUPPL"}
    if code:
        entry["supplierProductId"] = code
    entry["price"] = price
    if lead is not None:
        entry["leadTime"] = lead
    return {**entry, "currencyUomId": "USD"}


def guideline(method: str, point: float | None = None, quantity: float | None = None, *, place: str = MAIN) -> Record:
    """An entry of a product's reorder guidelines; `method` without its ##."""
    entry: Record = {"facilityUrl": place, "reorderCalculationMethodId": f"##{method}"}
    return entry if point is None else {**entry, "reorderPoint": point, "reorderQuantity": quantity}


def product(url: str, sku: str, name: str | None, *, created: str, updated: str, active: bool = True, **more: Any) -> Record:
    """A product with every column that Finale sends; `more` are columns by their own names."""
    return {
        "productId": sku,
        "productUrl": url,
        "internalName": name,
        "productTypeId": "GOOD",
        "statusId": "PRODUCT_ACTIVE" if active else "PRODUCT_INACTIVE",
        "cost": None,
        "universalProductCode": None,
        "userCategory": None,
        "leadTime": None,
        "normalizedPackingString": None,
        "priceList": [],
        "supplierList": [],
        "reorderGuidelineList": [],
        "userFieldDataList": [],
        "createdDate": created,
        "lastUpdatedDate": updated,
        "actionUrlActivate": None if active else f"{url}/activate",
        "actionUrlDeactivate": f"{url}/deactivate" if active else None,
        **more,
    }


PRODUCTS: tuple[Record, ...] = (
    product(
        SOIL,
        "SOIL-25",
        "Potting soil 25 l",
        created="2021-03-02T15:20:00",
        updated="2024-09-18T07:15:31",
        cost=7.35,
        universalProductCode="085000123450",
        userCategory="##user00",
        leadTime=14,
        normalizedPackingString="40 cs 40/1",
        priceList=[{"productPriceTypeId": "LIST_PRICE", "price": 14.5, "currencyUomId": "USD"}],
        supplierList=[supplier(GREEN_SOURCE, 6.9, code="GS-25", lead=14), supplier(MINERAL_WORKS, 7.4, main=False)],
        reorderGuidelineList=[guideline("salesVelocity")],
    ),
    product(
        PERLITE,
        "PERLITE-4CF",
        "Perlite 4 cu ft",
        created="2022-06-11T09:01:44",
        updated="2026-01-14T16:48:23",
        cost=11.2,
        userCategory="##user01",
        leadTime="21",
        supplierList=[supplier(MINERAL_WORKS, 10.1)],
        reorderGuidelineList=[guideline("manual", 24, 48)],
        userFieldDataList=[{"attrName": "user_10001", "attrValue": "1.25"}],
    ),
    product(
        TRAY,
        "TRAY 10/20",
        "Seed tray 10x20",
        created="2025-11-30T18:00:09",
        updated="2026-01-20T10:02:03",
        universalProductCode="085000123474",
        userCategory="##user01",
        priceList=[{"productPriceTypeId": "##user2", "currencyUomId": "USD"}],
    ),
    product(
        OLD_KIT,
        "OLD-KIT",
        None,
        created="2014-05-06T12:00:00",
        updated="2016-02-01T08:30:00",
        active=False,
        cost=0,
        reorderGuidelineList=[guideline("doNotReorder")],
    ),
)

PARTIES: tuple[Record, ...] = (
    {
        "partyId": "10021",
        "partyUrl": GREEN_SOURCE,
        "groupName": "Green Source Ltd",
        "roleTypeIdList": ["SUPPLIER"],
        "contactMechList": [
            {"contactMechTypeId": "EMAIL_ADDRESS", "infoString": "orders@greensource.example"},
            {"contactMechTypeId": "TELECOM_NUMBER", "infoString": "+1 555 010 0199"},
            {
                "contactMechTypeId": "POSTAL_ADDRESS",
                "address1": "4 Mill Lane",
                "city": "Riverton",
                "stateProvinceGeoId": "OR",
                "postalCode": "97000",
                "countryGeoId": "USA",
            },
        ],
        "lastUpdatedDate": "2025-12-01T11:00:00",
    },
    {
        "partyId": "10034",
        "partyUrl": MINERAL_WORKS,
        "groupName": "Mineral Works",
        "roleTypeIdList": ["SUPPLIER", "CUSTOMER"],
        "contactMechList": [],
        "lastUpdatedDate": "2025-06-09T08:08:08",
    },
    {
        "partyId": "10077",
        "partyUrl": CORNER_SHOP,
        "groupName": "Corner Garden Shop",
        "roleTypeIdList": ["CUSTOMER"],
        "contactMechList": None,
        "lastUpdatedDate": "2026-01-03T17:45:10",
    },
)


def line(order: str, number: int, sku: str, url: str, quantity: float, price: float | None = None) -> Record:
    """A line of an order."""
    entry = {"orderItemUrl": f"{order}/orderItem/{number:08d}", "productId": sku, "productUrl": url, "quantity": quantity}
    return entry if price is None else {**entry, "unitPrice": price}


def order(name: str, kind: str, status: str, **more: Any) -> Record:
    """An order with every column; `kind` is PURCHASE or SALES."""
    return {
        "orderId": name,
        "orderUrl": f"{HOME}/order/{name}",
        "orderTypeId": f"{kind}_ORDER",
        "statusId": f"ORDER_{status}",
        "orderDate": None,
        "originFacilityUrl": None if kind == "PURCHASE" else MAIN,
        "destinationFacilityUrl": MAIN if kind == "PURCHASE" else None,
        "referenceNumber": None,
        "saleSourceId": None,
        "orderRoleList": [],
        "orderItemList": [],
        "shipmentUrlList": [],
        "createdDate": None,
        "lastUpdatedDate": None,
        **more,
    }


ORDERS: tuple[Record, ...] = (
    order(
        "PO-1007",
        "PURCHASE",
        "LOCKED",
        orderDate="2026-01-08T19:00:00",
        referenceNumber="GS-88213",
        orderRoleList=[{"roleTypeId": "SUPPLIER", "partyId": "10021"}],
        orderItemList=[line(f"{HOME}/order/PO-1007", 1, "SOIL-25", SOIL, 100, 6.9)],
        createdDate="2026-01-08T18:59:10",
        lastUpdatedDate="2026-01-09T07:00:00",
    ),
    order(
        "SO-5511",
        "SALES",
        "LOCKED",
        orderDate="2026-01-19T14:12:56",
        saleSourceId="Web store",
        orderRoleList=[{"roleTypeId": "CUSTOMER", "partyId": "10077"}],
        orderItemList=[line(f"{HOME}/order/SO-5511", 1, "SOIL-25", SOIL, 18)],
        shipmentUrlList=[f"{HOME}/shipment/20003"],
        createdDate="2026-01-19T14:12:56",
        lastUpdatedDate="2026-01-19T15:00:00",
    ),
    order(
        "SO-5512",
        "SALES",
        "LOCKED",
        orderDate="2026-01-20T09:30:00",
        saleSourceId="Wholesale",
        orderRoleList=[{"roleTypeId": "CUSTOMER", "partyId": "10034"}],
        orderItemList=[line(f"{HOME}/order/SO-5512", 1, "PERLITE-4CF", PERLITE, 9)],
        createdDate="2026-01-20T09:30:00",
        lastUpdatedDate="2026-01-20T09:31:12",
    ),
)


def shipment(number: int, name: str, kind: str, status: str, items: list[Record], *, updated: str, **more: Any) -> Record:
    """A shipment with every column; `kind` is SALES or PURCHASE, `items` are its lines."""
    return {
        "shipmentId": str(number),
        "shipmentIdUser": name,
        "shipmentUrl": f"{HOME}/shipment/{number}",
        "shipmentTypeId": f"{kind}_SHIPMENT",
        "statusId": f"SHIPMENT_{status}",
        "primaryOrderUrl": f"{HOME}/order/{name.rpartition('-')[0]}",
        "shipDate": None,
        "receiveDate": None,
        "shipmentItemList": items,
        "lastUpdatedDate": updated,
        **more,
    }


def shipped(sku: str, url: str, quantity: float, place: str = A01) -> Record:
    """A line of a shipment."""
    return {"productId": sku, "productUrl": url, "quantity": quantity, "facilityUrl": place}


_SOIL = ("SOIL-25", SOIL)
SHIPMENTS: tuple[Record, ...] = (
    shipment(
        20001,
        "SO-5490-1",
        "SALES",
        "SHIPPED",
        [shipped(*_SOIL, 6)],
        shipDate="2026-01-05T19:00:00",
        updated="2026-01-05T20:11:00",
    ),
    shipment(
        20002,
        "SO-5498-1",
        "SALES",
        "DELIVERED",
        [shipped(*_SOIL, 9)],
        shipDate="2026-01-12T16:00:00",
        updated="2026-01-14T09:00:00",
    ),
    shipment(20003, "SO-5511-1", "SALES", "PACKED", [shipped(*_SOIL, 18)], updated="2026-01-19T15:00:00"),
    shipment(
        20004,
        "PO-0990-1",
        "PURCHASE",
        "DELIVERED",
        [shipped(*_SOIL, -4)],
        receiveDate="2026-01-07T19:00:00",
        updated="2026-01-07T21:30:00",
    ),
)

STOCK: tuple[tuple[str, str, str, str | None, str | None, str, int], ...] = (
    # SKU, product, place, lot, order, which quantity, how much.
    ("SOIL-25", SOIL, A01, None, None, "quantityOnHand", 40),
    ("SOIL-25", SOIL, B07, "L-2207", None, "quantityOnHand", 12),
    ("SOIL-25", SOIL, A01, None, f"{HOME}/order/PO-1007", "quantityOnOrder", 100),
    ("SOIL-25", SOIL, A01, None, f"{HOME}/order/SO-5511", "quantityReserved", 18),
    ("PERLITE-4CF", PERLITE, A01, "", None, "quantityOnHand", 6),
    ("PERLITE-4CF", PERLITE, A01, None, f"{HOME}/order/SO-5512", "quantityReserved", 9),
    ("OLD-KIT", OLD_KIT, B07, None, None, "quantityOnHand", 2),
)
