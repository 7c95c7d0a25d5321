"""Taking a run back: its change rows replayed, newest first, by a run of its own (docs/engine.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext

from accounts.errors import Problem
from inventory.quantity import QuantityField
from sync.engine import counters
from sync.engine.apply import recounted, tell, write_tables
from sync.engine.closing import close
from sync.engine.compare import compare
from sync.engine.job import Job
from sync.engine.reverse import Key, Logged, Row, UndoPlan, UndoStep, reverse
from sync.engine.source import Source
from sync.engine.stage import staged, stored_column
from sync.engine.tables import Field, Missing, TablePlan, Target
from sync.models import FeedState, Phase, RunFeed, Status, SyncChange, SyncRun

_MOST_STEPS = 500
"""Steps of each bucket that are kept with the run; its change rows hold all that was written."""


class ChangedMeanwhile(Problem):
    """Try again: somebody worked with the stock while the undo was prepared."""

    status = 409
    hint = "Look at the preview again and start it once more."


Stored = dict[Key, dict[str, Any]]


def look(source: Source, undone: SyncRun) -> tuple[UndoPlan, dict[Key, Row], Stored]:
    """What an undo of `undone` would do, the rows as they would be, and their values as they are."""
    written = SyncChange.objects.filter(run=undone, entity_id__isnull=False).order_by("-seq")
    columns = ("entity", "entity_id", "label", "type", "field", "before", "after")
    changes = [Logged(*row) for row in written.values_list(*columns)]
    rows: dict[Key, Row] = {}
    now: Stored = {}
    tied: dict[Key, str] = {}
    for target in source.targets:
        if not target.logged:
            continue
        ids = sorted({change.entity_id for change in changes if change.entity == target.entity})
        for pk, gone, values in _values(target, source.place(), ids):
            now[target.entity, pk] = values
            texts = {name: text_of(value, stored_column(target, name)) for name, value in values.items()}
            rows[target.entity, pk] = Row(texts, gone)
        new = sorted({change.entity_id for change in changes if change.entity == target.entity and not change.field and change.after})
        tied.update(((target.entity, pk), reason) for pk, reason in source.tied(target.entity, new).items())
    known = {target.entity for target in source.targets}
    return reverse(changes, rows, tied=tied, follows={change.entity for change in changes} - known), rows, now


def perform(job: Job, source: Source, count: dict[str, int]) -> None:
    """Take back the run that the job's run is the undo of, and close it."""
    run, undone = job.run, job.run.undo_of
    assert undone is not None
    job.phase(Phase.COMPARING)
    plan, rows, now = look(source, undone)
    steps = len(plan.reversed), len(plan.kept), len(plan.refused)
    tables = [_table(target, rows, now, plan) for target in source.targets if target.logged]
    with staged(tables):
        diffs = [compare(table, source.place()) for table in tables]
        job.phase(Phase.SAVING)
        with transaction.atomic():
            job.own()
            at = timezone.now()
            logged = write_tables(run, diffs, source.place(), at)
            job.phase(Phase.SESSIONS, told=False)
            source.restate(at)
            _restore_measures(undone)
            # Last, when the rows are locked: what people do with them is either seen here or waits for the commit.
            for table in tables:
                if source.tied(table.target.entity, [pk for missing in table.missing for pk in missing.ids or ()]):
                    raise ChangedMeanwhile("Somebody worked with what would have been taken back.")
            stored, in_log = recounted(run, diffs, source.place())
            counters.check(diffs, stored, logged=logged, in_log=in_log)
            tell(run, source, diffs)
            close(
                run,
                job.fence,
                Status.SUCCEEDED,
                f"Run {undone.pk} was undone: {steps[0]:,} {ngettext('difference', 'differences', steps[0])} taken back, "
                f"{steps[1]:,} kept because {ngettext('it', 'they', steps[1])} changed since, "
                f"{steps[2]:,} refused.",
                counters=counters.count(diffs, held=0, skipped=0),
                details={"undo": {name: _kept(getattr(plan, name)) for name in ("reversed", "kept", "refused")}},
                stats={
                    "undoReversed": steps[0],
                    "undoKept": steps[1],
                    "undoRefused": steps[2],
                    "changesLogged": logged,
                    "durationMs": job.milliseconds(),
                    "dbStatements": count["statements"],
                },
                changes_logged=logged,
                applied_at=at,
            )


