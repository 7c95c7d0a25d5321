"""A till in a file, the shops whose counters it has, and what was booked of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.models import Account
from inventory.models import Sale, SaleStatus
from sandbox.till.world import Till
from sync import runs
from sync.models import Connection, Cursor, SourceFact, Status, SyncRun, Trigger, WarehouseRef
from tests.build import make_actor
from tests.sync.facts.build import shop, stock, units

__all__ = ["shop", "stock", "units"]

TODAY = date(2026, 5, 20)
SOAP, TEA, RICE = "4001", "4002", "2100010000000"


def at(days: int = 0, hour: int = 12, minute: int = 0) -> datetime:
    """So many days before the till's today, at this hour of its clock."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, hour, minute) - timedelta(days=days)


def make_connection(account: Account, file: Path, *branches: tuple[str, Any], **settings: Any) -> Connection:
    """A connection to the till in `file`, which lies in TILL_FILES; these branches have their warehouses already."""
    values = {"dialect": "sqlite", "file": file.name, "start": "2026-05-01", "page_rows": 100, **settings}
    made = Connection.objects.create(account=account, system="pos", name="Till", settings=values)
    for code, warehouse in branches:
        WarehouseRef.objects.create(
            account=account,
            connection=made,
            external_id=code,
            code=code,
            warehouse=warehouse,
            first_seen_at=datetime(2026, 1, 1).astimezone(),
        )
    return made


def sync(connection: Connection, scope: str = "sales") -> SyncRun:
    run = runs.start(make_actor(connection.account), connection, scope, trigger=Trigger.BUTTON)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def synced(connection: Connection, scope: str = "sales") -> SyncRun:
    """A sync that has to succeed."""
    run = sync(connection, scope)
    assert run.status == Status.SUCCEEDED, run.message
    return run


def states(connection: Connection) -> dict[str, str]:
    """Every line by its key without what all begin with: its state, and why it is held or ignored."""
    rows = SourceFact.objects.filter(connection=connection).values_list("external_id", "state", "code")
    return {key.partition(":")[2]: f"{state} {code}".strip() for key, state, code in rows}


def sold(connection: Connection) -> Decimal:
    """What the ledger holds as sold in this account, all sales that stand."""
    sales = Sale.objects.filter(account=connection.account).exclude(status=SaleStatus.CANCELLED)
    return sum((sale.quantity for sale in sales), Decimal(0))


def read_to(connection: Connection, feed: str = "sales") -> date | None:
    """The last complete day of a feed, at a till in UTC."""
    moment = Cursor.objects.filter(connection=connection, feed=feed).values_list("read_to", flat=True).first()
    return None if moment is None else moment.date()


def bill(till: Till, number: str, *lines: tuple[Any, Any], days: int = 0, branch: Any = "001", hour: int = 12, **more: Any) -> str:
    """A bill of so many days ago."""
    return till.sell(branch, list(lines), at(days, hour), bill=number, **more)
