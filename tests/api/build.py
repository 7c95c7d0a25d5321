"""Rows for the tests of the API, in plain lines."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from rest_framework.test import APIClient

from accounts.models import Account, Member
from accounts.roles import Role
from inventory.models import Unit, Warehouse
from sync.models import Connection, Kind, PlanRow, RunEvent, RunFeed, Status, SyncChange, SyncRun, Trigger, Verdict
from tests.build import make_member, make_token

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


def program(member: Member, *, scopes: tuple[str, ...] = ()) -> APIClient:
    """A program that acts as `member`."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(member, scopes=scopes)}")
    return client


def program_as(account: Account, role: Role) -> APIClient:
    """A program of a new member with `role`."""
    return program(make_member(account, role, f"{role.value}-{account.slug}"))


def make_connection(account: Account, name: str = "GE warehouse", **values: Any) -> Connection:
    """One that reads uploaded files."""
    warehouse = Warehouse.objects.create(account=account, name=name, code=f"w{Warehouse.objects.count()}")
    settings = {"transport": "upload", "org": "7QX"}
    return Connection.objects.create(account=account, system="ge", name=name, warehouse=warehouse, settings=settings, **values)


def make_run(connection: Connection, status: Status = Status.SUCCEEDED, **values: Any) -> SyncRun:
    given = {"scope": "inventory", "dataset": "stock", "kind": Kind.SYNC, "trigger": Trigger.API, **values}
    return SyncRun.objects.create(account_id=connection.account_id, connection=connection, status=status, **given)


def make_feed(run: SyncRun, feed: str = "stock:FG", **values: Any) -> RunFeed:
    given = {"verdict": Verdict.COMPLETE, "rows": 3, "footer": {"serialCount": 2, "bulkUnits": 4}, "taken_at": NOON, **values}
    return RunFeed.objects.create(account_id=run.account_id, run=run, feed=feed, **given)


def make_line(run: SyncRun, seq: int, text: str = "FG: 3 rows read.") -> RunEvent:
    return RunEvent.objects.create(account_id=run.account_id, run=run, seq=seq, text=text, phase="reading", feed="stock:FG")


def make_plan_row(run: SyncRun, seq: int, type: str, **values: Any) -> PlanRow:
    return PlanRow.objects.create(account_id=run.account_id, run=run, seq=seq, entity="unit", label=f"ZZ90010{seq}", type=type, **values)


def make_change(run: SyncRun, seq: int = 1, **values: Any) -> SyncChange:
    given = {
        "entity": "unit",
        "entity_id": 1,
        "label": "ZZ900101",
        "type": "item_migrated",
        "field": "bucket",
        "old": "ASIS",
        "new": "STA",
        "group": "STA",
        "scope": "7QX20260203091500",
        "before": {"bucket": "ASIS"},
        "after": {"bucket": "STA"},
        "at": NOON,
        **values,
    }
    return SyncChange.objects.create(account_id=run.account_id, run=run, seq=seq, correlation=uuid.uuid4(), **given)


def make_unit(connection: Connection, serial: str = "ZZ900101", **values: Any) -> Unit:
    given = {"model": "QTX10FRIDGE", "model_key": "QTX10FRIDGE", "bucket": "ASIS", "first_seen_at": NOON, **values}
    return Unit.objects.create(
        account_id=connection.account_id, warehouse_id=connection.warehouse_id, serial=serial, serial_key=serial.upper(), **given
    )
