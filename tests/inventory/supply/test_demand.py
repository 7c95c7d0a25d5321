"""What left for customers: of ledgers their sales, of mirrors what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.acting import Actor
from accounts.models import Account
from inventory import demand
from inventory.demand import Line
from inventory.ledger import PurchaseFact, receive_many
from inventory.models import Demand, Product, Sale, Warehouse
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_ledger, make_product

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 6)


@pytest.fixture
def account() -> Account:
    return make_account(time_zone="America/New_York")


@pytest.fixture
def place(account: Account) -> Warehouse:
    return make_warehouse(account)


def make_sale(product: Product, place: Warehouse, quantity: int, at: datetime, **values: Any) -> None:
    Sale.objects.create(
        account_id=product.account_id,
        product=product,
        warehouse=place,
        **{"unit_kind": "units", "quantity": quantity, "sold_at": at, **values},
    )


def days(account: Account, **chosen: Any) -> set[tuple[int, int, date, int]]:
    return {tuple(day) for day in demand.daily(account, since=MONDAY, until=FRIDAY, **chosen)}  # type: ignore[misc]


def test_sales_count_on_the_business_s_own_days_less_what_came_back(account: Account) -> None:
    tea, shelf = make_product(account), make_ledger(account)
    # Two in the morning in London is Monday evening in New York.
    make_sale(tea, shelf, 5, datetime(2026, 3, 3, 2, tzinfo=UTC))
    make_sale(tea, shelf, 4, datetime(2026, 3, 3, 4, 59, tzinfo=UTC), returned=1)
    make_sale(tea, shelf, 2, datetime(2026, 3, 3, 5, tzinfo=UTC))
    make_sale(tea, shelf, 7, datetime(2026, 3, 3, 5, tzinfo=UTC), status="cancelled")
    make_sale(tea, shelf, 9, datetime(2026, 3, 2, 4, 59, tzinfo=UTC))
    make_sale(tea, shelf, 1, datetime(2026, 3, 7, 4, 59, tzinfo=UTC))
    assert days(account) == {(tea.pk, shelf.pk, MONDAY, 8000), (tea.pk, shelf.pk, TUESDAY, 2000), (tea.pk, shelf.pk, FRIDAY, 1000)}


def test_only_what_went_to_customers_and_into_production_is_demand(account: Account) -> None:
    tea, shelf = make_product(account), make_ledger(account)
    noon = datetime(2026, 3, 3, 17, tzinfo=UTC)
    for quantity, purpose in ((8, "sale"), (4, "consumption"), (2, "wastage"), (16, "vendor_return"), (32, "transfer")):
        make_sale(tea, shelf, quantity, noon, purpose=purpose)
    actor = Actor.system(account, "Till")
    for key, quantity, purpose in (("back", 1, "sale_return"), ("found", 64, "found"), ("void", 128, "sale_return")):
        fact = PurchaseFact(
            source_key=key,
            product_id=tea.pk,
            warehouse_id=shelf.pk,
            unit_kind="units",
            quantity=quantity,
            bought_at=noon,
            purpose=purpose,
        )
        receive_many(actor, [fact])
        if key == "void":
            receive_many(actor, [replace(fact, revision=1, void=True)])
    assert days(account) == {(tea.pk, shelf.pk, TUESDAY, 12000), (tea.pk, shelf.pk, TUESDAY, -1000)}


def test_packs_count_by_what_is_in_them(account: Account) -> None:
    shelf = make_ledger(account)
    tea, mug, box = make_product(account, units_per_pack=12), make_product(account, "QTX20"), make_product(account, "QTX30")
    Product.objects.filter(pk=box.pk).update(unit_kind="packs", units_per_pack=8)
    noon = datetime(2026, 3, 3, 17, tzinfo=UTC)
    make_sale(tea, shelf, 2, noon, unit_kind="packs")
    make_sale(mug, shelf, 2, noon, unit_kind="packs")
    make_sale(box, shelf, 2, noon)
    assert days(account) == {(tea.pk, shelf.pk, TUESDAY, 24000), (box.pk, shelf.pk, TUESDAY, 250)}


@pytest.mark.parametrize(
    ("kind", "counted_in", "per_pack", "per_pallet", "thousandths"),
    [
        ("units", "units", None, None, 3000),
        ("pallets", "packs", None, 40, 120_000),
        ("pallets", "units", 12, 40, 1_440_000),
        ("pallets", "units", None, 40, 0),
        ("packs", "pallets", None, 40, 75),
        ("units", "packs", None, 40, 0),
        ("units", "pallets", 12, 40, 6),
    ],
)
def test_kinds(kind: str, counted_in: str, per_pack: int | None, per_pallet: int | None, thousandths: int) -> None:
    holds = [None if each is None else Decimal(each) for each in (per_pack, per_pallet)]
    assert demand.in_kind(3000, kind, counted_in, holds[0], holds[1]) == thousandths


def test_shipments_of_mirrors_are_added_with_their_sign(account: Account, place: Warehouse) -> None:
    soil, mug = make_product(account), make_product(account, "QTX20")
    lines = [Line(soil.pk, place.pk, TUESDAY, 5000), Line(soil.pk, place.pk, TUESDAY, -2000), Line(mug.pk, place.pk, FRIDAY, 1500)]
    assert demand.replace(account, "finale:1", {"/shipment/1": lines}) == [soil.pk, mug.pk]
    assert days(account) == {(soil.pk, place.pk, TUESDAY, 3000), (mug.pk, place.pk, FRIDAY, 1500)}
    assert days(account, product_ids=[mug.pk]) == {(mug.pk, place.pk, FRIDAY, 1500)}


def test_a_warehouse_has_one_source(account: Account, place: Warehouse) -> None:
    soil, shelf = make_product(account), make_ledger(account)
    demand.replace(account, "finale:1", {"/shipment/1": [Line(soil.pk, shelf.pk, TUESDAY, 5000)]})
    make_sale(soil, place, 2, datetime(2026, 3, 3, 17, tzinfo=UTC))
    assert days(account) == set()


def test_lines_of_a_document_are_replaced_together(account: Account, place: Warehouse) -> None:
    soil, mug, tea = (make_product(account, f"QTX{number}") for number in (1, 2, 3))
    one = [Line(soil.pk, place.pk, MONDAY, 5000), Line(mug.pk, place.pk, MONDAY, 1000)]
    other = [Line(tea.pk, place.pk, MONDAY, 3000)]
    demand.replace(account, "finale:1", {"1": one, "2": other})
    demand.replace(account, "finale:2", {"1": one})
    kept = set(Demand.objects.values_list("pk", flat=True))
    assert demand.replace(account, "finale:1", {"1": one, "2": other}) == []
    assert set(Demand.objects.values_list("pk", flat=True)) == kept
    assert demand.replace(account, "finale:1", {"1": [one[0], one[1]._replace(quantity=2000)], "2": []}) == [mug.pk, tea.pk]
    stored = Demand.objects.filter(source="finale:1").order_by("line").values_list("product", "quantity")
    assert list(stored) == [(soil.pk, Decimal(5)), (mug.pk, Decimal(2))]
    assert Demand.objects.filter(source="finale:2").count() == 2


def test_of_other_accounts_nothing_is_stored(account: Account, place: Warehouse) -> None:
    other = make_account("Other Traders")
    theirs, there = make_product(other), make_warehouse(other, "OTHER")
    lines = [Line(theirs.pk, place.pk, MONDAY, 1000), Line(make_product(account).pk, there.pk, MONDAY, 1000)]
    assert demand.replace(account, "finale:1", {"1": lines}) == []
    assert not Demand.objects.exists()


def test_statements_are_as_many_for_one_line_as_for_many(account: Account, place: Warehouse, django_assert_num_queries: Any) -> None:
    soil = make_product(account)
    # PostgreSQL analyses each of the two tables once it is filled.
    with django_assert_num_queries(10 if connection.vendor == "sqlite" else 12) as first:
        demand.replace(account, "finale:1", {"1": [Line(soil.pk, place.pk, MONDAY, 1000)]})
    many = {str(number): [Line(soil.pk, place.pk, MONDAY, 1000)] * 5 for number in range(20)}
    with django_assert_num_queries(len(first)):
        demand.replace(account, "finale:1", many)
    with django_assert_num_queries(3):
        assert len(list(demand.daily(account, since=MONDAY, until=FRIDAY))) == 1
