"""Writing a plan in many short transactions, each of which stands by itself: for sources that are too big for one (docs/engine.md).

A worker that dies in between leaves whole chunks. Whoever takes the run over compares again: what was written is the same then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from inventory.dialect import is_postgres, quoted
from inventory.models import Level, Product
from sync.engine import changes, counters, write
from sync.engine.compare import UNCONFIRMED, Count, Diff
from sync.engine.job import Job, Parked
from sync.engine.source import Source
from sync.engine.stage import diff_table, whole_table
from sync.models import SyncRun


@dataclass(frozen=True)
class Chunk:
    """Some of a table's differences, alone in its difference table."""

    diff: Diff
    rows: int


def apply_in_chunks(job: Job, source: Source, diffs: Sequence[Diff]) -> int:
    """Write the differences table by table, in the order of keys; how many change rows the run has then, earlier attempts' included.

    Raises LeaseLost, Cancelled, and Parked when the run has had its time: what is left is taken up by its next slice.
    """
    run = job.run
    logged, done = run.changes_logged, 0
    for diff in diffs:
        for number, chunk in enumerate(_chunks(diff), start=1):
            if done and job.slice_over:
                raise Parked("Goes on with its next part at once.")
            with transaction.atomic():
                job.own()
                at = timezone.now()
                logged = _write(job, source, chunk, logged, at)
            done += chunk.rows
            job.progress(done)
            if is_postgres() and chunk.rows == settings.RUN_CHUNK_ROWS and number & (number - 1) == 0:
                _measure(diff)
    return logged


def _measure(diff: Diff) -> None:
    """Tell PostgreSQL how large the tables have become, after 1, 2, 4, … full chunks: it plans by statistics, and a new one seems empty."""
    with connection.cursor() as cursor:
        for model in (diff.target.model, Product, Level):
            cursor.execute(f"ANALYZE {quoted(model._meta.db_table)}")


def restore_whole(diffs: Sequence[Diff]) -> None:
    """Let each difference table hold all differences again, for what looks at them as a whole."""
    with connection.cursor() as cursor:
        for diff in diffs:
            cursor.execute(f"DROP TABLE IF EXISTS {quoted(diff_table(diff.target))}")
            cursor.execute(f"ALTER TABLE {quoted(whole_table(diff.target))} RENAME TO {quoted(diff_table(diff.target))}")


def _write(job: Job, source: Source, chunk: Chunk, logged: int, at: datetime) -> int:
    run, diff, place = job.run, chunk.diff, source.place()
    write.add(diff, account=run.account_id, place=place, at=at)
    logged += changes.log(diff, run, first=logged + 1, at=at)
    write.change(diff, place=place)
    write.remove(diff, at=at)
    source.follow_chunk(job, diff, at)
    written = counters.written([diff], run.counters)
    # A run that gets on is no poisonous one, however often its worker dies.
    SyncRun.objects.filter(pk=run.pk).update(
        counters=written, changes_logged=logged, applied_at=Coalesce("applied_at", Now()), got_on=F("attempt")
    )
    run.counters, run.changes_logged = written, logged
    return logged


def _chunks(diff: Diff) -> Iterator[Chunk]:
    whole, part = quoted(whole_table(diff.target)), quoted(diff_table(diff.target))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {whole} AS SELECT * FROM {part} ORDER BY {quoted('key')}")
        cursor.execute(f"CREATE INDEX {quoted(f'{whole_table(diff.target)}_key')} ON {whole} ({quoted('key')})")
        if is_postgres():
            cursor.execute(f"ANALYZE {whole}")
    last: str | None = None
    while True:
        counts, rows, last = _next(whole, part, last)
        if not rows:
            return
        yield Chunk(Diff(diff.plan, counts, diff.stored, rows), rows)


def _next(whole: str, part: str, last: str | None) -> tuple[tuple[Count, ...], int, str | None]:
    after, parameters = ("", []) if last is None else (f"AND {quoted('key')} > %s", [last])
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {part}" if is_postgres() else f"DELETE FROM {part}")
        cursor.execute(
            f"INSERT INTO {part} SELECT * FROM {whole} WHERE kind <> '{UNCONFIRMED}' {after} ORDER BY {quoted('key')} LIMIT %s",
            [*parameters, settings.RUN_CHUNK_ROWS],
        )
        cursor.execute(f"SELECT kind, was, now, COUNT(*), MAX({quoted('key')}) FROM {part} GROUP BY kind, was, now")
        found = cursor.fetchall()
    counts = tuple(Count(*row[:4]) for row in found)
    return counts, sum(count.rows for count in counts), max((row[4] for row in found), default=last)
