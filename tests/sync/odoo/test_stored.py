"""A connection as it is stored: its calls are counted, and one whose login was refused sends nothing any more."""

from __future__ import annotations

import pytest

from accounts.models import Account
from sync import connections
from sync.models import CallBudget
from sync.sources.odoo.client import client_for
from sync.wire.errors import BadCredentials, BreakerOpen
from sync.wire.verdict import Finding
from tests.build import make_actor
from tests.sync.odoo.build import OdooStandIn, odoo_connection

pytestmark = pytest.mark.django_db(transaction=True)


def test_calls_are_counted_and_a_refused_key_stops_them_until_a_good_test(account: Account, odoo: OdooStandIn) -> None:
    connection = odoo_connection(account, odoo, calls_minute=60)
    client = client_for(connection)
    assert client.page("products").report["rows"] == 6
    budget = CallBudget.objects.get(connection=connection)
    assert (budget.name, budget.limit, sum(calls for _, calls in budget.spent)) == ("calls_minute", 60, odoo.calls())
    odoo.turn_on("expired_key")
    with pytest.raises(BadCredentials):
        client.page("products")
    sent = odoo.calls()
    with pytest.raises(BreakerOpen):
        client.page("products")
    assert odoo.calls() == sent
    odoo.clear()
    assert connections.test(make_actor(account), connection).finding == Finding.OK
    assert client.page("products").report["rows"] == 6