def _kept(steps: Sequence[UndoStep]) -> list[dict[str, Any]]:
    return [
        {
            "entity": each.entity,
            "id": each.entity_id,
            "label": each.label,
            "field": each.field,
            "old": each.old,
            "new": each.new,
            "reason": each.reason,
        }
        for each in steps[:_MOST_STEPS]
    ]


def _fields(target: Target) -> list[Field]:
    """The fields that change rows tell."""
    return [each for each in target.fields if each.change or each.carried_by]


def _values(target: Target, place: int, ids: Sequence[int]) -> Iterator[tuple[int, bool, dict[str, Any]]]:
    fields = _fields(target)
    paths = [f"{each.name}__{each.reference.natural}" if each.reference else each.name for each in fields]
    rows = target.model._default_manager.filter(**{target.place: place}, pk__in=ids)
    for pk, gone, *values in rows.values_list("pk", target.gone, *paths):
        yield pk, gone is not None, {each.name: value for each, value in zip(fields, values, strict=True)}


def _table(target: Target, rows: Mapping[Key, Row], now: Stored, plan: UndoPlan) -> TablePlan:
    """The touched rows of one table as they should be."""
    touched = {step.entity_id for step in plan.reversed if step.entity == target.entity}
    staying = [pk for pk in sorted(touched) if not rows[target.entity, pk].gone]
    going = [pk for pk in sorted(touched) if rows[target.entity, pk].gone]
    names = [each.name for each in _fields(target)]
    keys = dict(target.model._default_manager.filter(pk__in=staying).values_list("pk", target.key))

    def wanted(pk: int, name: str) -> Any:
        column, text, value = stored_column(target, name), rows[target.entity, pk].values[name], now[target.entity, pk][name]
        # A value that stays is not made from its text, which may be coarser.
        return value if text_of(value, column) == text else value_of(text, column)

    plain = replace(target, fields=tuple(replace(each, keep=False, first="") for each in target.fields), written_once=())
    return TablePlan(
        plain,
        (target.key, *names),
        [(keys[pk], *(wanted(pk, name) for name in names)) for pk in staying],
        missing=(Missing("remove", ids=going),) if going else (),
    )


def _restore_measures(undone: SyncRun) -> None:
    """Feeds are measured again by what they were before the undone run, unless a later one has measured them since."""
    mine = {state.feed: state for state in FeedState.objects.filter(run=undone)}
    for feed, baseline in RunFeed.objects.filter(run=undone, feed__in=mine, part="").values_list("feed", "baseline"):
        state = mine[feed]
        if baseline is None:
            state.delete()
            continue
        state.rows, state.footer, state.checksum = baseline["rows"], baseline["footer"], baseline["checksum"]
        state.taken_at, state.valid_at = datetime.fromisoformat(baseline["taken_at"]), datetime.fromisoformat(baseline["valid_at"])
        state.run_id = baseline["run"] if SyncRun.objects.filter(pk=baseline["run"]).exists() else None
        state.save()


def text_of(value: Any, column: models.Field[Any, Any]) -> str | None:
    """A value as change rows show it: what inventory.dialect.text_of makes of the same column in SQL."""
    if value is None:
        return None
    if isinstance(column, QuantityField):
        text = f"{value:.3f}"
        return text.rstrip("0").rstrip(".")
    if isinstance(column, models.DateTimeField):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    if isinstance(column, models.BooleanField):
        return "true" if value else "false"
    return str(value)


def value_of(text: str | None, column: models.Field[Any, Any]) -> Any:
    """The value that `text_of` made the text of; of a time, whole seconds."""
    if text is None:
        return None
    if isinstance(column, QuantityField):
        return Decimal(text)
    if isinstance(column, models.DateTimeField):
        return parse_datetime(text)
    if isinstance(column, models.BooleanField):
        return text == "true"
    if isinstance(column, models.IntegerField):
        return int(text)
    return text
