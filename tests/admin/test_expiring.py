"""What expires soon, by urgency and by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory.models import Batch
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place

LIST = "/admin/inventory/batch/expiring/"
CALENDAR = f"{LIST}calendar/"


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def test_bands_say_how_many_how_much_and_what_it_cost(viewer: Client, shop: Shop) -> None:
    shop.buy(10, expires_at=in_days(6.9), cost="2.50")
    shop.buy(4, expires_at=in_days(3), cost="1.25")
    shop.buy(7, "units", expires_at=in_days(2), cost="3")
    shop.buy(1, expires_at=in_days(7.1))
    shop.buy(2, expires_at=in_days(29.9))
    shop.buy(3, expires_at=in_days(59.9))
    shop.buy(99, expires_at=in_days(60.1))
    shown = page(viewer, LIST)
    assert "Critical 7 days or less 3 batches 14 packs, 7 units Cost 51.00" in shown
    assert "High up to 14 days 1 batch 1 pack" in shown
    assert "Medium up to 30 days 1 batch 2 packs" in shown
    assert "Later up to 60 days 1 batch 3 packs" in shown
    assert "99 packs" not in shown


def test_unknown_cost_is_said_to_be_unknown(viewer: Client, shop: Shop) -> None:
    purchase = shop.buy(10, expires_at=in_days(3))
    Batch.objects.filter(purchase=purchase).update(unit_cost=None)
    assert "Cost 0.00, and 1 of unknown cost" in page(viewer, LIST)


def test_the_most_urgent_is_shown_first_and_others_are_a_click_away(viewer: Client, shop: Shop) -> None:
    let_expire(shop.buy(10, lot="OLD-1", expires_at=in_days(3)))
    shop.buy(10, lot="SOON-1", expires_at=in_days(5))
    first = page(viewer, LIST)
    assert "Expired, and still here" in first
    assert "lot OLD-1" in first
    assert "lot SOON-1" not in first
    assert "lot SOON-1" in page(viewer, f"{LIST}?urgency=critical")


def test_calendar_puts_what_has_a_day_on_it_on_that_day(viewer: Client, shop: Shop) -> None:
    Account.objects.update(time_zone="America/New_York")
    shop.account.refresh_from_db()
    day = date(timezone.now().year + 1, 3, 14)
    shop.receive(12, expires_on=day)
    shop.receive(3, expires_on=day + timedelta(days=40))
    shown = page(viewer, f"{CALENDAR}?month={day:%Y-%m}")
    assert f"March {day.year} 1 batch: 12 packs, cost 30.00" in shown
    assert "14 1 batch 12 packs" in shown
    listed = page(viewer, f"{LIST}?day={day}")
    assert f"With {day} as their last day" in listed
    assert "12 packs" in listed
    assert "Nothing expires on that day" in page(viewer, f"{LIST}?day={day + timedelta(days=1)}")


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=x", "month=0001-01", "month=9999-12", "warehouse=x", "warehouse=99999999999999999999"]
)
def test_calendar_makes_do_with_nonsense(viewer: Client, query: str) -> None:
    assert viewer.get(f"{CALENDAR}?{query}").status_code == 200


@pytest.mark.parametrize("query", ["day=2026-02-31", "day=9999-12-31", "urgency=x", "page=x"])
def test_list_makes_do_with_nonsense(viewer: Client, query: str) -> None:
    assert viewer.get(f"{LIST}?{query}").status_code == 200


def test_one_warehouse(viewer: Client, shop: Shop) -> None:
    back = make_place(shop.account, "BACK")
    shop.buy(10, lot="FRONT-1", expires_at=in_days(3))
    shop.buy(20, lot="BACK-1", expires_at=in_days(3), warehouse=back)
    shown = page(viewer, f"{LIST}?warehouse={back.pk}")
    assert "BACK-1" in shown
    assert "FRONT-1" not in shown


def test_another_account_s_batches_do_not_expire_here(viewer: Client, shop: Shop) -> None:
    theirs = Shop(make_account("Other"))
    theirs.buy(Decimal(77), expires_at=in_days(3))
    for address in (LIST, CALENDAR, f"{LIST}?warehouse={theirs.place.pk}"):
        assert "77 packs" not in page(viewer, address)


def test_many_batches_take_as_many_statements_as_one(viewer: Client, shop: Shop) -> None:
    shop.buy(1, expires_at=in_days(3))
    few = {address: queries_of(viewer, address) for address in (LIST, CALENDAR)}
    for _ in range(8):
        shop.buy(1, expires_at=in_days(3))
    assert {address: queries_of(viewer, address) for address in few} == few
    assert max(few.values()) <= 15
