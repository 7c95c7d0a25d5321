"""Killed (-9) in the middle of approving, receiving or following an order, nothing of it happened, and the next one does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.models import AuditLog
from inventory import purchasing
from inventory.models import OrderReceipt, Purchase, PurchaseOrder
from inventory.purchasing import Arrival, follow_upstream
from inventory.purchasing.follow_upstream import UpstreamOrder, UpstreamReceipt
from tests.inventory.ledger.processes import KILLED, dies_at
from tests.inventory.ledger.proof import prove
from tests.inventory.purchasing.build import Business, fresh, line_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="The processes are forked."),
]
MOST, STRIDE = 300, 3


def state_of(order: PurchaseOrder) -> tuple[Any, ...]:
    """All that a verb may write of the order."""
    stored = fresh(order)
    lines = tuple(stored.lines.order_by("id").values_list("received", flat=True))
    rows = (OrderReceipt.objects.count(), Purchase.objects.count(), AuditLog.objects.filter(entity="PurchaseOrder").count())
    return stored.state, stored.version, stored.upstream, lines, rows


def killed_everywhere(order: PurchaseOrder, work: Callable[[], Any]) -> int:
    """Kill it at every third of its statements, until it comes to its end; how often it died. Each time nothing was written."""
    before = state_of(order)
    for deaths, statement in enumerate(range(1, MOST, STRIDE)):
        if dies_at(work, statement) != KILLED:
            assert state_of(order) != before
            return deaths
        assert state_of(order) == before
    raise AssertionError("It never comes to its end.")


def test_killed_while_it_is_approved_and_while_goods_are_received() -> None:
    shop = Business()
    order = shop.draft(tea=10, cake=0)
    assert killed_everywhere(order, lambda: purchasing.approve(shop.actor, order).pk) > 2
    arrivals = [Arrival(line_of(order, shop.tea).pk, 4, lot="A"), Arrival(line_of(order, shop.tea).pk, 6, lot="B")]
    assert killed_everywhere(order, lambda: purchasing.receive(shop.actor, order, arrivals, source_key="note 7").order.pk) > 8
    assert (fresh(order).state, shop.level(shop.tea), OrderReceipt.objects.count()) == ("received", 10, 2)
    # The worker that died after the commit, and is told to do it again, does nothing.
    assert purchasing.receive(shop.actor, order, arrivals, source_key="note 7").repeated
    prove(shop.account)


def test_killed_while_what_the_outside_system_says_is_followed() -> None:
    shop = Business()
    order = shop.approved(tea=10, cake=0, place=shop.mirror)
    said = [UpstreamOrder(order.number, "/x/api/order/1", "open")]
    came = [UpstreamReceipt("/x/api/order/1", "shipment 1", shop.tea.pk, 10, date(2026, 11, 2))]
    assert killed_everywhere(order, lambda: follow_upstream.seen(shop.account, [shop.mirror.pk], said)) > 1
    assert killed_everywhere(order, lambda: follow_upstream.arrived(shop.account, came)) > 2
    assert (fresh(order).state, line_of(order, shop.tea).received) == ("received", 10)
    assert (follow_upstream.seen(shop.account, [shop.mirror.pk], said), follow_upstream.arrived(shop.account, came)) == ([], [])
