"""Categories, warehouses, vendors, products and reordering rules: what Odoo says of them, and what becomes of it here."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account
from accounts.roles import Role
from inventory.catalogue import add_product
from inventory.models import Category, Level, Product, Vendor, Warehouse
from inventory.reorder import set_reorder
from sync import references
from sync.models import CategoryRef, HeldRow, ProductRef, ReorderRef, Status, WarehouseRef
from sync.references.places import warehouses_of
from tests.build import make_actor, make_member
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import connected, sync, synced

pytestmark = pytest.mark.django_db


def category_of(sku: str) -> tuple[str, str]:
    """The name of a product's category, and of what that lies in."""
    found = Product.objects.get(sku=sku).category
    return (found.name, found.parent.name if found.parent else "") if found else ("", "")


def points() -> dict[tuple[str, str], tuple[Decimal | None, Decimal | None]]:
    rows = Level.objects.values_list("product__sku", "warehouse__name", "reorder_point", "reorder_quantity")
    return {(sku, place): (point, quantity) for sku, place, point, quantity in rows}


def test_category_finds_its_parent_that_comes_after_it(account: Account, odoo: OdooStandIn) -> None:
    synced(connected(account, odoo), "master")
    assert odoo.world.category("Rice").id < odoo.world.category("Grocery").id
    assert (category_of("RICE-5"), category_of("TEA-500")) == (("Rice", "Grocery"), ("Grocery", ""))
    assert Category.objects.count() == 4


