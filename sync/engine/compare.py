"""Desired rows against stored ones, in one statement per table: what is new, changed, moved, back, gone or unconfirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from inventory import dialect
from inventory.dialect import quoted
from sync.engine.stage import diff_table, is_listed, same_table, stage_table
from sync.engine.tables import Field, Missing, TablePlan, Target
from sync.models import Unconfirmed

NEW, CHANGED, MOVED, REVIVED, REMOVED, UNCONFIRMED = "new", "changed", "moved", "revived", "removed", "unconfirmed"


@dataclass(frozen=True)
class Count:
    """So many rows of one kind; `was` and `now` are the values of the target's `moved_by` field, blank without one."""

    kind: str
    was: str
    now: str
    rows: int


@dataclass(frozen=True)
class Diff:
    """What a table's plan comes to. `stored` are the rows before (the gone ones not counted), `listed` the desired ones."""

    plan: TablePlan
    counts: tuple[Count, ...]
    stored: int
    listed: int

    @property
    def target(self) -> Target:
        return self.plan.target

    def rows(self, *kinds: str) -> int:
        return sum(count.rows for count in self.counts if count.kind in kinds)

    @property
    def held_back(self) -> int:
        """Desired rows that are not applied, because their move is blocked."""
        return sum(count.rows for count in self.counts if count.kind == UNCONFIRMED and count.now)

    @property
    def unchanged(self) -> int:
        return self.listed - self.rows(NEW, CHANGED, MOVED, REVIVED) - self.held_back

    @property
    def is_empty(self) -> bool:
        return not self.rows(NEW, CHANGED, MOVED, REVIVED, REMOVED)


def flag(field: Field) -> str:
    """The column of the difference table that tells whether a field differs."""
    return quoted(f"differs_{field.name}")


def stored_value(field: Field) -> str:
    """A field as stored (table `t`), a reference by its natural key (table `r_…`, see `references`)."""
    return f"{reference_alias(field)}.{quoted(field.reference.natural)}" if field.reference else f"t.{quoted(field.column)}"


def reference_alias(field: Field) -> str:
    return f"r_{field.name}"


def references(fields: Iterable[Field]) -> str:
    """Joins of the rows that stored references lead to."""
    joins = []
    for field in fields:
        if field.reference:
            alias = reference_alias(field)
            joins.append(f"LEFT JOIN {quoted(field.reference.model._meta.db_table)} {alias} ON {alias}.id = t.{quoted(field.column)}")
    return " ".join(joins)


def compare(plan: TablePlan, place: int) -> Diff:
    """Fill the difference table of a staged plan against the rows of `place`, and count it."""
    target = plan.target
    table = quoted(target.model._meta.db_table)
    fields = plan.fields
    alive = f"t.{quoted(target.gone)} IS NULL" if target.gone else "1 = 1"
    parameters: list[Any] = []

    same_test = " OR ".join(f"({_differs(field)})" for field in fields) or "1 = 0"
    gone_test = f"t.{quoted(target.gone)} IS NOT NULL" if target.gone else "1 = 0"
    kind, reason, kind_parameters, reason_parameters = _kinds(plan, gone_test)
    flags = ", ".join(f"CASE WHEN t.id IS NOT NULL AND ({_differs(field)}) THEN 1 ELSE 0 END AS {flag(field)}" for field in fields)
    was, now = _moves(target)
    listed = (
        f"SELECT s.{quoted('key')} AS {quoted('key')}, t.id AS id, {kind} AS kind, {reason} AS reason, "
        f"COALESCE({was}, '') AS was, COALESCE({now}, '') AS now{', ' + flags if flags else ''} "
        f"FROM {quoted(stage_table(target))} s "
        f"LEFT JOIN {table} t ON t.{quoted(target.place)} = %s AND t.{quoted(target.key)} = s.{quoted('key')} "
        f"{references(fields)} WHERE t.id IS NULL OR {gone_test} OR {same_test}"
    )
    parameters += [*kind_parameters, *reason_parameters, place]
    parts = [listed]
    for missing in plan.missing:
        condition, values = _condition(target, missing)
        needed = [target.field(missing.where[0])] if missing.where else []
        noughts = "".join(f", 0 AS {flag(field)}" for field in fields)
        fate, fate_parameters = _fate(target, missing)
        parts.append(
            f"SELECT t.{quoted(target.key)}, t.id, {fate}, %s, COALESCE({was}, ''), ''{noughts} FROM {table} t {references(needed)} "
            f"WHERE t.{quoted(target.place)} = %s AND {alive}{condition} "
            f"AND NOT {is_listed(plan, f't.{quoted(target.key)}')}"
        )
        parameters += [*fate_parameters, missing.reason, place, *values]
    same_rows = f"UNION ALL SELECT '', '', '2', COUNT(*) FROM {quoted(same_table(target))}" if plan.knows_same else ""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {quoted(diff_table(target))} AS {' UNION ALL '.join(parts)}", parameters)
        cursor.execute(
            f"SELECT kind, was, now, COUNT(*) FROM {quoted(diff_table(target))} GROUP BY kind, was, now "
            f"UNION ALL SELECT '', '', '', COUNT(*) FROM {table} t WHERE t.{quoted(target.place)} = %s AND {alive} "
            f"UNION ALL SELECT '', '', '1', COUNT(*) FROM {quoted(stage_table(target))} "
            f"{same_rows} ORDER BY 1, 2, 3",
            [place],
        )
        # What has no kind sorts first: the rows stored before, and those staged.
        (*_, stored), (*_, listed), *rows = cursor.fetchall()
        (*_, same), *rows = rows if plan.knows_same else [("", "", "2", 0), *rows]
    return Diff(plan, tuple(Count(*row) for row in rows), int(stored), int(listed) + int(same))


