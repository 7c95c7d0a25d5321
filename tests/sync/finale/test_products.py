from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.source import Held
from sync.sources.finale import mapping
from sync.sources.finale.said import ProductSaid
from tests.sync.finale.tables import A01, GREEN, MAIN, MINERAL, PERLITE, PRODUCTS, SOIL, UPDATED, body, guideline, supplier


def products(**columns: list[Any]) -> list[ProductSaid | Held]:
    found = mapping.table("products", body(**columns))
    rows = [row for block in found.blocks(rest=True) for row in block]
    return [mapping.product(row, number, found.absent) for number, row in enumerate(rows, 1)]


def one(**fields: Any) -> ProductSaid:
    """A product with these fields, which is no held one."""
    found = outcome(**fields)
    assert isinstance(found, ProductSaid), found
    return found


def outcome(**fields: Any) -> ProductSaid | Held:
    row = {"productUrl": SOIL, "productId": "SOIL-25", "statusId": "PRODUCT_ACTIVE", "lastUpdatedDate": UPDATED, **fields}
    return mapping.product(mapping.row_of("products", row), 7)


def test_first_sample_is_read_field_by_field() -> None:
    found = products(**PRODUCTS)[0]
    assert found == ProductSaid(
        external_id="/exampleco/api/product/100412",
        sku="SOIL-25",
        sku_key="SOIL-25",
        name="Potting soil 25 l",
        active=True,
        barcode="085000123450",
        barcode_key="085000123450",
        category="##user00",
        cost="7.35",
        lead_time_days=14,
        packing="40 cs 40/1",
        units_per_case=40_000,
        vendor_id_there="/exampleco/api/partygroup/10021",
        vendor_code="GS-25",
        vendor_price="6.9",
        suppliers=(
            '[{"available":null,"code":"GS-25","comments":"","currency":"USD","lead_days":14,"main":true,'
            '"party":"/exampleco/api/partygroup/10021","price":"6.9"},'
            '{"available":null,"code":"","comments":"","currency":"USD","lead_days":null,"main":false,'
            '"party":"/exampleco/api/partygroup/10034","price":"7.4"}]'
        ),
        guidelines='[{"method":"##salesVelocity","place":"/exampleco/api/facility/10000","point":null,"quantity":null}]',
        reorder_method="##salesVelocity",
        reorder_excluded=False,
        raw='{"priceList":[{"price":"14.5","productPriceTypeId":"LIST_PRICE"}],"productTypeId":"GOOD"}',
        changed_upstream_at=datetime(2024, 9, 18, 7, 15, 31, tzinfo=UTC),
    )


def test_the_other_samples() -> None:
    perlite, tray, kit = products(**PRODUCTS)[1:]
    assert isinstance(perlite, ProductSaid)
    assert isinstance(tray, ProductSaid)
    assert isinstance(kit, ProductSaid)
    assert (perlite.external_id, perlite.lead_time_days, perlite.vendor_id_there) == (PERLITE, 21, MINERAL)
    assert json.loads(perlite.guidelines or "") == [{"method": "##manual", "place": MAIN, "point": "24", "quantity": "48"}]
    assert (tray.external_id, tray.sku, tray.cost, tray.vendor_id_there) == ("/exampleco/api/product/TRAY%2010%2F20", "TRAY 10/20", "", "")
    assert (kit.active, kit.name, kit.cost, kit.reorder_excluded) == (False, "", "", True)


def test_url_is_the_key_and_not_made_of_the_sku() -> None:
    assert [each.external_id for each in products(**PRODUCTS) if isinstance(each, ProductSaid)] == PRODUCTS["productUrl"]


@pytest.mark.parametrize(("status", "active"), [("PRODUCT_ACTIVE", True), ("PRODUCT_INACTIVE", False), ("INACTIVE", False), ("x", False)])
def test_only_product_active_is_active(status: str, active: bool) -> None:
    assert one(statusId=status).active is active


