"""A sync whose worker dies anywhere, while the till goes on selling, ends in what a full reading gives: each line booked once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts.models import Account
from inventory import integrity
from inventory.models import Product, Sale, SaleStatus, Warehouse
from jobs.models import Lease
from sandbox.till.world import Till
from sync import runs
from sync.models import Connection, SourceFact, Status, SyncRun, Trigger
from tests.build import make_actor
from tests.sync.pos.build import SOAP, TEA, TODAY, bill, read_to, stock, synced, units

pytestmark = pytest.mark.django_db

POINTS = {
    **{f"slice {number}": ("sync.engine.documents", "_store", number) for number in (1, 7, 10)},
    "staging": ("inventory.dialect", "load", 1),
    "first chunk": ("sync.engine.chunks", "_write", 1),
    "later chunk": ("sync.engine.chunks", "_write", 3),
    "before booking": ("sync.facts.booking", "_book_part", 1),
    "in booking": ("sync.facts.booking", "_book_part", 3),
    "marks": ("sync.sources.pos.cursors", "keep", 1),
    "end": ("sync.engine.apply", "close", 1),
}
"""Where the function is, and at which of its calls the worker dies: the call that has done its work, whose transaction is lost."""


DAYS = 7


class Killed(BaseException):
    """The process is gone."""


def dies(patch: pytest.MonkeyPatch, path: str, name: str, at: int) -> None:
    module: Any = __import__(path, fromlist=[name])
    does: Callable[..., Any] = getattr(module, name)
    calls = 0

    def do(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        found = does(*given, **named)
        if calls == at:
            raise Killed
        return found

    patch.setattr(module, name, do)


def sell_for_days(till: Till) -> None:
    for days in range(DAYS - 1, -1, -1):
        bill(till, f"A{days}", (SOAP, 2), (TEA, 1), days=days)
        bill(till, f"B{days}", (TEA, 3), ("9999", 1), days=days, branch="002")


def what_happens_meanwhile(till: Till) -> None:
    """Among it a void and a correction on days that were read already."""
    till.void("A2", 1)
    till.change("B1", 1, Quantity=5)
    bill(till, "LATE", (TEA, 4), days=3)
    bill(till, "NOW", (SOAP, 1))


SOLD = {SOAP: DAYS * 2 - 2 + 1, TEA: DAYS * 1 + DAYS * 3 + 2 + 4}


@pytest.mark.parametrize("point", POINTS)
def test_every_line_is_booked_once_wherever_the_worker_dies(
    connection: Connection, till: Till, account: Account, store: Warehouse, soap: Product, tea: Product, point: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(django_settings, "RUN_CHUNK_ROWS", 9)
    connection.settings["start"] = (TODAY - timedelta(days=DAYS - 1)).isoformat()
    connection.save()
    stock(account, soap, store, 10)
    sell_for_days(till)
    run = runs.start(make_actor(account), connection, "sales", trigger=Trigger.BUTTON)
    with monkeypatch.context() as patch:
        dies(patch, *POINTS[point])
        with pytest.raises(Killed):
            runs.execute(run.pk)
    what_happens_meanwhile(till)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=None)
    Lease.objects.update(lease_until=None)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 2), run.message
    counters = dict(run.counters)
    assert counters.pop("processed") == sum(counters.values())
    synced(connection)

    assert booked(account) == SOLD
    assert units(soap, store) == max(10 - SOLD[SOAP], 0)
    assert read_to(connection) == TODAY - timedelta(days=1)
    assert SourceFact.objects.filter(state="held").count() == DAYS
    assert not integrity.check(make_actor(account)).offenders


def booked(account: Account) -> dict[str, int]:
    found: dict[str, Decimal] = {SOAP: Decimal(0), TEA: Decimal(0)}
    for sale in Sale.objects.filter(account=account).exclude(status=SaleStatus.CANCELLED).select_related("product"):
        found[{"SOAP": SOAP, "TEA": TEA}[sale.product.sku]] += sale.quantity
    return {barcode: int(quantity) for barcode, quantity in found.items()}
