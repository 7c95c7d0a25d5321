"""The result does not hang on the order in which the lists come (docs/ge-rules.md, “One plan”)."""

from __future__ import annotations

from itertools import permutations

import pytest

from sync.models import SyncRun
from sync.sources.ge import source
from tests.sync.ge import dump, files
from tests.sync.ge.offering import Offering
from tests.sync.ge.shop import Shop, make_shop

pytestmark = pytest.mark.django_db

BUCKETS = ("FG", "ASIS", "STA")
OVERLAP = files.unit("QTX50OVEN", "ZZ900900")


def days() -> list[dict[str, bytes]]:
    """Two days with moves, a unit in all lists, a repeat and a unit in two loads."""
    first = {bucket: [*rows, OVERLAP] for bucket, rows in files.DAY_ONE.items()}
    next_ = {bucket: [*rows, OVERLAP, rows[0]] for bucket, rows in files.NEXT_DAY.items()}
    found = []
    for lists, stock in ((files.day_one(), first), (files.next_day(), next_)):
        lists.update({f"stock:{bucket}": files.stock_xls(rows) for bucket, rows in stock.items()})
        lists[f"load:units:{files.FOR_SALE_LOAD}"] = files.roster_csv(
            [*files.ROSTERS[files.FOR_SALE_LOAD], files.listed(files.FOR_SALE_LOAD, "QTX30RANGE", "ZZ900202")]
        )
        found.append(lists)
    return found


def outcome(shop: Shop, runs: list[SyncRun]) -> bytes:
    return b"\n".join([dump.store(shop.connection), *(dump.changes(run) for run in runs)])


def test_lists_uploaded_in_any_order_come_to_the_same() -> None:
    outcomes = set()
    for number, order in enumerate(permutations(BUCKETS)):
        shop = make_shop(f"shop {number}")
        runs = []
        for lists in days():
            others = {feed: content for feed, content in lists.items() if not feed.startswith("stock:")}
            shop.bring({f"stock:{bucket}": lists[f"stock:{bucket}"] for bucket in order})
            shop.bring(others if number % 2 else dict(reversed(others.items())))
            runs.append(shop.sync())
        assert [run.stats["migratedItems"] for run in runs] == [0, 4]
        outcomes.add(outcome(shop, runs))
    assert len(outcomes) == 1


@pytest.fixture
def one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What it comes to when the lists are read one by one."""
    shop = make_shop("one by one")
    runs = []
    for lists in days():
        monkeypatch.setattr(source, "client_for", lambda _, lists=lists: Offering(lists, in_parallel=False))
        runs.append(shop.sync())
    return outcome(shop, runs)


def test_lists_that_arrive_in_any_order_from_several_threads_come_to_the_same(
    monkeypatch: pytest.MonkeyPatch, one_after_the_other: bytes
) -> None:
    for number, order in enumerate(permutations(("stock:FG", "stock:ASIS", "loads:history"))):
        shop = make_shop(f"shop {number}")
        runs = []
        for lists in days():
            monkeypatch.setattr(source, "client_for", lambda _, lists=lists, order=order: Offering(lists, arrive=order))
            runs.append(shop.sync())
        assert outcome(shop, runs) == one_after_the_other, order


def test_staged_units_are_read_after_asis(monkeypatch: pytest.MonkeyPatch) -> None:
    offering = Offering(files.day_one(), in_parallel=True)
    monkeypatch.setattr(source, "client_for", lambda _: offering)
    make_shop().sync()
    assert offering.asked.index("stock:STA") > max(offering.asked.index(feed) for feed in ("stock:FG", "stock:ASIS", "loads:open"))
