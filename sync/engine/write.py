"""Writing a difference table into the stored one. Within the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, models

from inventory.dialect import is_postgres, quoted
from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, Diff
from sync.engine.stage import diff_table, stage_table
from sync.engine.tables import Field, Target


def add(diff: Diff, *, account: int, place: int, at: datetime) -> None:
    """Store the new rows, in the order of their keys, and note their ids in the difference table of a table that is logged."""
    if not diff.rows(NEW):
        return
    target = diff.target
    values: dict[str, tuple[str, list[Any]]] = {}
    for column in target.model._meta.concrete_fields:
        if column.primary_key or isinstance(column, models.GeneratedField):
            continue
        assert column.column is not None
        values[column.column] = ("%s", [column.get_db_prep_save(_default(column, at), connection)])
    values["account_id"] = ("%s", [account])
    values[target.place] = ("%s", [place])
    if target.born:
        values[target.born] = ("%s", [target.model._meta.get_field(target.born).get_db_prep_save(at, connection)])  # type: ignore[union-attr]
    for name in target.written_once:
        values[name] = (f"s.{quoted('key' if name == target.key else name)}", [])
    for field in diff.plan.fields:
        values[field.column] = _first_value(field, values[field.column])
    if target.key in values:
        values[target.key] = (f"s.{quoted('key')}", [])
    names = ", ".join(map(quoted, values))
    chosen = ", ".join(expression for expression, _ in values.values())
    parameters = [parameter for _, each in values.values() for parameter in each]
    joins, join_parameters = _reference_joins(diff, place)
    insert = (
        f"INSERT INTO {quoted(target.model._meta.db_table)} ({names}) SELECT {chosen} FROM {quoted(diff_table(target))} d "
        f"JOIN {quoted(stage_table(target))} s ON s.{quoted('key')} = d.{quoted('key')} {joins} "
        f"WHERE d.kind = '{NEW}' ORDER BY d.{quoted('key')}"
    )
    with connection.cursor() as cursor:
        if target.logged and is_postgres():
            # Looked up afterwards they would be counted as few: the statistics know nothing of rows that this transaction has stored.
            cursor.execute(
                f"WITH added AS ({insert} RETURNING id, {quoted(target.key)} AS {quoted('key')}) "
                f"UPDATE {quoted(diff_table(target))} d SET id = added.id FROM added WHERE added.{quoted('key')} = d.{quoted('key')}",
                [*parameters, *join_parameters],
            )
            return
        cursor.execute(insert, [*parameters, *join_parameters])
        if target.logged:
            cursor.execute(
                f"UPDATE {quoted(diff_table(target))} SET id = (SELECT t.id FROM {quoted(target.model._meta.db_table)} t "
                f"WHERE t.{quoted(target.place)} = %s AND t.{quoted(target.key)} = {quoted(diff_table(target))}.{quoted('key')}) "
                f"WHERE kind = '{NEW}'",
                [place],
            )


def change(diff: Diff, *, place: int) -> None:
    """Bring changed, moved and revived rows to what is desired."""
    if not diff.rows(CHANGED, MOVED, REVIVED):
        return
    target = diff.target
    table = quoted(target.model._meta.db_table)
    sets = [f"{quoted(field.column)} = {_next_value(field, table)}" for field in diff.plan.fields]
    if target.gone:
        sets.append(f"{quoted(target.gone)} = NULL")
    joins, parameters = _reference_joins(diff, place)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {', '.join(sets)} FROM {quoted(diff_table(target))} d "
            f"JOIN {quoted(stage_table(target))} s ON s.{quoted('key')} = d.{quoted('key')} {joins} "
            f"WHERE {table}.id = d.id AND d.kind IN ('{CHANGED}', '{MOVED}', '{REVIVED}')",
            parameters,
        )


def remove(diff: Diff, *, at: datetime) -> None:
    """Mark removed rows as gone; delete them where the table has no such mark."""
    if not diff.rows(REMOVED):
        return
    target = diff.target
    table = quoted(target.model._meta.db_table)
    chosen = f"id IN (SELECT id FROM {quoted(diff_table(target))} WHERE kind = '{REMOVED}')"
    with connection.cursor() as cursor:
        if target.gone:
            moment = target.model._meta.get_field(target.gone).get_db_prep_save(at, connection)  # type: ignore[union-attr]
            cursor.execute(f"UPDATE {table} SET {quoted(target.gone)} = %s WHERE {chosen}", [moment])
        else:
            cursor.execute(f"DELETE FROM {table} WHERE {chosen}")


def touched(target: Target, *kinds: str) -> list[int]:
    """The ids of the rows of these kinds, in order."""
    marks = ", ".join(["%s"] * len(kinds))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {quoted(diff_table(target))} WHERE kind IN ({marks}) ORDER BY id", kinds)
        return [row[0] for row in cursor.fetchall()]


def _default(column: Any, at: datetime) -> Any:
    if getattr(column, "auto_now_add", False) or getattr(column, "auto_now", False):
        return at
    return column.get_default()


def _first_value(field: Field, default: tuple[str, list[Any]]) -> tuple[str, list[Any]]:
    if field.reference:
        return f"w_{field.name}.id", []
    expression, parameters = default
    tries = [f"s.{quoted(field.name)}"]
    if field.first:
        tries.append(f"s.{quoted(field.first)}")
    if parameters == [None]:
        return (f"COALESCE({', '.join(tries)})" if len(tries) > 1 else tries[0]), []
    return f"COALESCE({', '.join(tries)}, {expression})", parameters


def _next_value(field: Field, table: str) -> str:
    value = f"w_{field.name}.id" if field.reference else f"s.{quoted(field.name)}"
    return f"COALESCE({value}, {table}.{quoted(field.column)})" if field.keep else value


def _reference_joins(diff: Diff, place: int) -> tuple[str, list[Any]]:
    """Joins that lead from staged natural keys to rows."""
    joins, parameters = [], []
    for field in diff.plan.fields:
        if field.reference:
            alias, there = f"w_{field.name}", field.reference
            joins.append(
                f"LEFT JOIN {quoted(there.model._meta.db_table)} {alias} ON {alias}.{quoted(there.place)} = %s "
                f"AND {alias}.{quoted(there.natural)} = s.{quoted(field.name)}"
            )
            parameters.append(place)
    return " ".join(joins), parameters
