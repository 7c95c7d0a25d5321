"""A run that breaks while it writes leaves everything as it was; two starts at once make one run (docs/ge-rules.md, “All or nothing”)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection as database

from sync import runs
from sync.models import Status, SyncChange, SyncRun, Trigger
from tests.sync.ge import dump, files
from tests.sync.ge.shop import Shop, make_shop, types

STEPS = {
    "writing the new rows": "sync.engine.write.add",
    "writing the log": "sync.engine.changes.log",
    "changing rows": "sync.engine.write.change",
    "marking what is gone": "sync.engine.write.remove",
    "sessions": "inventory.sessions.follow",
    "conflicts": "inventory.conflicts.settle",
    "the measures": "sync.engine.evidence.keep",
    "the unconfirmed": "sync.engine.unconfirmed.keep",
    "the sums": "sync.engine.counters.check",
    "telling others": "sync.engine.apply.tell",
    "closing the run": "sync.engine.apply.close",
}


class Broken(Exception):
    pass


def before_the_next_day() -> Shop:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    day = files.next_day()
    # A unit in two open loads and a repeat that disagrees: two conflicts to open.
    day[f"load:units:{files.FOR_SALE_LOAD}"] = files.roster_csv(
        [*files.ROSTERS[files.FOR_SALE_LOAD], files.listed(files.FOR_SALE_LOAD, "QTX30RANGE", "ZZ900103")]
    )
    day["stock:FG"] = files.stock_xls([*files.NEXT_DAY["FG"], files.unit("QTX10FRIDGE", "ZZ900001", "Reserved")])
    shop.bring(day)
    return shop


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS)
def test_run_that_breaks_leaves_everything_as_it_was(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = before_the_next_day()
    store, around = dump.store(shop.connection), dump.around(shop.connection)

    def broken(*arguments: Any, **named: Any) -> None:
        raise Broken(step)

    shop.may_break = True
    with monkeypatch.context() as patch:
        patch.setattr(STEPS[step], broken)
        run = shop.sync()
    assert (run.status, run.applied_at) == (Status.FAILED, None)
    assert "nothing was written" in run.message
    assert step not in run.message
    assert (dump.store(shop.connection), dump.around(shop.connection)) == (store, around)
    assert not SyncChange.objects.filter(run=run).exists()
    whole = shop.sync()
    assert whole.status == Status.SUCCEEDED
    assert types(whole)["item_migrated"] == 4
    assert types(whole)["conflict_opened"] == 2


@pytest.mark.django_db(transaction=True)
def test_of_starts_at_the_same_moment_one_gets_a_run_and_the_others_its_id() -> None:
    shop = make_shop()
    line, found = threading.Barrier(4), []

    def start() -> None:
        line.wait(150)
        try:
            found.append(("started", runs.start(shop.owner, shop.connection, "inventory", trigger=Trigger.API).pk))
        except runs.AlreadyRunning as busy:
            found.append(("running", busy.run.pk))
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = SyncRun.objects.get()
    assert sorted(found) == [("running", run.pk)] * 3 + [("started", run.pk)]


@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["inventory", "fg", "asis", "sta"])
def test_every_scope_waits_for_the_one_run_of_the_connection(scope: str) -> None:
    shop = make_shop()
    first = runs.start(shop.owner, shop.connection, "fg", trigger=Trigger.BUTTON)
    with pytest.raises(runs.AlreadyRunning) as busy:
        runs.start(shop.owner, shop.connection, scope, trigger=Trigger.BUTTON)
    assert busy.value.run == first


@pytest.mark.django_db
def test_two_connections_run_beside_each_other() -> None:
    first, second = make_shop("First"), make_shop("Second")
    runs.start(first.owner, first.connection, "inventory", trigger=Trigger.BUTTON)
    assert runs.start(second.owner, second.connection, "inventory", trigger=Trigger.BUTTON).pk


@pytest.mark.django_db
def test_partial_run_says_which_list_why_and_what_was_kept() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    shop.bring(files.next_day_with_sta_cut())
    run = shop.sync()
    assert run.status == Status.PARTIAL
    assert run.message.startswith("FG and ASIS were applied. STA was not: ")
    assert "The file is incomplete: it announces 5 serials, 4 were read." in run.message
    assert "7 entries were kept unconfirmed." in run.message
    assert [(error["feed"], error["code"], bool(error["hint"])) for error in run.errors] == [("stock:STA", "footer_mismatch", True)]