@pytest.mark.parametrize(
    ("cost", "kept"),
    [
        (7.35, "7.35"),
        ("7.350", "7.35"),
        (0, ""),
        ("0.00", ""),
        (None, ""),
        (1200, "1200"),
        ("1E+3", "1000"),
        ("1.2345678901234567e-9", "0.000000001235"),
        ("1e-9999", ""),
    ],
)
def test_cost_of_zero_is_unknown(cost: Any, kept: str) -> None:
    assert one(cost=cost).cost == kept


def test_selling_prices_are_no_cost() -> None:
    assert one(cost=None, priceList=[{"productPriceTypeId": "LIST_PRICE", "price": 14.5}]).cost == ""


def test_leading_zeros_stay() -> None:
    found = one(productId="00412", universalProductCode="0085000")
    assert (found.sku, found.barcode, found.barcode_key) == ("00412", "0085000", "0085000")


def test_sku_is_compared_in_upper_case_and_kept_as_it_is() -> None:
    found = one(productId=" tray 10/20 ")
    assert (found.sku, found.sku_key) == ("tray 10/20", "TRAY 10/20")


# Suppliers


def test_entry_without_a_party_is_passed_over() -> None:
    found = one(supplierList=[supplier(None, "10_MAIN_SUPPL", price=1), supplier(MINERAL, "90_ALT_SUPPL", price=7.4)])
    assert (found.vendor_id_there, found.vendor_price) == (MINERAL, "7.4")


def test_main_supplier_is_the_one_that_says_so_wherever_it_stands() -> None:
    found = one(supplierList=[supplier(MINERAL, "90_ALT_SUPPL"), supplier(GREEN, "10_MAIN_SUPPL", supplierProductId="GS-25")])
    assert (found.vendor_id_there, found.vendor_code) == (GREEN, "GS-25")


def test_price_may_be_called_unit_price() -> None:
    assert one(supplierList=[supplier(GREEN, unitPrice="6.90")]).vendor_price == "6.9"


def test_lead_time_of_the_main_supplier_comes_before_the_products_own() -> None:
    assert one(leadTime=5, supplierList=[supplier(GREEN, leadTime=12)]).lead_time_days == 12
    assert one(leadTime="5", supplierList=[supplier(GREEN)]).lead_time_days == 5
    assert one(leadTime=None).lead_time_days is None
    assert one(leadTime=4.2).lead_time_days == 5


# Reorder points


def test_empty_guidelines_are_unknown_and_not_zero() -> None:
    found = one(reorderGuidelineList=[])
    assert (found.guidelines, found.reorder_method, found.reorder_excluded) == ("", "", False)
    assert one(reorderGuidelineList=None).guidelines == ""


def test_reorder_point_of_zero_is_a_number_and_none_is_not() -> None:
    points = [guideline("manual", reorderPoint=0), guideline("salesVelocity", facilityUrl=A01)]
    found = one(reorderGuidelineList=points)
    assert [each["point"] for each in json.loads(found.guidelines or "")] == ["0", None]
    assert found.reorder_method == "mixed"


def test_one_do_not_reorder_is_enough() -> None:
    found = one(reorderGuidelineList=[guideline("manual", reorderPoint=24), guideline("doNotReorder", facilityUrl=A01)])
    assert (found.reorder_excluded, found.reorder_method) == (True, "##doNotReorder")


def test_location_of_a_guideline_may_have_other_names() -> None:
    found = one(reorderGuidelineList=[{"facilityName": "Main warehouse", "reorderPoint": "2.5"}])
    assert json.loads(found.guidelines or "") == [{"method": "", "place": "Main warehouse", "point": "2.5", "quantity": None}]


# What is not said, and what can't be meant


