"""A catalogue that shrank by more than a tenth waits for a person, whose approval has that very plan written."""

from __future__ import annotations

import pytest

from accounts.models import Account
from sync import runs
from sync.models import Connection, ProductRef, Status
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, sync, synced, work
from tests.sync.finale.worlds import young

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    finale.have(young(16, stocked=(5,)))
    connection = finale_connection(account, finale, brake_removed_rows=0)
    synced(connection)
    return connection


def gone() -> list[str]:
    return sorted(ProductRef.objects.exclude(gone_at=None).values_list("sku", flat=True))


def test_a_tenth_may_go(connection: Connection, finale: FinaleStandIn) -> None:
    finale.world.remove_product("ART-1")
    finale.world.remove_product("ART-2")
    synced(connection)
    assert gone() == ["ART-1", "ART-2"]


def test_a_small_catalogue_waits_before_the_rows_of_the_brake_are_reached(account: Account, finale: FinaleStandIn) -> None:
    finale.have(young(16, stocked=(5,)))
    connection = finale_connection(account, finale)
    synced(connection)
    for number in (1, 2, 3):
        finale.world.remove_product(f"ART-{number}")
    synced(connection)
    # Three of twenty may go, whatever the share; four more of seventeen wait, though the brake would let 25 rows pass.
    for number in (4, 5, 6, 7):
        finale.world.remove_product(f"ART-{number}")
    run = sync(connection)
    assert (run.status, gone()) == (Status.NEEDS_REVIEW, ["ART-1", "ART-2", "ART-3"])


def test_more_waits_and_its_approval_writes_what_was_seen(connection: Connection, finale: FinaleStandIn) -> None:
    for number in (1, 2, 3):
        finale.world.remove_product(f"ART-{number}")
    run = sync(connection)
    assert (run.status, gone()) == (Status.NEEDS_REVIEW, [])
    assert "remove 3 of 20 products" in run.message
    before = finale.calls("products")
    # What happens until somebody approves is for the next sync; stock goes on being read meanwhile.
    finale.world.remove_product("ART-4")
    finale.world.restock("ART-5", 100)
    synced(connection, "inventory")
    assert on_hand()["ART-5"] == 110
    runs.approve(make_actor(connection.account), run)
    run = work(run)
    assert run.status == Status.SUCCEEDED, run.message
    assert gone() == ["ART-1", "ART-2", "ART-3"]
    assert finale.calls("products") == before
    # The stock of that reading is older than what is known by now.
    assert on_hand()["ART-5"] == 110
