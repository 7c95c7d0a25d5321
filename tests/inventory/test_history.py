from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from inventory import history
from inventory.errors import NotAPeriod
from inventory.history import Closing
from inventory.ledger.counters import Counters, Key
from inventory.models import Product, Sale, Warehouse
from tests.build import make_account
from tests.inventory.stock import make_batch, make_ledger, make_movement, make_product

pytestmark = pytest.mark.django_db

DAY_1, DAY_2, DAY_3 = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def product(account: Account) -> Product:
    return make_product(account)


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    return make_ledger(account)


@pytest.fixture
def three_days(product: Product, warehouse: Warehouse) -> None:
    """Opening 1 241; 1 371 bought and 49 sold on one day, nothing the next, 28 sold the day after."""
    make_movement(product, warehouse, 1241, 1241, booked_at=noon(date(2026, 3, 1)))
    make_movement(product, warehouse, 1371, 2612, booked_at=noon(DAY_1))
    make_movement(product, warehouse, -49, 2563, kind="sale", booked_at=noon(DAY_1))
    make_movement(product, warehouse, -28, 2535, kind="sale", booked_at=noon(DAY_3))


@pytest.mark.usefixtures("three_days")
def test_days_close_with_what_the_next_begins_with(account: Account) -> None:
    packs = {"unit_kind": "packs"}
    assert history.closings(account, DAY_1, DAY_3) == [
        Closing(DAY_1, **packs, opening=Decimal(1241), came_in=Decimal(1371), went_out=Decimal(49), closing=Decimal(2563)),
        Closing(DAY_2, **packs, opening=Decimal(2563), came_in=Decimal(0), went_out=Decimal(0), closing=Decimal(2563)),
        Closing(DAY_3, **packs, opening=Decimal(2563), came_in=Decimal(0), went_out=Decimal(28), closing=Decimal(2535)),
    ]


@pytest.mark.usefixtures("three_days")
def test_what_is_booked_later_changes_no_day_that_is_over(account: Account, product: Product, warehouse: Warehouse) -> None:
    before = history.closings(account, DAY_1, DAY_2)
    make_movement(product, warehouse, -5, 2530, kind="sale", booked_at=noon(DAY_3), happened_at=noon(DAY_1))
    assert history.closings(account, DAY_1, DAY_2) == before