def test_missing_columns_say_nothing() -> None:
    found = products(productUrl=[SOIL], productId=["SOIL-25"], statusId=["PRODUCT_ACTIVE"], lastUpdatedDate=[UPDATED])[0]
    assert isinstance(found, ProductSaid)
    assert [name for name, value in found._asdict().items() if value is None] == [
        "name",
        "barcode",
        "barcode_key",
        "category",
        "cost",
        "lead_time_days",
        "packing",
        "units_per_case",
        "vendor_id_there",
        "vendor_code",
        "vendor_price",
        "suppliers",
        "guidelines",
        "reorder_method",
        "reorder_excluded",
    ]
    assert mapping.unsaid("products", {"reorderGuidelineList"}) == {"guidelines", "reorder_method", "reorder_excluded"}
    assert mapping.unsaid("products", {"category"}) == set()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"productId": None}, "There is no “productId”"),
        ({"productUrl": None}, "There is no “productUrl”"),
        ({"statusId": None}, "“statusId” does not say whether it is active"),
        ({"productId": "x" * 81}, "“productId” has 81 characters; at most 80"),
        ({"cost": "seven"}, "“cost” is no number"),
        ({"cost": -1}, "“cost” is negative"),
        ({"cost": True}, "“cost” is no number"),
        ({"leadTime": -3}, "“leadTime” is no number of days"),
        ({"lastUpdatedDate": "yesterday"}, "“lastUpdatedDate” is no date and time"),
        ({"supplierList": "none"}, "“supplierList” is no list"),
        ({"supplierList": [supplier(GREEN, price="?")]}, "“price” is no number"),
        ({"reorderGuidelineList": [guideline("manual", reorderPoint="many")]}, "“reorderPoint” is no number"),
        ({"internalName": ["x"]}, "“internalName” is no text"),
    ],
)
def test_product_that_cant_be_meant_is_held_with_a_sentence(fields: dict[str, Any], words: str) -> None:
    found = outcome(**fields)
    assert isinstance(found, Held)
    assert (found.row, found.code) == (7, "unclear")
    assert found.sentence.startswith("Row 7")
    assert words in found.sentence


HALF = "\ud800"


def test_name_is_one_line_whatever_it_holds() -> None:
    assert one(internalName=f"Potting\r\nsoil\x00{HALF}, 25 l").name == "Potting soil?, 25 l"


def test_halves_of_characters_are_kept_nowhere() -> None:
    assert "a?b" in one(supplierList=[supplier(GREEN, supplierProductId=f"a{HALF}b")]).suppliers
    held = outcome(productUrl=f"/x/{HALF}", productId=f"SOIL\x00{HALF}")
    assert isinstance(held, Held)
    assert held.raw == {"productUrl": "/x/?", "productId": "SOIL?"}
    assert "(SOIL?)" in held.sentence


def test_held_row_says_which_product_it_is() -> None:
    found = outcome(cost="seven")
    assert isinstance(found, Held)
    assert found.raw == {"productUrl": SOIL, "productId": "SOIL-25", "cost": "seven"}
    assert "(SOIL-25)" in found.sentence


@pytest.mark.parametrize("packing", ["40 cs 40/1", "40cs", " 40 "])
def test_units_per_case_are_the_first_number_of_the_packing(packing: str) -> None:
    assert one(normalizedPackingString=packing).units_per_case == 40_000


@pytest.mark.parametrize("packing", [None, "", "cs 40/1", "0 cs", "1.2.3"])
def test_packing_without_a_number_says_no_units(packing: str | None) -> None:
    assert one(normalizedPackingString=packing).units_per_case is None


@pytest.mark.parametrize("stamp", ["2026-01-14T16:48:23", "2026-01-14T16:48:23Z", "2026-01-14T17:48:23+01:00", "2026-01-14 16:48:23"])
def test_stamps_are_utc_unless_they_say_otherwise(stamp: str) -> None:
    assert one(lastUpdatedDate=stamp).changed_upstream_at == datetime(2026, 1, 14, 16, 48, 23, tzinfo=UTC)


_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=90), st.lists(st.dictionaries(st.text(max_size=5), st.integers()))
)


@given(st.dictionaries(st.sampled_from(sorted(PRODUCTS)), _ANY))
def test_whatever_comes_is_a_product_or_held(fields: dict[str, Any]) -> None:
    found = outcome(**fields)
    if isinstance(found, ProductSaid):
        assert not any("\x00" in each for each in found if isinstance(each, str))
        "".join(each for each in found if isinstance(each, str)).encode()
        assert found.sku_key
