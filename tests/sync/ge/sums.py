"""The sums that every sync has to come to (docs/ge-rules.md, “Counters”)."""

from __future__ import annotations

from inventory.models import Unit
from sync.models import RunFeed, SyncChange, SyncRun, Unconfirmed, Verdict
from sync.sources.ge.reading import read
from sync.sources.ge.rows import StockFeed

_PARTS = ("inserted", "updated", "moved", "revived", "removed", "unchanged", "skipped", "held", "unconfirmed")
_BY_BUCKET = {
    "new": "newItems",
    "updated": "updatedItems",
    "unchanged": "unchangedItems",
    "movedIn": "migratedItems",
    "movedOut": "migratedItems",
    "revived": "revivedItems",
    "gone": "deletedItems",
    "held": "heldItems",
    "listed": "totalGEItems",
    "bulkLines": "bulkLines",
    "bulkUnits": "bulkUnits",
}


def on_hand(run: SyncRun) -> int:
    return Unit.objects.filter(warehouse=run.connection.warehouse_id, gone_at=None).count()


def assert_sums(run: SyncRun, stored_before: int) -> None:
    """Every counter of an applied run adds up, and says what the tables hold."""
    stats, counters, buckets = run.stats, run.counters, [run.details[name] for name in ("fg", "asis", "sta")]
    not_moved = stats["totalGEItems"] - sum(
        stats[name] for name in ("newItems", "updatedItems", "unchangedItems", "migratedItems", "revivedItems")
    )
    assert 0 <= not_moved <= (stats["heldItems"] if run.scope != "inventory" or run.errors else 0)
    assert stored_before + stats["newItems"] + stats["revivedItems"] - stats["deletedItems"] == on_hand(run)
    assert stats["changesLogged"] == run.changes_logged == SyncChange.objects.filter(run=run).count()
    assert counters["processed"] == sum(counters[part] for part in _PARTS)
    assert counters["unconfirmed"] == stats["heldItems"] == Unconfirmed.objects.filter(run=run).count()
    assert sum(stats["migrated"].values()) == stats["migratedItems"]
    for name, total in _BY_BUCKET.items():
        assert sum(bucket[name] for bucket in buckets) == stats[total], name
    units = Unit.objects.filter(warehouse=run.connection.warehouse_id, gone_at=None)
    for name in ("fg", "asis", "sta"):
        assert run.details[name]["stored"] == units.filter(bucket=name.upper()).count()
    as_is = units.filter(bucket="ASIS")
    assert stats["itemsInLoads"] == as_is.filter(load__isnull=False).count()
    assert stats["unassignedItems"] == as_is.filter(load=None).count()
    for feed in RunFeed.objects.filter(run=run, footer__isnull=False).exclude(verdict=Verdict.INVALID):
        assert feed.document is not None
        assert feed.footer is not None
        parsed, _ = read(feed.feed, feed.document.content())
        assert isinstance(parsed, StockFeed)
        announced = feed.footer["serialCount"], feed.footer["bulkUnits"] or 0
        assert announced == (parsed.serials_read, parsed.bulk_units_read)
