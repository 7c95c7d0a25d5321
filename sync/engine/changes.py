"""Change rows of a difference table, written by one statement per table: for the log, or for a preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from inventory import dialect
from inventory.dialect import quoted
from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, UNCONFIRMED, Diff, flag, references, stored_value
from sync.engine.stage import diff_table, stage_table, stored_column
from sync.engine.tables import Field, Target
from sync.models import PlanRow, SyncChange, SyncRun

COLUMNS = ("entity", "entity_id", "label", "group", "scope", "type", "field", "old", "new", "before", "after")
_LONGEST = 1000


def log(diff: Diff, run: SyncRun, *, first: int, at: Any) -> int:
    """Write the differences of a table as change rows numbered from `first`; how many."""
    fixed = {"account_id": run.account_id, "run_id": run.pk, "correlation": run.correlation, "at": at}
    return _insert(SyncChange._meta.db_table, diff, SyncChange, fixed, first, with_unconfirmed=False)


def propose(diff: Diff, run: SyncRun, *, first: int) -> int:
    """Write the differences of a table, unconfirmed rows included, as the rows of a plan numbered from `first`; how many."""
    fixed = {"account_id": run.account_id, "run_id": run.pk}
    return _insert(PlanRow._meta.db_table, diff, PlanRow, fixed, first, with_unconfirmed=True)


def _insert(table: str, diff: Diff, model: Any, fixed: dict[str, Any], first: int, *, with_unconfirmed: bool) -> int:
    parts = list(_parts(diff, with_unconfirmed=with_unconfirmed))
    if not parts:
        return 0
    prepared = [model._meta.get_field(name.removesuffix("_id")).get_db_prep_save(value, connection) for name, value in fixed.items()]
    names = ", ".join(map(quoted, (*fixed, "seq", *COLUMNS)))
    marks = ", ".join(["%s"] * len(fixed))
    chosen = ", ".join(f"c.{quoted(name)}" for name in COLUMNS)
    number = f"%s - 1 + ROW_NUMBER() OVER (ORDER BY c.{quoted('key')}, c.place)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quoted(table)} ({names}) SELECT {marks}, {number}, {chosen} FROM ({' UNION ALL '.join(parts)}) c",
            [*prepared, first],
        )
        return int(cursor.rowcount)


def _parts(diff: Diff, *, with_unconfirmed: bool) -> Sequence[str]:
    target = diff.target
    if not target.logged:
        return []
    parts = []
    fields = diff.plan.fields
    everything = [each for each in fields if each.change or each.carried_by]
    if diff.rows(NEW):
        parts.append(_row(diff, NEW, target.appeared, before=None, after=_object(target, everything, staged=True)))
    if diff.rows(REVIVED):
        before, after = _object(target, everything, staged=False), _object(target, everything, staged=True)
        parts.append(_row(diff, REVIVED, target.appeared, before=before, after=after))
    if diff.rows(REMOVED):
        parts.append(_row(diff, REMOVED, target.disappeared, before=_object(target, everything, staged=False), after=None))
    if diff.rows(CHANGED, MOVED):
        parts += [_field_rows(diff, each, place) for place, each in enumerate(fields) if each.change]
    if with_unconfirmed and diff.rows(UNCONFIRMED):
        parts.append(_row(diff, UNCONFIRMED, UNCONFIRMED, before=None, after=None, new="d.reason"))
    return parts


def _sources(diff: Diff) -> str:
    target = diff.target
    return (
        f"FROM {quoted(diff_table(target))} d LEFT JOIN {quoted(stage_table(target))} s ON s.{quoted('key')} = d.{quoted('key')} "
        f"LEFT JOIN {quoted(target.model._meta.db_table)} t ON t.id = d.id {references(target.fields)}"
    )


def _frame(diff: Diff, type_: str, field: str, old: str, new: str, before: str | None, after: str | None, place: int) -> str:
    target = diff.target
    null = "CAST(NULL AS jsonb)" if dialect.is_postgres() else "NULL"
    return (
        f"SELECT d.{quoted('key')} AS {quoted('key')}, {place} AS place, '{target.entity}' AS entity, d.id AS entity_id, "
        f"{label(diff)} AS label, {_present(diff, target.group)} AS {quoted('group')}, {_present(diff, target.scope)} AS scope, "
        f"{type_} AS {quoted('type')}, '{field}' AS field, substr({old}, 1, {_LONGEST}) AS old, substr({new}, 1, {_LONGEST}) AS new, "
        f"{before or null} AS {quoted('before')}, {after or null} AS {quoted('after')} {_sources(diff)}"
    )


def _row(diff: Diff, kind: str, type_: str, *, before: str | None, after: str | None, new: str = "CAST(NULL AS text)") -> str:
    frame = _frame(diff, f"'{type_}'", "", "CAST(NULL AS text)", new, before, after, 0)
    return f"{frame} WHERE d.kind = '{kind}'"


def _field_rows(diff: Diff, field: Field, place: int) -> str:
    target = diff.target
    carried = [each for each in diff.plan.fields if each.carried_by == field.name]
    before = dialect.json_object([(field.name, _text(target, field, staged=False))])
    after = dialect.json_object([(field.name, _text(target, field, staged=True))])
    for each in carried:
        before = dialect.json_with(before, f"d.{flag(each)} = 1", each.name, _text(target, each, staged=False))
        after = dialect.json_with(after, f"d.{flag(each)} = 1", each.name, _text(target, each, staged=True))
    type_ = f"'{field.change}'"
    if field.named:
        # Names and values come from a source's own table of words, never from a feed.
        cases = " ".join(f"WHEN '{value}' THEN '{name}'" for value, name in field.named.items())
        type_ = f"CASE s.{quoted(field.name)} {cases} ELSE {type_} END"
    told = f"d.kind IN ('{CHANGED}', '{MOVED}') AND d.{flag(field)} = 1"
    carrier = next((each for each in diff.plan.fields if each.name == field.carried_by), None)
    if carrier is not None:
        told += f" AND d.{flag(carrier)} = 0"
    old, new = _text(target, field, staged=False), _text(target, field, staged=True)
    return f"{_frame(diff, type_, field.name, old, new, before, after, place + 1)} WHERE {told}"


def _object(target: Target, fields: Sequence[Field], *, staged: bool) -> str:
    return dialect.json_object((each.name, _text(target, each, staged=staged)) for each in fields)


def _text(target: Target, field: Field, *, staged: bool) -> str:
    value = f"s.{quoted(field.name)}" if staged else stored_value(field)
    if staged and field.first:
        value = f"COALESCE({value}, CASE WHEN d.kind = '{NEW}' THEN s.{quoted(field.first)} ELSE {stored_value(field)} END)"
    elif staged and field.keep:
        value = f"COALESCE({value}, {stored_value(field)})"
    return dialect.text_of(value, stored_column(target, field.name))


def label(diff: Diff) -> str:
    """The name of a row of the difference table `d`: as stored (`t`), else as staged (`s`), else its key.

    It is the stored one so that a row goes by one name, in whatever way the lists write it.
    """
    tries = []
    for name in diff.target.label:
        tries.append(f"NULLIF(t.{quoted(name)}, '')")
        if name in diff.plan.columns[1:]:
            tries.append(f"NULLIF(s.{quoted(name)}, '')")
    tries.append(f"d.{quoted('key')}")
    return f"substr(COALESCE({', '.join(tries)}), 1, 140)"


def _present(diff: Diff, name: str) -> str:
    """A field as it is after the change, else as stored."""
    if not name:
        return "''"
    field = diff.target.field(name)
    if field.name not in diff.plan.columns:
        return f"COALESCE({stored_value(field)}, '')"
    return f"COALESCE(CASE WHEN s.{quoted('key')} IS NULL THEN {stored_value(field)} ELSE s.{quoted(name)} END, '')"
