"""Batches that expire, levels that do not add up, and orders by mail."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from alerts import deliveries, digests, ordermail, watching
from alerts.errors import NoAddress, NotOpen
from alerts.models import Alert, Delivery, Notice
from inventory.models import Batch, Level, OrderState, Vendor
from inventory.signals import drift_found_often
from tests.alerts.build import NOON, make_settings, make_subscriber
from tests.alerts.conftest import Postbox
from tests.build import make_account
from tests.inventory.purchasing.build import Business
from tests.inventory.stock import make_batch, make_ledger, make_level, make_product

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_a_batch_that_expires_is_told_once_a_day_again_when_it_is_nearer_and_ends_quietly() -> None:
    # Not the time at which the test runs: shortly before the daily hour, ten minutes later is after it.
    account, now = make_account(), NOON
    make_settings(account)
    make_subscriber(account)
    batch = make_batch(make_product(account), make_ledger(account), 12, expires_at=now + 29 * DAY, lot="L-7", warned_days=30)
    for _ in range(2):
        watching.look(account.pk, now)
    alert = Alert.objects.get()
    assert (alert.kind, alert.subject, alert.facts["remaining"]) == ("batches_expiring", f"batch:{batch.pk}", "12 packs")
    assert [digests.compose_due(now + 10 * MINUTE), digests.compose_due(now + DAY)] == [0, 1]
    Alert.objects.update(acknowledged_at=now, acknowledged_by="Mara")
    Batch.objects.update(warned_days=14)
    watching.look(account.pk, now + 15 * DAY)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at) == ("open", None)
    assert digests.compose_due(now + 16 * DAY) == 1
    assert Delivery.objects.first().digest.counts == {"reminded.batches_expiring": 1}
    Batch.objects.update(remaining=0, sold=12)
    watching.look(account.pk, now + 16 * DAY)
    assert (Alert.objects.get().state, Notice.objects.filter(digest=None).count()) == ("closed", 0)


def test_levels_that_do_not_add_up_are_told_until_they_do_or_nobody_has_seen_it_for_a_week() -> None:
    account, now = make_account(), timezone.now()
    product, place = make_product(account), make_ledger(account)
    make_level(product, place, quarantined_at=now, quarantine_reason="Batch 3 has more sold than came in.")
    drift_found_often.send(sender=Level, account_id=account.pk, product_id=product.pk, warehouse_id=place.pk, times=4, causes=["reconcile"])
    watching.look(account.pk, now)
    titles = sorted(Alert.objects.filter(state="open").values_list("title", flat=True))
    assert titles == [
        "QTX10 Product QTX10 in Warehouse MAIN: quarantined",
        "QTX10 Product QTX10 in Warehouse MAIN: set right again and again",
    ]
    Level.objects.update(quarantined_at=None)
    watching.look(account.pk, now + DAY)
    assert Alert.objects.filter(state="open").count() == 1
    watching.look(account.pk, now + 8 * DAY)
    assert Alert.objects.filter(state="open").count() == 0


def test_an_order_goes_to_its_vendor_with_a_table_and_is_marked_when_the_server_has_it(postbox: Postbox) -> None:
    shop = Business()
    order = shop.approved()
    delivery = ordermail.send(shop.actor, order)
    order.refresh_from_db()
    assert order.state == OrderState.APPROVED
    with pytest.raises(NotOpen, match="on its way"):
        ordermail.send(shop.actor, order)
    deliveries.deliver(delivery.pk)
    (came,) = postbox.mails
    assert (came["To"], came["Subject"]) == ("orders@north.example", f"Purchase order {order.number} of 7QX")
    assert f"Please put our number {order.number}" in came.get_body(("plain",)).get_content()
    (table,) = came.iter_attachments()
    assert table.get_filename() == f"{order.number}.csv"
    assert "QTX-TEA" in table.get_content()
    order.refresh_from_db()
    assert (order.state, order.sent_to) == (OrderState.SENT, "orders@north.example")


def test_an_order_is_not_mailed_as_a_draft_nor_to_nobody_and_a_refused_address_marks_nothing(postbox: Postbox) -> None:
    shop = Business()
    with pytest.raises(NotOpen):
        ordermail.send(shop.actor, shop.draft())
    order = shop.approved(Decimal(3))
    Vendor.objects.update(email="")
    with pytest.raises(NoAddress):
        ordermail.send(shop.actor, order)
    deliveries.deliver(ordermail.send(shop.actor, order, to="nobody@example.com").pk)
    order.refresh_from_db()
    assert (order.state, Delivery.objects.get().state) == (OrderState.APPROVED, "bounced")
