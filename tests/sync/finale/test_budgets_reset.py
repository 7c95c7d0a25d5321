"""When Finale says 429, its reset is understood in seconds and in milliseconds alike, and waited for."""

from __future__ import annotations

import time

import pytest

from accounts.models import Account
from sync.wire.budget import ConnectionBudget
from sync.wire.session import WireSession
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import synced

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("unit", ["seconds", "milliseconds"])
def test_minute_is_waited_for_in_either_unit(account: Account, finale: FinaleStandIn, monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    connection = finale_connection(account, finale)
    slept: list[float] = []
    options = WireSession.__init__.__kwdefaults__
    assert options is not None
    monkeypatch.setitem(options, "sleep", slept.append)
    # Nobody waits here, so nobody is held back either.
    monkeypatch.setattr(ConnectionBudget, "block", lambda self, seconds, names=None: None)
    if unit == "seconds":
        finale.turn_on("reset_in_seconds")
    finale.turn_on("over_budget", feeds="products", seconds=40, times=1)
    began = time.monotonic()
    synced(connection)
    took = time.monotonic() - began
    assert finale.calls("products") == 2
    (waited,) = slept
    # What has passed since Finale said so is not waited for.
    assert max(35 - took, 1) < waited < 42
