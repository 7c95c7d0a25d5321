from __future__ import annotations

import pytest

from sync.sources.odoo import versions
from sync.sources.odoo.versions import FIELDS, Version


@pytest.mark.parametrize(
    ("text", "found"),
    [("17.0", (17, 0)), ("19.0+e", (19, 0)), ("saas~18.2", (18, 2)), ("saas~18.2+e-20260301", (18, 2)), ("16.0-20230101", (16, 0))],
)
def test_version_is_read_however_it_is_written(text: str, found: tuple[int, int]) -> None:
    assert Version.of(text) == found


@pytest.mark.parametrize("said", [None, "", "final", 19, [19, 0]])
def test_what_names_no_version_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="version"):
        Version.of(said)


def names(model: str, version: int) -> set[str]:
    return set(versions.known(model, Version(version), {each.name for each in FIELDS[model]}))


def test_done_quantity_changed_its_name_with_17() -> None:
    assert {"quantity_done", "quantity"} & names("stock.move", 16) == {"quantity_done"}
    for version in (17, 18, 19, 20):
        assert {"quantity_done", "quantity"} & names("stock.move", version) == {"quantity"}


def test_storable_products_are_told_by_another_field_from_18_on() -> None:
    assert {version: "is_storable" in names("product.product", version) for version in (16, 17, 18, 19)} == {
        16: False,
        17: False,
        18: True,
        19: True,
    }
    assert "detailed_type" in names("product.product", 17)
    assert "detailed_type" not in names("product.product", 18)


def test_unit_of_an_order_line_changed_its_name_with_19() -> None:
    for version, field in ((16, "product_uom"), (18, "product_uom"), (19, "product_uom_id")):
        assert {"product_uom", "product_uom_id"} & names("purchase.order.line", version) == {field}


def test_mark_of_what_was_scrapped_went_with_19() -> None:
    assert {version: {"scrapped", "scrap_id", "scrap_ids"} & names("stock.move", version) for version in (16, 17, 18, 19)} == {
        16: {"scrapped", "scrap_ids"},
        17: {"scrapped", "scrap_id"},
        18: {"scrapped", "scrap_id"},
        19: {"scrap_id"},
    }


def test_only_what_is_there_is_asked_for_and_the_id_always() -> None:
    assert versions.known("product.category", Version(19), {"id", "name", "write_date", "of_an_app"}) == ["id", "name", "write_date"]


def test_needed_field_that_is_missing_is_named_and_one_of_another_version_is_not() -> None:
    there = names("stock.move", 18)
    assert versions.lacking("stock.move", Version(18), there) == ""
    assert versions.lacking("stock.move", Version(18), there - {"quantity"}) == "quantity"
    assert versions.lacking("stock.move", Version(16), there) == "quantity_done"


def test_between_two_versions_either_field_will_do() -> None:
    between, old, new = Version(18, 2), names("purchase.order.line", 18), names("purchase.order.line", 19)
    for there, unit in ((old, "product_uom"), (new, "product_uom_id")):
        assert versions.lacking("purchase.order.line", between, there) == ""
        assert unit in versions.known("purchase.order.line", between, there)
    assert versions.lacking("purchase.order.line", between, old - {"order_id"}) == "order_id"
    assert versions.lacking("stock.move", Version(16, 3), names("stock.move", 17)) == ""


def test_what_stands_in_place_of_a_field_is_known() -> None:
    assert versions.instead_of("purchase.order.line", "product_uom", Version(19)) == (
        "It went with Odoo 19; “product_uom_id” stands in its place."
    )
    assert versions.instead_of("product.product", "is_storable", Version(17)) == "It came with Odoo 18."
    assert versions.instead_of("stock.move", "quantity", Version(18)) == ""
    assert versions.instead_of("stock.move", "nobody_knows", Version(18)) == ""
