"""Shops, their listings and attempts: how they do, what their buttons do, and who may press them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.roles import OPERATIONS, Role
from marketplaces.admin.budgetwords import in_words, runs_out_at
from marketplaces.models import Attempt, AttemptState, ListingState, Operation, Shop, Verification
from sync.models import CallBudget
from sync.wire.rolling import Allowance
from tests.admin.marketplace import LISTINGS, listing_of, make_item, make_shop, shop, stand, told, toy_marketplace
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account

__all__ = ["shop", "toy_marketplace"]

SHOPS = "/admin/marketplaces/shop/"
ATTEMPTS = "/admin/marketplaces/attempt/"
INBOX = f"{LISTINGS}inbox/"
S = ListingState


def page_of(shop: Shop, button: str = "change") -> str:
    return f"{SHOPS}{shop.pk}/{button}/"


def test_shop_that_refuses_the_login_says_so_everywhere(viewer: Client, manager: Client, shop: Shop) -> None:
    Shop.objects.update(
        stopped_at=timezone.now(),
        stopped_sentence="BrickLink refuses the address 203.0.113.9.",
        stopped_hint="Make a token for this address.",
    )
    assert "North Store Toy shop block Stopped" in page(viewer, SHOPS)
    shown = page(viewer, page_of(shop))
    assert "BrickLink refuses the address 203.0.113.9. Make a token for this address." in shown
    assert "Try again now" not in shown
    assert "1 shop refuses our login: nothing is sent to it. See why" in page(viewer, "/admin/")
    assert "North Store is tried again now." in text_of(manager.post(page_of(shop, "resume"), follow=True))
    assert Shop.objects.get().stopped_at is None


def test_maintenance_is_begun_and_ended(manager: Client, shop: Shop) -> None:
    shown = text_of(manager.post(page_of(shop, "maintenance"), {"on": "1"}, follow=True))
    assert "Maintenance of North Store has begun" in shown
    assert "build Maintenance" in shown
    assert Shop.objects.get().maintenance_by == "manager"
    manager.post(page_of(shop, "maintenance"), {"on": "0"})
    assert Shop.objects.get().maintenance_at is None


def test_items_there_are_counted_by_state_and_lead_to_the_list(viewer: Client, account: Account, shop: Shop) -> None:
    for number, state in (("1", S.FAILED), ("2", S.FAILED), ("3", S.SYNCED)):
        stand(make_item(account, number), shop, state)
    shown = viewer.get(page_of(shop)).content.decode()
    assert f'href="{LISTINGS}?state=failed&amp;shop={shop.pk}">2 items' in shown
    assert len(viewer.get(f"{LISTINGS}?state=failed&shop={shop.pk}").context["cl"].result_list) == 2


def test_budget_shows_what_is_used_and_when_it_runs_out(viewer: Client, account: Account, shop: Shop) -> None:
    made = CallBudget(account=account, connection=shop.connection, name="day", window_seconds=86400, limit=5000, reserved=200)
    slot = Allowance(86400, 5000, 200).slot(timezone.now().timestamp())
    made.spent = [[slot - 1, 300], [slot, 300]]
    made.save()
    shown = page(viewer, page_of(shop))
    assert "Day 600 of 5,000 in 24 hours 4,200 200 at once" in shown
    assert "at the present pace" in shown


def test_projection_counts_what_leaves_the_window() -> None:
    budget = Allowance(window=6000, limit=700, reserved=100)
    now = 6000 * 1000.0
    slot = budget.slot(now)
    # Ten in each of the last six slots of a hundred seconds: sixty slots of ten are 600, which is all that ordinary calls may use.
    busy = [[slot - step, 10] for step in range(6)]
    assert runs_out_at(budget, busy, now) == now + 54 * 100
    # Half of that never fills it.
    assert runs_out_at(budget, [[each, calls // 2] for each, calls in busy], now) is None
    assert runs_out_at(budget, [], now) is None


@pytest.mark.parametrize(("seconds", "words"), [(5, "about 5 seconds"), (600, "about 10 minutes"), (7200, "about 2 hours")])
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


BUTTONS = {
    "maintenance": "shop.maintain",
    "resume": "shop.maintain",
    "poll": "order.import",
    "verify": "verification.start",
    "test": "connection.test",
}


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_are_posts_for_those_who_may(browser_as: Callable[[Role], Client], shop: Shop, button: str) -> None:
    least = OPERATIONS[BUTTONS[button]]
    below = list(Role)[list(Role).index(least) - 1]
    foreign = make_shop(make_account("Other"), "Theirs")
    assert browser_as(below).post(page_of(shop, button)).status_code == 403
    able = browser_as(least)
    assert able.post(page_of(foreign, button)).status_code == 404
    assert able.get(page_of(shop, button)).status_code == 405
    assert able.post(page_of(shop, button)).status_code == 302


def test_verify_leads_to_the_comparison(staff: Client, shop: Shop) -> None:
    shown = text_of(staff.post(page_of(shop, "verify"), follow=True))
    assert Verification.objects.count() == 1
    assert "It waits for a worker." in shown
    # A second one is told of the first.
    assert "is being compared already" in text_of(staff.post(page_of(shop, "verify"), follow=True))


def test_listings_are_retried_in_bulk(staff: Client, viewer: Client, account: Account, shop: Shop) -> None:
    rows = [stand(make_item(account, number), shop, S.FAILED, sentence="The shop was away.") for number in ("1", "2")]
    assert "The shop was away." in page(viewer, f"{LISTINGS}?state=failed")
    given = {"action": "push_now", "_selected_action": [row.pk for row in rows], "select_across": "0"}
    assert "2 listings are sent now." in text_of(staff.post(LISTINGS, given, follow=True))
    assert {listing_of(row.item, shop).state for row in rows} == {S.SYNCING}
    away = make_shop(make_account("Other"), "Away Store")
    foreign = stand(make_item(away.account), away, S.FAILED)
    said = text_of(staff.post(LISTINGS, {**given, "_selected_action": [rows[0].pk, foreign.pk, 10**15]}, follow=True))
    assert f"Rows {foreign.pk} and {10**15} are not in this list any more: nothing is done to them." in said
    assert "1 listing is sent now." in said
    viewer.post(LISTINGS, given)
    assert "push_now" not in viewer.get(LISTINGS).content.decode()


def test_listing_leads_to_its_item(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    answer = viewer.get(f"{LISTINGS}{listing_of(item, shop).pk}/change/")
    assert answer["Location"] == f"/admin/inventory/item/{item.pk}/change/#shops"


def test_attempt_says_what_was_sent_and_what_came_of_it(viewer: Client, account: Account, shop: Shop) -> None:
    listing = told(make_item(account), shop)
    at = timezone.now()
    attempt = Attempt.objects.create(
        account=account,
        shop=shop,
        listing=listing,
        operation=Operation.UPDATE,
        state=AttemptState.FAILED,
        fence=1,
        lot_id="700",
        difference=-3,
        baseline=12,
        sent={"quantity": "-3"},
        before={"fields": {"price": "0.125", "condition": "usedg"}, "identity": None, "lot_id": "700", "quantity": 12},
        after={"fields": {"price": "0.2", "condition": "usedg", "hidden": False}, "identity": {}, "lot_id": "700", "quantity": 9},
        item_version=2,
        cause="order",
        correlation="7f3c2f9e-0000-4000-8000-000000000001",
        code="invalid",
        sentence="The shop says: quantity is wrong.",
        hint="Compare the lot.",
        started_at=at,
        ended_at=at + timedelta(seconds=1.5),
    )
    row = page(viewer, ATTEMPTS)
    assert "Change error Not done −3 The shop says: quantity is wrong." in row
    assert "1.5 s" in row
    shown = page(viewer, f"{ATTEMPTS}{attempt.pk}/change/")
    assert "The shop says: quantity is wrong. Compare the lot." in shown
    assert '"quantity": "-3"' in shown
    assert "Quantity 12 9 Condition there Used, good Used, good Hidden from buyers – no Price 0.125 0.200" in shown
    for text in ("3001", "700", "invalid", str(attempt.correlation)):
        assert len(viewer.get(f"{ATTEMPTS}?q={text}").context["cl"].result_list) == 1, text
    assert len(viewer.get(f"{ATTEMPTS}?q=9999").context["cl"].result_list) == 0
    assert viewer.post(f"{ATTEMPTS}{attempt.pk}/change/").status_code == 405


@pytest.mark.parametrize("address", [SHOPS, LISTINGS, ATTEMPTS, INBOX, "/admin/marketplaces/order/", "/admin/marketplaces/verification/"])
def test_many_rows_take_as_many_statements_as_few(viewer: Client, account: Account, shop: Shop, address: str) -> None:
    def more(number: int) -> None:
        listing = told(make_item(account, f"30{number}"), shop, lot_id=f"70{number}")
        Attempt.objects.create(
            account=account,
            shop=shop,
            listing=listing,
            operation=Operation.CREATE,
            state=AttemptState.SUCCEEDED,
            fence=1,
            item_version=1,
            correlation="7f3c2f9e-0000-4000-8000-000000000002",
            started_at=timezone.now(),
        )
        stand(listing.item, shop, S.NEEDS_PERSON, sentence="Lot 700 is gone.")

    more(0)
    few = queries_of(viewer, address)
    for number in range(1, 6):
        more(number)
    assert queries_of(viewer, address) == few


def test_inbox_leads_to_where_it_is_settled(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    stand(item, shop, S.NEEDS_PERSON, code="lot_vanished", sentence="Lot 700 is gone.", hint="Decide what becomes of it.")
    shown = viewer.get(INBOX)
    assert "front_hand Needs a person 3001 Brick 2 x 4 Lot 700 is gone. Decide what becomes of it. North Store" in text_of(shown)
    assert f'href="/admin/inventory/item/{item.pk}/change/#shops">3001' in shown.content.decode()
    assert "Nothing waits for anybody here." in page(viewer, f"{INBOX}?kind=restock")
    assert "1 listing needs a person" in page(viewer, "/admin/")


def test_nothing_of_other_accounts_is_seen(viewer: Client, account: Account, shop: Shop) -> None:
    foreign = make_shop(make_account("Other"), "Theirs")
    item = make_item(foreign.account, "9999")
    stand(item, foreign, S.NEEDS_PERSON, sentence="Theirs alone.")
    for address in (SHOPS, LISTINGS, INBOX, ATTEMPTS):
        assert "Theirs" not in page(viewer, address)
    assert viewer.get(page_of(foreign)).status_code == 404
    assert "Theirs" not in viewer.get(f"{LISTINGS}states/?ids={listing_of(item, foreign).pk}").content.decode()