def _differs(field: Field) -> str:
    staged = f"s.{quoted(field.name)}"
    told = dialect.differs(stored_value(field), staged)
    return f"{staged} IS NOT NULL AND {told}" if field.keep else told


def _moves(target: Target) -> tuple[str, str]:
    if not target.moved_by:
        return "''", "''"
    return f"t.{quoted(target.moved_by)}", f"s.{quoted(target.moved_by)}"


def _kinds(plan: TablePlan, gone_test: str) -> tuple[str, str, list[str], list[str]]:
    """The expressions for kind and reason of a desired row, with their parameters."""
    target = plan.target
    was, now = _moves(target)
    blocked = [(f"({was} = %s AND {now} = %s)", [old, new], reason) for (old, new), reason in sorted(plan.blocked.items())]
    kind = f"CASE WHEN t.id IS NULL THEN '{NEW}' WHEN {gone_test} THEN '{REVIVED}'"
    kind_parameters: list[str] = []
    reason, reason_parameters = "''", []
    if blocked:
        kind += f" WHEN {' OR '.join(test for test, _, _ in blocked)} THEN '{UNCONFIRMED}'"
        kind_parameters = [value for _, values, _ in blocked for value in values]
        whens = " ".join(f"WHEN t.id IS NULL OR {gone_test} THEN '' WHEN {test} THEN %s" for test, _, _ in blocked)
        reason = f"CASE {whens} ELSE '' END"
        reason_parameters = [value for _, values, reason_text in blocked for value in (*values, reason_text)]
    if target.moved_by:
        kind += f" WHEN {was} <> {now} THEN '{MOVED}'"
    return f"{kind} ELSE '{CHANGED}' END", reason, kind_parameters, reason_parameters


def _fate(target: Target, missing: Missing) -> tuple[str, list[str]]:
    if missing.action == "hold":
        return f"'{UNCONFIRMED}'", []
    if not missing.reason:
        return f"'{REMOVED}'", []
    # Not by row: without the connection, SQLite would read the whole list for each.
    seen = f"SELECT u.entity_id FROM {quoted(Unconfirmed._meta.db_table)} u WHERE u.entity = '{target.entity}' AND u.reason = %s"
    return f"CASE WHEN t.id IN ({seen}) THEN '{REMOVED}' ELSE '{UNCONFIRMED}' END", [missing.reason]


def _condition(target: Target, missing: Missing) -> tuple[str, list[Any]]:
    condition = ""
    values: list[Any] = []
    if missing.ids is not None:
        condition += _among("t.id", missing.ids)
        values += missing.ids
    if missing.keys is not None:
        condition += _among(f"t.{quoted(target.key)}", missing.keys)
        values += missing.keys
    if missing.but:
        condition += f" AND t.{quoted(target.key)} NOT IN ({', '.join(['%s'] * len(missing.but))})"
        values += missing.but
    if missing.where is not None:
        name, wanted = missing.where
        condition += _among(stored_value(target.field(name)), wanted)
        values += wanted
    return condition, values


def _among(expression: str, values: Sequence[Any]) -> str:
    return f" AND {expression} IN ({', '.join(['%s'] * len(values))})" if values else " AND 1 = 0"
