"""The database's clock is set back while stock is booked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inventory import history, integrity, moment
from inventory.models import Movement
from tests.inventory.ledger.build import Shop, batch_of
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


def test_order_and_balances_go_by_what_was_booked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    first = shop.buy(5)
    now = moment.now
    monkeypatch.setattr(moment, "now", lambda: now() - timedelta(hours=1))
    shop.buy(7)
    shop.sell(3)
    lines = history.lines(shop.tea)
    assert [(line.movement.kind, line.balance) for line in lines] == [("sale", 9), ("receipt", 12), ("receipt", 5)]
    assert batch_of(first).remaining == 5
    assert Movement.objects.earliest("booked_at").kind == "receipt"
    prove(shop.account)


def test_balances_are_sound_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    shop.buy(5)
    now = moment.now
    monkeypatch.setattr(moment, "now", lambda: now() - timedelta(hours=1))
    shop.sell(3)
    monkeypatch.setattr(moment, "now", now)
    found = {check["invariant"]: check["offenders"] for check in integrity.check(shop.actor).checks}
    assert (found["I1"], found["I10"], found["I11"]) == (0, 0, 0)