def test_renamed_and_moved_category_takes_its_products_along_though_none_of_them_changed(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    rice = Product.objects.get(sku="RICE-5").category
    odoo.world.edit_category("Rice", name="Rice and grain", parent="Household")
    run = synced(connection, "categories")
    assert (run.counters["updated"], category_of("RICE-5")) == (1, ("Rice and grain", "Household"))
    assert Product.objects.get(sku="RICE-5").category == rice


def test_category_that_takes_the_name_of_one_that_is_here_is_that_one(account: Account, odoo: OdooStandIn) -> None:
    mine = Category.objects.create(account=account, name="household", name_key="HOUSEHOLD")
    synced(connected(account, odoo), "master")
    assert Product.objects.get(sku="SOAP").category == mine


@pytest.mark.parametrize("version", [17, 19])
def test_deleted_category_is_found_by_its_number_alone_and_stays_here(account: Account, odoo: OdooStandIn, version: int) -> None:
    odoo.be(version)
    odoo.world.add_category("Short-lived")
    connection = connected(account, odoo, version=version)
    synced(connection, "master")
    odoo.world.delete_category("Short-lived")
    assert synced(connection, "categories").counters["removed"] == 0
    run = synced(connection, "ids")
    assert (run.counters["removed"], CategoryRef.objects.get(name="Short-lived").gone_at is None) == (1, False)
    assert Category.objects.filter(name="Short-lived").exists()


def test_product_that_is_weighed_is_counted_in_fractions_here_unless_it_was_here_before(account: Account, odoo: OdooStandIn) -> None:
    mine = add_product(make_actor(account), sku="SUGAR")
    for code in ("RICE", "SUGAR"):
        odoo.world.add_product(code, f"{code} by weight", unit=odoo.world.kilo)
    synced(connected(account, odoo), "master")
    mine.refresh_from_db()
    assert (Product.objects.get(sku="RICE").fractional, mine.fractional, Product.objects.get(sku="RICE-5").fractional) == (
        True,
        False,
        False,
    )


def test_product_without_a_category_and_without_a_barcode_is_a_product(account: Account, odoo: OdooStandIn) -> None:
    odoo.world.edit_template("EGGS-12", category=None)
    run = synced(connected(account, odoo), "master")
    eggs = Product.objects.get(sku="EGGS-12")
    assert (eggs.category, eggs.active, eggs.aliases.count()) == (None, True, 0)
    assert [each["message"] for each in run.warnings] == ["Products: Products have no barcode: no till can tell of them. (1)"]


def test_leading_zeros_of_a_barcode_stay(account: Account, odoo: OdooStandIn) -> None:
    synced(connected(account, odoo), "products")
    assert Product.objects.get(sku="TEA-500").aliases.get().text == "0096400010048"


def test_archived_product_is_kept_and_switched_off_and_comes_back(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "products")
    odoo.world.archive("SOAP")
    run = synced(connection, "products")
    assert (run.counters["updated"], run.counters["removed"]) == (1, 0)
    assert (ProductRef.objects.get(sku="SOAP").gone_at, Product.objects.get(sku="SOAP").active) == (None, False)
    odoo.world.archive("SOAP", back=True)
    synced(connection, "products")
    assert Product.objects.get(sku="SOAP").active


def test_deleted_product_is_gone_after_the_look_at_all_numbers(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "products")
    odoo.world.delete_product("SOAP")
    assert synced(connection, "products").counters["removed"] == 0
    assert Product.objects.get(sku="SOAP").active
    assert synced(connection, "ids").counters["removed"] == 1
    assert (ProductRef.objects.get(sku="SOAP").gone_at is None, Product.objects.get(sku="SOAP").active) == (False, False)


def test_record_that_was_written_later_than_any_overlap_comes_with_the_look_at_all_numbers(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    with odoo.world.at("2026-03-02 08:00"):
        odoo.world.add_product("NEW", "New")
    synced(connection, "master")
    with odoo.world.at("2026-03-02 05:00"):
        odoo.world.add_product("HOURS-LATE", "An import that took hours")
    synced(connection, "products")
    assert not ProductRef.objects.filter(sku="HOURS-LATE").exists()
    run = synced(connection, "ids")
    assert (ProductRef.objects.filter(sku="HOURS-LATE").exists(), run.counters["inserted"], run.counters["removed"]) == (True, 1, 0)


@pytest.mark.parametrize("fault", ["empty", "no_rights"])
def test_answer_without_numbers_is_no_proof_that_everything_was_deleted(account: Account, odoo: OdooStandIn, fault: str) -> None:
    connection = connected(account, odoo)
    synced(connection, "products")
    odoo.turn_on(fault, feeds="product.product")
    run = sync(connection, "ids")
    assert (run.status, ProductRef.objects.filter(gone_at=None).count()) == (Status.PARTIAL, 6)


def test_numbers_are_asked_for_to_their_end_where_answers_are_cut_short(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    odoo.turn_on("cut", size=2)
    run = synced(connection, "ids")
    assert (run.counters["removed"], ProductRef.objects.filter(gone_at=None).count()) == (0, 6)


def test_many_deleted_products_wait_for_a_person(account: Account, odoo: OdooStandIn) -> None:
    for number in range(30):
        odoo.world.add_product(f"X-{number}", "One of thirty")
    connection = connected(account, odoo)
    synced(connection, "products")
    for number in range(30):
        odoo.world.delete_product(f"X-{number}")
    run = sync(connection, "ids")
    assert (run.status, ProductRef.objects.filter(gone_at=None).count()) == (Status.NEEDS_REVIEW, 36)


def test_barcode_of_two_companies_is_two_products(account: Account, odoo: OdooStandIn) -> None:
    other = odoo.world.add_company("Seaview")
    own = odoo.world.product("SOAP")
    odoo.world.edit(own.template, company=odoo.world.company)
    odoo.world.add_product("SOAP-2", "Soap of the other company", barcode="8964000100062", company=other)
    synced(connected(account, odoo), "products")
    assert set(Product.objects.filter(aliases__key="8964000100062").values_list("sku", flat=True)) == {"SOAP", "SOAP-2"}


def test_product_here_with_the_same_barcode_is_the_one_that_is_meant(account: Account, odoo: OdooStandIn) -> None:
    mine = add_product(make_actor(account), sku="MY-RICE", name="Rice", barcodes=["8964000100017"])
    synced(connected(account, odoo), "products")
    assert ProductRef.objects.get(sku="RICE-5").product == mine


@pytest.mark.parametrize("version", [16, 17, 18, 19])
def test_change_of_a_template_reaches_its_product_in_every_version(account: Account, odoo: OdooStandIn, version: int) -> None:
    connection = connected(account, odoo, version=version)
    synced(connection, "products")
    written = odoo.world.product("RICE-5").written
    odoo.world.edit_template("RICE-5", name="Basmati, aged")
    assert (odoo.world.product("RICE-5").written == written) is (version == 16)
    synced(connection, "products")
    assert Product.objects.get(sku="RICE-5").name == "Basmati, aged"


@pytest.mark.parametrize("version", [16, 17, 18, 19])
def test_services_and_what_nobody_counts_are_left_out_by_each_version(account: Account, odoo: OdooStandIn, version: int) -> None:
    synced(connected(account, odoo, version=version), "products")
    assert set(Product.objects.values_list("sku", flat=True)) == {"RICE-5", "RICE-1", "OIL-3", "TEA-500", "EGGS-12", "SOAP"}


def test_record_that_can_not_be_meant_is_held_until_it_is_said_clearly_or_deleted(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    with odoo.world.at("2026-03-02 08:00"):
        odoo.world.add_product("FINE", "Fine")
    long = [odoo.world.add_product("L" * 90, "Too long a reference"), odoo.world.add_product("M" * 90, "Another")]
    run = synced(connection, "products")
    assert (run.counters["held"], run.counters["inserted"], HeldRow.objects.count()) == (2, 7, 2)
    # It is held on though the next windows don't have it any more.
    with odoo.world.at(timezone.now() + timedelta(hours=1)):
        odoo.world.add_product("LATER", "Later")
    synced(connection, "products")
    synced(connection, "products")
    assert {row.raw["id"] for row in HeldRow.objects.all()} == {str(each.id) for each in long}
    with odoo.world.at(timezone.now() + timedelta(hours=2)):
        odoo.world.edit_product(long[0], code="SHORT")
    synced(connection, "products")
    assert (HeldRow.objects.count(), ProductRef.objects.filter(sku="SHORT").exists()) == (1, True)
    odoo.world.delete_product(long[1])
    synced(connection, "ids")
    assert HeldRow.objects.count() == 0


def test_warehouses_keep_ledgers_and_their_shelves_are_in_them(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "warehouses")
    assert set(Warehouse.objects.values_list("name", "mode")) == {("Central", "ledger"), ("Clifton", "ledger")}
    clifton, there = Warehouse.objects.get(name="Clifton"), odoo.world.warehouse("CLF")
    mapped = warehouses_of(connection)
    assert {mapped[f"location:{place.id}"] for place in (there.stock, there.input, *there.shelves)} == {clifton.pk}
    # Transit, vendors, customers and losses are no places of ours.
    assert not WarehouseRef.objects.filter(external_id=f"location:{odoo.world.transit.id}").exists()


def test_ledger_of_the_same_name_that_a_till_may_sell_from_is_the_warehouse(account: Account, odoo: OdooStandIn) -> None:
    mine = Warehouse.objects.create(account=account, name="Clifton", code="shop", mode="ledger")
    synced(connected(account, odoo), "warehouses")
    assert WarehouseRef.objects.get(name="Clifton").warehouse == mine


def test_vendor_is_found_by_name_and_keeps_its_contacts(account: Account, odoo: OdooStandIn) -> None:
    mine = Vendor.objects.create(account=account, name="Harbour Trading", name_key="HARBOUR TRADING")
    synced(connected(account, odoo), "vendors")
    mine.refresh_from_db()
    assert (mine.email, set(Vendor.objects.values_list("name", flat=True))) == (
        "orders@harbour.example",
        {"Harbour Trading", "Indus Foods"},
    )


def test_reordering_rules_become_points_of_each_warehouse_and_change_without_their_product(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    assert points() == {("RICE-5", "Central"): (Decimal(20), Decimal(40)), ("RICE-5", "Clifton"): (Decimal(5), Decimal(10))}
    odoo.world.set_point("RICE-5", "CLF", 8, 8)
    synced(connection, "reorder")
    assert points()["RICE-5", "Clifton"] == (Decimal(8), None)


def test_archived_and_deleted_rules_leave_the_point_unknown(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    first, second = odoo.world.product("RICE-5").points
    odoo.world.edit(first, active=False)
    synced(connection, "reorder")
    assert points()["RICE-5", "Central"] == (None, None)
    odoo.world.orderpoints.drop(second)
    synced(connection, "ids")
    assert (points()["RICE-5", "Clifton"], ReorderRef.objects.filter(gone_at=None).count()) == ((None, None), 1)


def test_rules_that_come_before_their_product_take_effect_with_it(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "warehouses", "reorder")
    assert points() == {}
    synced(connection, "products")
    assert points()["RICE-5", "Central"] == (Decimal(20), Decimal(40))


def test_point_that_a_person_has_set_stays_until_it_is_unpinned(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    rice = Product.objects.get(sku="RICE-5")
    who = Actor(account, make_member(account).user, Role.OWNER, "Mara")
    set_reorder(who, product=rice, warehouse=Warehouse.objects.get(name="Clifton"), point=3, quantity=None)
    odoo.world.set_point("RICE-5", "CLF", 8, 20)
    synced(connection, "reorder")
    assert points()["RICE-5", "Clifton"] == (Decimal(3), None)
    references.unpin(who, rice, ["reorder"])
    assert points()["RICE-5", "Clifton"] == (Decimal(8), Decimal(12))
