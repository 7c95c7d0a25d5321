"""Stock that really shrank is believed once a manager has said so, for that very list."""

from __future__ import annotations

import pytest

from accounts.models import Account
from sync import confirmations
from sync.models import FeedState, Status
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, sync, synced

pytestmark = pytest.mark.django_db


def test_confirmed_list_is_complete_and_another_one_is_not(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    finale.turn_on("shrunken", feeds="stock", size=30)
    doubted = sync(connection, "inventory").feeds.get(feed="stock")
    assert doubted.confirmable
    confirmations.confirm(make_actor(account), connection, "stock", doubted.checksum, doubted.error_code)
    synced(connection, "inventory")
    assert on_hand() == {"SOIL-25": 52}
    assert FeedState.objects.get(feed="stock").rows == 2
    finale.turn_on("empty", feeds="stock")
    run = sync(connection, "inventory")
    assert (run.status, on_hand()) == (Status.PARTIAL, {"SOIL-25": 52})