def test_the_day_is_the_accounts_own(product: Product, warehouse: Warehouse, account: Account) -> None:
    account.time_zone = "America/New_York"
    account.save()
    # Half past eight in the evening of the second of March in New York.
    make_movement(product, warehouse, 7, 7, booked_at=datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
    first, second = history.closings(account, DAY_1, DAY_2)
    assert (first.closing, second.opening, second.came_in) == (7, 7, 0)


def test_an_expiry_leaves_on_its_own_day_and_earlier_days_stay(account: Account, product: Product, warehouse: Warehouse) -> None:
    batch = make_batch(product, warehouse, 10)
    make_movement(product, warehouse, 10, 10, batch=batch, booked_at=noon(DAY_1))
    make_movement(product, warehouse, -10, 0, kind="expiry", batch=batch, batch_delta=0, cause="batch_expiry", booked_at=noon(DAY_2))
    assert [(day.closing, day.went_out) for day in history.closings(account, DAY_1, DAY_2)] == [(10, 0), (0, 10)]


def test_days_of_one_product_and_warehouse_leave_out_the_others(account: Account, product: Product, warehouse: Warehouse) -> None:
    other, elsewhere = make_product(account, "QTX20"), make_ledger(account, "SHOP")
    for each, place, number in ((product, warehouse, 1), (other, warehouse, 2), (product, elsewhere, 4)):
        make_movement(each, place, number, number, booked_at=noon(DAY_1))
    assert [day.closing for day in history.closings(account, DAY_1, DAY_1)] == [7]
    assert [day.closing for day in history.closings(account, DAY_1, DAY_1, product=product)] == [5]
    assert [day.closing for day in history.closings(account, DAY_1, DAY_1, warehouse=warehouse)] == [3]


@pytest.mark.parametrize(("first", "last"), [(DAY_2, DAY_1), (DAY_1, DAY_1 + timedelta(days=366))])
def test_a_period_that_is_none_is_refused(account: Account, first: date, last: date) -> None:
    with pytest.raises(NotAPeriod):
        history.closings(account, first, last)


@pytest.mark.usefixtures("three_days")
def test_the_stock_of_a_moment_is_what_was_booked_before_it(account: Account, product: Product, warehouse: Warehouse) -> None:
    key = Key(product.pk, warehouse.pk)
    assert history.at(account, noon(DAY_1)) == {key: Counters(packs=Decimal(1241))}
    assert history.at(account, noon(DAY_2)) == {key: Counters(packs=Decimal(2563))}
    assert history.at(account) == {key: Counters(packs=Decimal(2535))}
    assert history.at(account, noon(date(2026, 2, 1))) == {}
    assert history.at(account, products=[product.pk + 1]) == {}


def test_the_stock_of_a_moment_comes_in_pages(account: Account, product: Product, warehouse: Warehouse) -> None:
    other = make_product(account, "QTX20")
    make_movement(product, warehouse, 1, 1)
    make_movement(other, warehouse, 2, 2, unit_kind="units")
    first = history.at(account, limit=1)
    assert first == {Key(product.pk, warehouse.pk): Counters(packs=Decimal(1))}
    assert history.at(account, after=next(iter(first)), limit=1) == {Key(other.pk, warehouse.pk): Counters(units=Decimal(2))}


def test_another_accounts_stock_is_not_there(product: Product, warehouse: Warehouse) -> None:
    make_movement(product, warehouse, 1, 1)
    assert history.at(make_account("Other")) == {}
    assert history.closings(make_account("Third"), DAY_1, DAY_1) == []


def test_a_line_says_who_what_why_and_what_was_left(account: Account, product: Product, warehouse: Warehouse) -> None:
    sale = Sale.objects.create(
        account=account, product=product, warehouse=warehouse, unit_kind="packs", quantity=3, sold_at=noon(DAY_1), reference="B-77"
    )
    make_movement(product, warehouse, 10, 10)
    make_movement(product, warehouse, -3, 7, kind="sale", cause="sale_creation", document_id=sale.pk)
    newest, first = history.lines(product)
    assert (newest.what, newest.why, newest.who, newest.balance) == ("Sale", "Sale entered", "Mara", 7)
    assert newest.document is not None
    assert (newest.document.kind, newest.document.id, newest.document.label) == ("sale", sale.pk, f"Sale {sale.pk}, B-77")
    assert first.document is None


def test_lines_go_on_from_where_a_page_ended(product: Product, warehouse: Warehouse) -> None:
    rows = [make_movement(product, warehouse, 1, number) for number in (1, 2, 3)]
    page = history.lines(product, limit=2)
    assert [line.movement.pk for line in page] == [rows[2].pk, rows[1].pk]
    assert [line.movement.pk for line in history.lines(product, before=rows[1].pk)] == [rows[0].pk]


def test_lines_of_many_documents_take_as_many_statements_as_those_of_one(account: Account, product: Product, warehouse: Warehouse) -> None:
    def sold() -> None:
        sale = Sale.objects.create(
            account=account, product=product, warehouse=warehouse, unit_kind="packs", quantity=1, sold_at=noon(DAY_1)
        )
        batch = make_batch(product, warehouse, 1)
        make_movement(product, warehouse, -1, 0, kind="sale", document_id=sale.pk, batch=batch)

    sold()
    with CaptureQueriesContext(
        connection,
    ) as one:
        history.lines(product)
    for _ in range(5):
        sold()
    with CaptureQueriesContext(connection) as many:
        assert len(history.lines(product)) == 6
    assert len(many) == len(one) == 2


def test_a_chart_has_at_most_so_many_points_and_ends_with_what_was_left(product: Product, warehouse: Warehouse) -> None:
    begin = noon(DAY_1)
    make_movement(product, warehouse, 100, 100, booked_at=begin - timedelta(days=1))
    for number in range(40):
        make_movement(product, warehouse, -1, 99 - number, kind="sale", booked_at=begin + timedelta(minutes=number))
    points = history.series(product, "packs", begin, begin + timedelta(minutes=40), points=10)
    assert points[0] == history.Point(begin, Decimal(100))
    assert points[-1].quantity == 60
    assert 2 < len(points) <= 10
    assert [point.at for point in points] == sorted(point.at for point in points)
    # Four minutes and a half in a step: as many movements lie before each point.
    for point in points[1:]:
        booked = sum(1 for number in range(40) if begin + timedelta(minutes=number) < point.at)
        assert point.quantity == 100 - booked


def test_a_chart_of_all_warehouses_adds_them_up(account: Account, product: Product, warehouse: Warehouse) -> None:
    make_movement(product, warehouse, 5, 5, booked_at=noon(DAY_1))
    make_movement(product, make_ledger(account, "SHOP"), 3, 3, booked_at=noon(DAY_2))
    points = history.series(product, "packs", noon(DAY_1) - timedelta(hours=1), noon(DAY_3))
    assert [point.quantity for point in points] == [0, 5, 8]
    assert [point.quantity for point in history.series(product, "packs", noon(DAY_1), noon(DAY_3), warehouse=warehouse)] == [0, 5]


@pytest.mark.parametrize("points", [1, 501])
def test_a_chart_of_no_sensible_size_is_refused(product: Product, points: int) -> None:
    with pytest.raises(NotAPeriod):
        history.series(product, "packs", noon(DAY_1), noon(DAY_2), points=points)
