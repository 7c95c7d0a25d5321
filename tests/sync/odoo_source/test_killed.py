"""A worker that dies at every page, chunk and part, while records change underneath and others show late: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models import Account
from inventory import integrity
from inventory.models import Level
from sandbox.odoo.world import World
from sync import runs
from sync.engine import chunks, documents
from sync.engine.job import Job
from sync.models import Connection, Phase, SourceFact, Status, SyncRun
from tests.build import make_account, make_actor
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import begin, connected, sync, synced

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """What kill -9 is within one process: nobody catches it."""


def mortal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on every worker dies right after it has stored one page, within a chunk, or after it has written one; where they died."""
    deaths: list[str] = []

    def die(where: str) -> None:
        deaths.append(where)
        raise Died

    def after(owner: Any, name: str, where: str, when: Callable[..., bool]) -> None:
        real = getattr(owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            result = real(*arguments, **named)
            if when(*arguments):
                die(where)
            return result

        monkeypatch.setattr(owner, name, call)

    # Every other time before it is committed, else after it: what was rolled back has to be written again.
    after(documents, "_store", "page", lambda _run, fetched: bool(fetched))
    after(chunks, "_write", "within a chunk", lambda *_: deaths[-1:] != ["within a chunk"])
    after(Job, "progress", "chunk", lambda job, *_: job.run.phase == Phase.SAVING)
    return deaths


def lived_through(run: SyncRun, deaths: list[str], between: Callable[[int], None]) -> SyncRun:
    """One worker after the other takes the run up, until one lives to its end; `between` is what happens there meanwhile."""
    while True:
        before = len(deaths)
        try:
            runs.execute(run.pk)
        except Died:
            assert len(deaths) == before + 1
        run.refresh_from_db()
        if run.status != Status.RUNNING:
            return run
        between(len(deaths))
        SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert len(deaths) < 200


def stock(account: Account) -> dict[tuple[str, str], Any]:
    rows = Level.objects.filter(account=account).values_list("product__sku", "warehouse__name", "units")
    return {(sku, place): units for sku, place, units in rows if units}


def booked(connection: Connection) -> dict[int, tuple[str, Any, str]]:
    """What is booked of each move, by its number there."""
    rows = SourceFact.objects.filter(connection=connection, gone_at=None).exclude(state="ignored")
    return {
        int(key.rpartition(":")[2]): (kind, quantity, state)
        for key, kind, quantity, state in rows.values_list("external_id", "kind", "quantity", "state")
    }


def busy(world: World) -> list[int]:
    """Four days of moves; the ids of the receipts."""
    receipts = []
    for day in range(1, 5):
        with world.at(f"2026-03-{day:02d} 08:00:0{day}"):
            order = world.buy("Indus Foods", {"RICE-5": 20 + day, "OIL-3": 10}, warehouse="CLF" if day % 2 else "CEN", price=2000.0)
            receipts += [move.id for move in world.receive(order)]
        with world.at(f"2026-03-{day:02d} 17:00:0{day}"):
            world.transfer("RICE-5", 3, "CLF", "CEN", via_transit=bool(day % 2))
            world.scrap("OIL-3", 1, "CLF")
            world.manufacture("RICE-1", 5, {"RICE-5": 1}, "CLF")
    return receipts


def test_dying_at_every_page_and_chunk_comes_to_what_a_whole_reading_comes_to(
    account: Account, odoo: OdooStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = odoo.world
    receipts = busy(world)
    connection = connected(account, odoo, page=6)
    synced(connection, "master")
    deaths = mortal(monkeypatch)
    late = world.begin()
    world.reserve(late, world.moves, 2)

    def meanwhile(death: int) -> None:
        """Behind what was read and ahead of it, something always changes."""
        world.correct(receipts[death % len(receipts)], 30 + death)
        if death % 5 == 0:
            world.scrap("RICE-5", 1, "CEN")
        if death == 7:
            with world.finish(late):
                world.scrap("OIL-3", 1, "CLF")
                world.transfer("RICE-5", 2, "CEN", "CLF")

    with override_settings(RUN_CHUNK_ROWS=12):
        run = lived_through(begin(connection, "transactional"), deaths, meanwhile)
    assert run.status == Status.SUCCEEDED, run.message
    assert {"page", "within a chunk", "chunk"} == set(deaths)
    monkeypatch.undo()
    synced(connection, "transactional")
    same_as_read_at_once(connection, odoo)


def test_feed_that_breaks_off_at_any_page_comes_to_the_same_in_the_end(account: Account, odoo: OdooStandIn) -> None:
    world = odoo.world
    receipts = busy(world)
    connection = connected(account, odoo, page=6)
    synced(connection, "master")
    for page in (1, 2, 4, 7):
        late = world.begin()
        world.reserve(late, world.moves)
        odoo.meanwhile("stock.move", page, lambda: odoo.turn_on("broken", feeds="stock.move", way="value", times=1))
        assert sync(connection).status == Status.PARTIAL
        odoo.clear()
        world.correct(receipts[page % len(receipts)], 40 + page)
        with world.finish(late):
            world.scrap("OIL-3", 1, "CLF")
    synced(connection, "transactional")
    same_as_read_at_once(connection, odoo)


def same_as_read_at_once(connection: Connection, odoo: OdooStandIn) -> None:
    """What is booked of each move, and what is in each warehouse, is what another account has that has read all of it in one run."""
    again = make_account("Read at once")
    whole = connected(again, odoo, name="Whole")
    synced(whole)
    assert booked(connection) == booked(whole)
    there = stock(again)
    assert stock(connection.account) == there == {(sku, place): odoo.world.on_hand(sku, place) for sku, place in there}
    assert not integrity.check(make_actor(connection.account)).offenders
    # And nothing is left to do.
    assert synced(connection, "transactional").changes_logged == 0
