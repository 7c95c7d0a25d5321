"""A catalogue without a single product is not believed."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product
from sync.models import Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import sync, synced

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", [(), ("bare_empty",)])
def test_empty_catalogue_removes_nothing(account: Account, finale: FinaleStandIn, form: tuple[str, ...]) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    for switch in ("empty", *form):
        finale.turn_on(switch, feeds="products")
    run = sync(connection)
    assert run.status in (Status.PARTIAL, Status.NEEDS_REVIEW), run.message
    assert Product.objects.filter(active=True).count() == 3
