"""What tests of Odoo's syncs do again and again, and what they look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from inventory.models import Level, Movement
from sync import runs
from sync.models import CallBudget, Connection, SourceFact, Status, SyncRun, Trigger
from tests.build import make_actor
from tests.sync.odoo.build import OdooStandIn, odoo_connection

LONG_AGO = "2020-01-01"


def connected(account: Account, odoo: OdooStandIn, *, page: int = 0, **settings: Any) -> Connection:
    """A connection that books everything since long ago, `page` rows at a time."""
    made = odoo_connection(account, odoo, **{"book_from": LONG_AGO, "calls_minute": 10_000, **settings})
    if page:
        # Fewer than people may choose, so that few records are several pages.
        Connection.objects.filter(pk=made.pk).update(settings={**made.settings, "page_rows": page})
        made.refresh_from_db()
    return made


def begin(connection: Connection, scope: str) -> SyncRun:
    return runs.start(make_actor(connection.account), connection, scope, trigger=Trigger.BUTTON)


def work(run: SyncRun) -> SyncRun:
    """A worker takes the run up."""
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def sync(connection: Connection, scope: str = "transactional") -> SyncRun:
    return work(begin(connection, scope))


def synced(connection: Connection, *scopes: str) -> SyncRun:
    """Syncs that have to succeed, one after the other: master data and moves where nothing is said; the last one."""
    for scope in scopes or ("master", "transactional"):
        run = sync(connection, scope)
        assert run.status == Status.SUCCEEDED, (run.message, run.errors)
    return run


def later(run: SyncRun) -> SyncRun:
    """The time has come for a run that was put down."""
    CallBudget.objects.filter(connection=run.connection).update(spent=[], blocked_until=None)
    SyncRun.objects.filter(pk=run.pk).update(resume_at=timezone.now() - timedelta(seconds=1))
    return work(run)


def levels() -> dict[tuple[str, str], Any]:
    """Units on hand by SKU and warehouse; what is nothing is left out."""
    rows = Level.objects.values_list("product__sku", "warehouse__name", "units")
    return {(sku, place): units for sku, place, units in rows if units}


def facts(**where: Any) -> dict[str, tuple[str, Any, str]]:
    """Kind, quantity and state of each stored fact by its key."""
    rows = SourceFact.objects.filter(**where).order_by("id").values_list("external_id", "kind", "quantity", "state")
    return {key: (kind, quantity, state) for key, kind, quantity, state in rows}


def movements() -> int:
    return Movement.objects.count()
