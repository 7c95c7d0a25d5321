"""What a run leaves behind about its feeds: the measure for the next one, and the input rows that have to wait."""

from __future__ import annotations

import json
from datetime import datetime

from sync.engine.job import Job
from sync.models import FeedState, HeldRow, Verdict

_Held = tuple[str, str, int, str, str, str]


def keep(job: Job, at: datetime) -> None:
    """Remember the feeds that could be believed, and replace their held rows. Within the transaction that applies the run.

    One that lacks something is no measure for the next one.
    """
    _measure(job, at)
    _hold(job, at)


def _measure(job: Job, at: datetime) -> None:
    run = job.run
    rows = [
        FeedState(
            account_id=run.account_id,
            connection_id=run.connection_id,
            feed=each.feed,
            rows=each.rows,
            footer=each.footer,
            checksum=each.checksum,
            taken_at=each.taken_at or at,
            valid_at=at,
            run=run,
        )
        for each in job.judged.values()
        if each.verdict != Verdict.INVALID and not each.part and each.checksum and not each.lacking
    ]
    FeedState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "feed"],
        update_fields=["rows", "footer", "checksum", "taken_at", "valid_at", "run"],
    )


def _hold(job: Job, at: datetime) -> None:
    """A row that was held before keeps its place and its age."""
    run = job.run
    judged = {key for key, each in job.judged.items() if each.verdict != Verdict.INVALID and each.checksum and not each.lacking}
    stored = HeldRow.objects.filter(connection=run.connection_id).values_list("id", "feed", "part", "row", "code", "sentence", "raw")
    known: dict[_Held, int] = {}
    unwanted: list[int] = []
    for pk, feed, part, row, code, sentence, raw in stored:
        if (feed, part) in judged:
            key = (feed, part, row, code, sentence, _canonical(raw))
            if key in known:
                unwanted.append(pk)
            known[key] = pk
    wanted: dict[_Held, HeldRow] = {}
    for feed, part in sorted(judged):
        for held in job.judged[feed, part].held:
            wanted[feed, part, held.row, held.code, held.sentence[:1000], _canonical(dict(held.raw))] = HeldRow(
                account_id=run.account_id,
                connection_id=run.connection_id,
                feed=feed,
                part=part,
                row=held.row,
                code=held.code,
                sentence=held.sentence[:1000],
                raw=dict(held.raw),
                run=run,
                first_held_at=at,
            )
    unwanted += [pk for key, pk in known.items() if key not in wanted]
    if unwanted:
        HeldRow.objects.filter(pk__in=unwanted).delete()
    HeldRow.objects.bulk_create([row for key, row in wanted.items() if key not in known], batch_size=1000)


def _canonical(raw: object) -> str:
    return json.dumps(raw, sort_keys=True)
