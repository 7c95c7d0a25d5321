"""A product that comes twice is taken once, as it was changed last; the other is counted."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import synced

pytestmark = pytest.mark.django_db


def test_repeated_products_are_skipped_and_counted(account: Account, finale: FinaleStandIn) -> None:
    finale.turn_on("duplicates", feeds="products", size=2)
    run = synced(finale_connection(account, finale))
    assert run.counters["skipped"] == 2
    # Four locations, two suppliers, four products, four stock lines, and the two products that came again.
    assert run.counters["processed"] == 4 + 2 + 4 + 4 + 2
    assert Product.objects.count() == 4
