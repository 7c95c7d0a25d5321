"""What people book by hand stays: no pass, minute work or expiry puts the old numbers back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from inventory import expiry, integrity, ledger
from inventory.ledger import CountedLine
from inventory.models import Batch, Cause, Movement
from inventory.reconcile import dirty, execute, start, verify
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_place
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


def write_some_off(shop: Shop) -> None:
    ledger.write_off(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=4, reason="damaged", note="Fell down.")


def write_expired_off(shop: Shop) -> None:
    old = shop.buy(6, expires_at=in_days(1))
    let_expire(old)
    ledger.write_off(
        shop.actor,
        product=shop.tea,
        warehouse=shop.place,
        unit_kind="packs",
        quantity=6,
        reason="expired",
        note="Thrown away.",
        batch=batch_of(old),
    )


def count_fewer(shop: Shop) -> None:
    lines = [CountedLine(shop.tea, "packs", 7)]
    ledger.approve_count(shop.actor, ledger.enter_count(shop.actor, warehouse=shop.place, lines=lines))


def count_more(shop: Shop) -> None:
    lines = [CountedLine(shop.tea, "packs", 13), CountedLine(shop.tea, "pallets", 1)]
    ledger.approve_count(shop.actor, ledger.enter_count(shop.actor, warehouse=shop.place, lines=lines))


def transfer_some(shop: Shop) -> None:
    branch = make_place(shop.account, "BRANCH")
    ledger.transfer(shop.actor, product=shop.tea, source=shop.place, target=branch, unit_kind="packs", quantity=4)


def take_some_back(shop: Shop) -> None:
    ledger.take_back(shop.actor, sale=shop.sell(5), quantity=2)
    ledger.take_back(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=1)


@pytest.mark.parametrize(
    ("do", "left"),
    [
        (write_some_off, 6),
        (write_expired_off, 10),
        (count_fewer, 7),
        (count_more, 13),
        (transfer_some, 6),
        (take_some_back, 8),
    ],
)
def test_it_survives_every_schedule(do: Callable[[Shop], None], left: int) -> None:
    shop = Shop()
    shop.buy(10)
    do(shop)
    assert shop.packs == left
    before = (list(Batch.objects.order_by("id").values()), Movement.objects.count())
    dirty.heal(shop.account.pk)
    execute(start(shop.actor, cause=Cause.SCHEDULED_CRON).pk)
    expiry.expire(shop.account.pk)
    integrity.scheduled(shop.account)
    assert (list(Batch.objects.order_by("id").values()), Movement.objects.count()) == before
    assert shop.packs == Decimal(left)
    assert verify(shop.actor).drifts == ()
    prove(shop.account)
