"""What only looks can't write, and holds nobody up."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from inventory.models import Level
from inventory.snapshot import snapshot
from tests.inventory.ledger.build import Shop
from tests.jobs.conftest import PATIENCE


@pytest.mark.django_db
def test_a_write_is_refused_by_the_database_itself() -> None:
    shop = Shop()
    shop.buy(3)
    with pytest.raises(DatabaseError), transaction.atomic(), snapshot():
        Level.objects.update(packs=Decimal(0))
    assert shop.packs == 3


@pytest.mark.django_db
def test_afterwards_the_transaction_writes_again() -> None:
    shop = Shop()
    shop.buy(3)
    with snapshot():
        assert shop.packs == 3
    shop.sell(1)
    assert shop.packs == 2


@pytest.mark.django_db(transaction=True)
def test_it_sees_one_moment_while_others_write() -> None:
    shop = Shop()
    shop.buy(3)

    def sell() -> None:
        try:
            shop.sell(1)
        finally:
            connection.close()

    with snapshot():
        assert shop.packs == 3
        other = threading.Thread(target=sell)
        other.start()
        other.join(PATIENCE)
        assert not other.is_alive()
        assert shop.packs == 3
    assert shop.packs == 2


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_a_write_is_refused_too_and_nothing_stays_open() -> None:
    shop = Shop()
    shop.buy(3)
    with pytest.raises(DatabaseError), snapshot():
        Level.objects.update(packs=Decimal(0))
    assert shop.packs == 3
    shop.sell(1)
    assert shop.packs == 2
