"""A Finale connection with all that its syncs leave behind, for tests that go through all addresses."""

from __future__ import annotations

from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account
from inventory import catalogue
from inventory.models import Supply, SupplyLevel, SupplyState
from jobs import schedule
from sync.models import Connection, ProductRef, Status
from tests.api.build import NOON, make_run

MARK = "QTX-FINALE-777"


def make_finale_rows(actor: Actor, account: Account) -> Connection:
    """A connection that has read a product which is out of stock, with a run of each outcome."""
    connection = Connection.objects.create(account=account, system="finale", name=MARK, settings={"account": "exampleco"})
    for scope, status in (("full", Status.FAILED), ("inventory", Status.SUCCEEDED)):
        now = timezone.now()
        make_run(connection, status, scope=scope, dataset=scope, started_at=now, finished_at=now, message=MARK)
    schedule.install(
        account,
        f"finale:{connection.pk}:inventory",
        MARK,
        "sync.run",
        {"connection": connection.pk, "scope": "inventory"},
        cron="0 * * * *",
    )
    product = catalogue.add_product(actor, sku=MARK)
    given = {"account": account, "connection": connection, "first_seen_at": NOON}
    ProductRef.objects.create(**given, external_id=f"/exampleco/api/product/{MARK}", sku=MARK, sku_key=MARK, product=product)
    # A second one of its SKU, matched to none: faults that a validation lists.
    ProductRef.objects.create(**given, external_id=f"/exampleco/api/product/{MARK}-2", sku=MARK, sku_key=MARK, problem="Two have it.")
    since = {"since": NOON, "changed_at": NOON}
    Supply.objects.create(account=account, product=product, state=SupplyState.OUT, level=SupplyLevel.CRITICAL, **since)
    return connection
