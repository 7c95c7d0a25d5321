"""What the engine's part of a run does about facts, the same for every source that tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection as database
from django.db.models import F

from inventory.dialect import quoted
from sync.engine.compare import CHANGED, NEW, REMOVED, REVIVED, Diff
from sync.engine.job import Job, Parked
from sync.engine.source import Withheld
from sync.engine.stage import diff_table, stage_table
from sync.facts import codes, releasing
from sync.facts.booking import Booked, book_waiting, bump
from sync.facts.tables import FACTS
from sync.models import Connection, SourceFact, SyncRun
from sync.references.statements import table_of

MOST_TOLD = 50
"""Held lines that a run names; how many there are it says in any case."""


def follow_chunk(diff: Diff) -> None:
    """In the transaction that writes a chunk of facts: what was told anew waits to be booked anew."""
    if diff.rows(CHANGED, REVIVED, REMOVED):
        bump(f"SELECT id FROM {quoted(diff_table(FACTS))} WHERE kind IN ('{CHANGED}', '{REVIVED}', '{REMOVED}')")


def follow_places(connection: Connection, diff: Diff) -> None:
    """In the transaction that writes a chunk of places: lines that are held for theirs say what it is called now, or book themselves."""
    if diff.rows(NEW, CHANGED, REVIVED):
        releasing.places_changed(connection)


def book(job: Job, connection: Connection) -> Booked:
    """After the chunks: book whatever of the connection waits, held lines whose reason is gone included. Raises LeaseLost, Parked."""
    releasing.release_known(connection)

    def after(done: int) -> None:
        # A run that gets on is no poisonous one, however often its worker dies.
        SyncRun.objects.filter(pk=job.run.pk).update(got_on=F("attempt"))
        job.progress(done)
        if job.slice_over:
            raise Parked("Goes on with booking at once.")

    return book_waiting(connection, own=job.own, after=after)


def withheld(connection: Connection, diffs: Sequence[Diff]) -> Withheld:
    """Which of the lines that the run read are held now, counted by what the comparison made of them, and the first of them by name."""
    if not any(diff.target is FACTS for diff in diffs):
        return Withheld()
    facts, stage, diff = table_of(SourceFact), quoted(stage_table(FACTS)), quoted(diff_table(FACTS))
    read = f"FROM {stage} s JOIN {facts} f ON f.connection_id = %s AND f.external_id = s.{quoted('key')} AND f.state = 'held'"
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(d.kind, ''), f.code, COUNT(*) {read} LEFT JOIN {diff} d ON d.{quoted('key')} = s.{quoted('key')} "
            "GROUP BY COALESCE(d.kind, ''), f.code ORDER BY 1, 2",
            [connection.pk],
        )
        counted = cursor.fetchall()
        cursor.execute(f"SELECT f.feed, f.code, f.sentence, f.external_id {read} ORDER BY f.id LIMIT {MOST_TOLD}", [connection.pk])
        lines = cursor.fetchall()
    rows: Counter[str] = Counter()
    by_code: Counter[str] = Counter()
    for kind, code, number in counted:
        rows[{NEW: "inserted", CHANGED: "updated", REVIVED: "revived"}.get(kind, "unchanged")] += number
        by_code[code] += number
    told = [{"code": code, "message": sentence, "reference": key} for _, code, sentence, key in lines]
    errors: list[dict[str, Any]] = [
        {"feed": feed, "part": "", "code": code, "message": f"{key}: {sentence}", "hint": "", "reference": key}
        for feed, code, sentence, key in lines
    ]
    more = sum(by_code.values()) - len(errors)
    if more > 0:
        errors.append({"feed": "", "part": "", "code": "more", "message": f"And {more:,} more lines are held.", "hint": ""})
    return Withheld(rows, errors, {"total": sum(by_code.values()), "byCode": dict(by_code), "lines": told} if by_code else {})


def in_words(by_code: Mapping[str, int]) -> str:
    """Held lines by their reason, as the end of a sentence; blank for none."""
    if not by_code:
        return ""
    said = ", ".join(
        f"{number:,} {codes.HELD.get(code, code).lower()}" for code, number in sorted(by_code.items(), key=lambda each: -each[1])
    )
    return f"{sum(by_code.values()):,} held ({said})"


def restate(connection: Connection) -> None:
    """In the transaction of an undo: lines that were taken back are booked as they stand then, once it is over."""
    bump(f"SELECT id FROM {quoted(diff_table(FACTS))} WHERE kind IN ('{CHANGED}', '{REVIVED}', '{REMOVED}')")
    releasing.wake(connection.pk)
