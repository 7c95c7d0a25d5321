"""Categories, vendors and numbers in an imported file."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acting import Actor
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import productgroups
from inventory.catalogue import add_product, import_csv
from inventory.categories import add_category, paths
from inventory.csvtable import RowProblem
from inventory.models import Category, Product, Vendor
from inventory.vendors import add_vendor
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db

FILE = b"""SKU,Category,Vendor,Counted in,Packs per pallet,Units per pack,Lead time (days),Purchase price,Sale price,Kept in batches
TILE,Floors > Tiles,North Supply,Packs,48,12,9,10.50,19.9999,yes
GROUT,floors > Grout,north  supply,unit,,,,"3,5",,no
"""


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


def only_problem(actor: Actor, content: str) -> RowProblem:
    report = import_csv(actor, content.encode())
    assert not report.applied
    (problem,) = report.problems
    return problem


def test_everything_that_a_product_has(manager: Actor) -> None:
    report = import_csv(manager, FILE)
    assert (report.added, report.applied, report.ignored) == (2, True, ())
    tile, grout = Product.objects.get(sku="TILE"), Product.objects.get(sku="GROUT")
    assert (tile.unit_kind, tile.packs_per_pallet, tile.units_per_pack, tile.lead_time_days) == ("packs", Decimal(48), Decimal(12), 9)
    assert (tile.purchase_price, tile.sale_price, tile.batch_managed) == (Decimal("10.5"), Decimal("19.9999"), True)
    assert (grout.unit_kind, grout.packs_per_pallet, grout.purchase_price, grout.batch_managed) == ("units", None, Decimal("3.5"), False)
    assert tile.vendor == grout.vendor == Vendor.objects.get(name="North Supply")
    assert sorted(paths(manager.account).values()) == ["Floors", "Floors > Grout", "Floors > Tiles"]
    assert tile.category == Category.objects.get(name="Tiles")


def test_what_is_new_is_said_and_audited_with_the_products(manager: Actor) -> None:
    add_category(manager, name="FLOORS")
    would = import_csv(manager, FILE, dry_run=True)
    assert (would.categories, would.vendors) == (("FLOORS > Grout", "FLOORS > Tiles"), ("North Supply",))
    assert would.sentence == (
        "Nothing was written yet. It would be: 2 products added, 0 changed, 0 as before. "
        "New categories: FLOORS > Grout, FLOORS > Tiles. New vendors: North Supply."
    )
    assert (Category.objects.count(), Vendor.objects.count()) == (1, 0)
    import_csv(manager, FILE)
    rows = AuditLog.objects.filter(cause="Import of a CSV file")
    assert sorted(rows.values_list("entity", flat=True)) == ["Category", "Category", "Product", "Product", "Vendor"]
    assert rows.values("correlation").distinct().count() == 1
    assert rows.filter(entity="Product").earliest("pk").after["category"] == Category.objects.get(name="Tiles").pk


def test_second_import_changes_nothing(manager: Actor) -> None:
    import_csv(manager, FILE)
    report = import_csv(manager, FILE)
    assert (report.unchanged, report.categories, report.vendors) == (2, (), ())
    assert (Category.objects.count(), Vendor.objects.count()) == (3, 1)


def test_a_category_is_found_by_its_name_alone_wherever_it_lies(manager: Actor) -> None:
    tiles = add_category(manager, name="Tiles", parent=add_category(manager, name="Floors"))
    import_csv(manager, b"SKU,Category\nTILE,tiles\n")
    assert Product.objects.get().category == tiles
    assert Category.objects.count() == 2


def test_of_two_categories_with_one_name_the_path_says_which(manager: Actor) -> None:
    here, there = (add_category(manager, name="Tiles", parent=add_category(manager, name=name)) for name in ("Floors", "Walls"))
    assert only_problem(manager, "SKU,Category\nTILE,Tiles\n") == RowProblem(
        2, "Category", "There are 2 categories with that name; write “Floors > Tiles” or “Walls > Tiles”."
    )
    import_csv(manager, b"SKU,Category\nTILE,walls>tiles\n")
    assert Product.objects.get().category == there != here
    assert import_csv(manager, b"SKU,Category\nTILE,Tiles\n").unchanged == 1


def test_a_vendor_is_found_by_code(manager: Actor) -> None:
    vendor = add_vendor(manager, name="North", code="n-1")
    import_csv(manager, b"SKU,Supplier\nTILE,N-1\n")
    assert Product.objects.get().vendor == vendor


def test_an_empty_cell_says_nothing(manager: Actor) -> None:
    import_csv(manager, FILE)
    report = import_csv(manager, b"SKU,Category,Vendor,Sale price,Packs per pallet\nTILE,,,,\n")
    assert report.unchanged == 1
    assert Product.objects.get(sku="TILE").sale_price == Decimal("19.9999")


@pytest.mark.parametrize(
    ("column", "text", "sentence"),
    [
        ("Sale price", "-1", "A price is a number from 0 to less than 10,000,000,000."),
        ("Sale price", "1.23456", "A price has at most 4 decimal places."),
        ("Sale price", "$5", "“$5” is not a number; write it with digits only, like 1250 or 12.5."),
        ("Sale price", "NaN", "“NaN” is not a number; write it with digits only, like 1250 or 12.5."),
        ("Cost", '"1,250"', "“1,250” can be read in two ways; write 1250 or 1.250."),
        ("Packs per pallet", "0", "Packs in a pallet are a whole number from 1 to 1,000,000; leave it empty where that is unknown."),
        ("Packs per pallet", "2.5", "Packs in a pallet are a whole number from 1 to 1,000,000; leave it empty where that is unknown."),
        ("Units per pack", "2.5", "Units in a pack are a whole number, as the product is not counted in fractions."),
        ("Units per pack", "0.0001", "“0.0001” is finer than a thousandth."),
        ("Lead time", "1.5", "“1.5” is not a whole number."),
        ("Lead time", "4000", "A lead time is a whole number of days from 0 to 3,650."),
        ("Counted in", "boxes", "“boxes” is none of pallets, packs, units."),
        ("Category", "A >", "“A >” has an empty name beside a >."),
        ("Category", "N" * 121, "The text has 121 characters, at most 120 are possible."),
        ("Vendor", "N" * 201, "The text has 201 characters, at most 200 are possible."),
        ("Kept in batches", "maybe", "“maybe” is neither yes nor no."),
    ],
)
def test_problem_names_row_and_column(manager: Actor, column: str, text: str, sentence: str) -> None:
    assert only_problem(manager, f"SKU,{column}\nTILE,{text}\n") == RowProblem(2, column, sentence)
    assert not Product.objects.exists()


def test_fractions_in_the_same_file_or_in_the_catalogue(manager: Actor) -> None:
    import_csv(manager, b"SKU,Fractional,Units per pack\nROPE,yes,2.5\n")
    assert Product.objects.get().units_per_pack == Decimal("2.5")
    problem = only_problem(manager, "SKU,Fractional\nROPE,no\n")
    assert problem == RowProblem(2, "Fractional", "Units in a pack are a whole number, as the product is not counted in fractions.")


def test_a_column_with_a_wrong_heading_makes_no_thousand_categories(manager: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(productgroups, "MOST_NEW", 2)
    lines = "".join(f"S{number},C{number},V{number}\n" for number in range(3))
    report = import_csv(manager, f"SKU,Category,Vendor\n{lines}".encode())
    assert [(problem.row, problem.column) for problem in report.problems] == [(4, "Category"), (4, "Vendor")]
    assert not Category.objects.exists()


def test_groups_of_other_accounts_are_none(manager: Actor) -> None:
    stranger = make_actor(make_account("8QX"))
    add_product(stranger, sku="TILE", category=add_category(stranger, name="Floors"), vendor=add_vendor(stranger, name="North Supply"))
    assert import_csv(manager, FILE).vendors == ("North Supply",)
    assert Vendor.objects.count() == 2


def test_statements_do_not_grow_with_the_rows(manager: Actor) -> None:
    def file(rows: int, price: int) -> bytes:
        lines = b"".join(b"S%d,%d,C%d > D%d,V%d\n" % (row, price, row, row, row) for row in range(rows))
        return b"SKU,Price,Category,Vendor\n" + lines

    import_csv(manager, file(30, 1))
    with CaptureQueriesContext(connection) as few:
        import_csv(manager, file(3, 2))
    with CaptureQueriesContext(connection) as many:
        assert import_csv(manager, file(30, 3)).changed == 30
    assert len(few) == len(many)
