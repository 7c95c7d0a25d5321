"""A catalogue that is too long for one answer is read by windows that are halved until none is cut."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import Account
from inventory.models import Product
from sync.models import FeedState
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import synced
from tests.sync.finale.worlds import START, young

pytestmark = pytest.mark.django_db


def test_no_product_falls_between_windows(account: Account, finale: FinaleStandIn) -> None:
    finale.have(young(12))
    finale.turn_on("cut", feeds="products", size=8)
    connection = finale_connection(account, finale, cut_rows=8, hard_cut=8, start=START)
    synced(connection)
    assert Product.objects.count() == 4 + 12
    assert FeedState.objects.get(feed="products").rows == 16
    first, *windows = finale.asked("products")
    assert first == {}
    spans = [datetime.fromisoformat(asked["lastUpdatedDate"][1]) - datetime.fromisoformat(asked["lastUpdatedDate"][0]) for asked in windows]
    assert max(spans) <= timedelta(days=29)
    # Three windows of 29 days at most, and halves of those that were cut, down to parts with fewer than eight products.
    assert 4 <= len(windows) <= 16
