"""How many statements a stock sync takes: few, and as many for a large account as for a small one."""

from __future__ import annotations

import pytest

from accounts.models import Account
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import counting, synced
from tests.sync.finale.worlds import young

pytestmark = pytest.mark.django_db

UNCHANGED, CHANGED = 100, 145
"""Of the whole run, claiming, reading and closing included."""


@pytest.mark.parametrize("products", [5, 40])
def test_statements_do_not_grow_with_the_account(account: Account, finale: FinaleStandIn, products: int) -> None:
    finale.have(young(products, stocked=tuple(range(1, products + 1))))
    connection = finale_connection(account, finale)
    synced(connection)
    with counting() as seen:
        run = synced(connection, "inventory")
    assert run.changes_logged == 0
    assert len(seen) <= UNCHANGED
    for number in (1, 2, 3):
        finale.world.restock(f"ART-{number}", number)
    with counting() as seen:
        run = synced(connection, "inventory")
    assert run.changes_logged == 3
    assert len(seen) <= CHANGED
