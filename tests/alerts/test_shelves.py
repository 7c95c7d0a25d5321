"""Critical products: told once, as one digest, and nothing of a mass change before somebody has looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from alerts import digests, shelves
from alerts.models import Alert, AlertState, Delivery, Kind, Notice, Tell
from alerts.recipients import house_of
from inventory.models import Supply, SupplyState, Vendor
from tests.alerts.build import NOON, become, make_settings, make_subscriber, make_supplies
from tests.build import make_account

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def account() -> Account:
    account = make_account()
    make_settings(account)
    make_subscriber(account)
    return account


def look(account: Account, now=NOON) -> None:
    shelves.look(house_of(account), now)


def states(account: Account) -> list[tuple[str, str, str]]:
    return sorted(Alert.objects.filter(account=account).values_list("product__sku", "kind", "state"))


def told() -> list[tuple[str, str]]:
    """Of the newest delivery: the first words of each section, and how many."""
    return [(key, number) for key, number in Delivery.objects.first().digest.counts.items()]


def test_a_product_that_becomes_critical_opens_one_alert_of_its_kind(account: Account) -> None:
    one, two, _ = make_supplies(account, 3)
    become([one], SupplyState.OUT, 0)
    become([two], SupplyState.BELOW, 12)
    for now in (NOON, NOON + MINUTE):
        look(account, now)
    assert states(account) == [("QTX0001", "out_of_stock", "open"), ("QTX0002", "reorder", "open")]
    alert = Alert.objects.get(kind=Kind.REORDER)
    assert alert.title == "QTX0002 Thing 2: reorder"
    assert alert.sentence == "12 available, reorder point 20."
    assert alert.facts == {
        "sku": "QTX0002",
        "name": "Thing 2",
        "available": "12",
        "reorder_point": "20",
        "reorder_quantity": "50",
        "days_left": "",
        "vendor": "",
    }
    assert Notice.objects.count() == 2


def test_what_gets_worse_is_told_as_that_and_what_it_was_ends_quietly(account: Account) -> None:
    (one,) = make_supplies(account, 1, state=SupplyState.BELOW)
    look(account)
    digests.compose_due(NOON + 10 * MINUTE)
    become([one], SupplyState.OUT, 0)
    look(account, NOON + HOUR)
    assert states(account) == [("QTX0001", "out_of_stock", "open"), ("QTX0001", "reorder", "closed")]
    digests.compose_due(NOON + 2 * HOUR)
    assert told() == [("opened.out_of_stock", 1)]


def test_what_is_well_again_is_told_once_and_what_comes_back_later_is_new(account: Account) -> None:
    (one,) = make_supplies(account, 1, state=SupplyState.OUT)
    look(account)
    assert digests.compose_due(NOON + 9 * MINUTE) == 0
    assert digests.compose_due(NOON + 10 * MINUTE) == 1
    become([one], SupplyState.FINE, 40)
    for minutes in (60, 61):
        look(account, NOON + minutes * MINUTE)
    # Not before it has stayed well for ten minutes.
    assert digests.compose_due(NOON + 70 * MINUTE) == 0
    assert [digests.compose_due(NOON + minutes * MINUTE) for minutes in (80, 90, 100)] == [1, 0, 0]
    assert told() == [("recovered.out_of_stock", 1)]
    become([one], SupplyState.OUT, 0)
    look(account, NOON + 5 * HOUR)
    assert states(account) == [("QTX0001", "out_of_stock", "open"), ("QTX0001", "out_of_stock", "recovered")]
    assert digests.compose_due(NOON + 6 * HOUR) == 1


def test_what_comes_back_before_its_end_was_told_was_never_over(account: Account) -> None:
    (one,) = make_supplies(account, 1, state=SupplyState.OUT)
    look(account)
    digests.compose_due(NOON + 10 * MINUTE)
    become([one], SupplyState.FINE, 40)
    look(account, NOON + HOUR)
    become([one], SupplyState.OUT, 0)
    look(account, NOON + HOUR + 5 * MINUTE)
    assert states(account) == [("QTX0001", "out_of_stock", "open")]
    assert digests.compose_due(NOON + 3 * HOUR) == 0


def test_what_is_over_before_anybody_was_told_is_never_told(account: Account) -> None:
    (one,) = make_supplies(account, 1, state=SupplyState.OUT)
    look(account)
    become([one], SupplyState.FINE, 40)
    look(account, NOON + MINUTE)
    assert digests.compose_due(NOON + 2 * HOUR) == 0
    assert not Notice.objects.exists()


def test_a_thousand_new_critical_products_are_one_digest_with_the_first_twenty_and_the_rest_counted(account: Account) -> None:
    settings = house_of(account).settings
    settings.brake_percent = 100
    settings.save()
    vendor = Vendor.objects.create(account=account, name="GreenSource", name_key="GREENSOURCE")
    make_supplies(account, 1000, state=SupplyState.BELOW, vendor=vendor)
    with CaptureQueriesContext(connection) as first:
        look(account)
    assert len(first) <= 60
    assert Alert.objects.filter(state=AlertState.OPEN).count() == 1000
    assert digests.compose_due(NOON + 10 * MINUTE) == 1
    delivery = Delivery.objects.get()
    assert delivery.subject == "7QX: 1,000 to reorder"
    assert "QTX0001 Thing 1\n    available 12, reorder point 20, order 50, from GreenSource\n" in delivery.text
    assert "QTX0020" in delivery.text
    assert "QTX0021" not in delivery.text
    assert "… and 980 more." in delivery.text
    assert delivery.html.count("<tr") == 21
    assert "… and 980 more." in delivery.html
    with CaptureQueriesContext(connection) as still:
        look(account, NOON + HOUR)
    assert len(still) <= 8


def test_an_absurd_share_of_critical_products_is_one_review_and_no_mail_of_them(account: Account) -> None:
    supplies = make_supplies(account, 600)
    become(supplies[:30], SupplyState.BELOW, 12)
    look(account)
    become(supplies, SupplyState.OUT, 0)
    look(account, NOON + 5 * MINUTE)
    # The thirty were told to nobody yet: they are held back with the rest, in their worse kind.
    assert Alert.objects.filter(state=AlertState.HELD, kind=Kind.OUT_OF_STOCK).count() == 600
    review = Alert.objects.get(state=AlertState.OPEN)
    assert (review.kind, review.title, review.facts) == ("mass_change", "600 products became critical at once", {"held": 600})
    assert digests.compose_due(NOON + HOUR) == 1
    assert told() == [("opened.mass_change", 1)]


def test_when_all_that_was_held_back_is_well_again_nothing_is_left_to_review(account: Account) -> None:
    supplies = make_supplies(account, 600)
    become(supplies, SupplyState.OUT, 0)
    look(account)
    become(supplies, SupplyState.FINE, 40)
    look(account, NOON + HOUR)
    assert set(Alert.objects.values_list("kind", "state")) == {("out_of_stock", "closed"), ("mass_change", "closed")}
    assert not Notice.objects.filter(tell=Tell.RECOVERED).exists()


def test_a_review_nobody_looks_at_does_not_silence_what_comes_later(account: Account) -> None:
    supplies = make_supplies(account, 700)
    become(supplies[:600], SupplyState.OUT, 0)
    look(account)
    become(supplies[600:601], SupplyState.OUT, 0)
    look(account, NOON + 2 * HOUR)
    assert Alert.objects.get(product=supplies[600].product).state == AlertState.OPEN


def test_a_product_nobody_watches_any_more_ends_without_a_word(account: Account) -> None:
    make_supplies(account, 1, state=SupplyState.OUT)
    look(account)
    digests.compose_due(NOON + 10 * MINUTE)
    Supply.objects.all().delete()
    look(account, NOON + HOUR)
    assert states(account) == [("QTX0001", "out_of_stock", "closed")]
    assert digests.compose_due(NOON + 3 * HOUR) == 0


def test_a_person_gets_one_digest_in_a_window_whatever_else_is_due(account: Account) -> None:
    supplies = make_supplies(account, 2)
    become(supplies[:1], SupplyState.OUT, 0)
    look(account)
    assert digests.compose_due(NOON + 10 * MINUTE) == 1
    become(supplies[1:], SupplyState.OUT, 0)
    look(account, NOON + 11 * MINUTE)
    # As after a change of the settings: due at once.
    Notice.objects.filter(digest__isnull=True).update(due_at=NOON + 11 * MINUTE)
    assert [digests.compose_due(NOON + minutes * MINUTE) for minutes in (11, 19, 20, 21)] == [0, 0, 1, 0]
