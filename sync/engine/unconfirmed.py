"""The stored rows that no feed speaks of any more and that may not be removed either, as a list for people."""

from __future__ import annotations

from django.db import connection

from inventory.dialect import quoted
from sync.engine.changes import label
from sync.engine.compare import UNCONFIRMED, Diff, references
from sync.engine.stage import diff_table, is_listed, stage_table
from sync.models import SyncRun, Unconfirmed


def keep(diff: Diff, run: SyncRun) -> None:
    """Bring the list in line with a table's differences: what was confirmed or removed leaves it, what is unconfirmed now is on it."""
    target = diff.target
    table, rows = quoted(Unconfirmed._meta.db_table), quoted(target.model._meta.db_table)
    alive = f" AND t.{quoted(target.gone)} IS NULL" if target.gone else ""
    listed = is_listed(diff.plan, f"t.{quoted(target.key)}")
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE connection_id = %s AND entity = %s AND ("
            f"NOT EXISTS (SELECT 1 FROM {rows} t WHERE t.id = {table}.entity_id{alive} AND NOT {listed}) "
            f"OR entity_id IN (SELECT id FROM {quoted(diff_table(target))} WHERE kind = '{UNCONFIRMED}'))",
            [run.connection_id, target.entity],
        )
        if diff.rows(UNCONFIRMED):
            cursor.execute(
                f"INSERT INTO {table} (account_id, connection_id, run_id, entity, entity_id, label, reason) "
                f"SELECT %s, %s, %s, %s, d.id, {label(diff)}, d.reason FROM {quoted(diff_table(target))} d "
                f"LEFT JOIN {quoted(stage_table(target))} s ON s.{quoted('key')} = d.{quoted('key')} JOIN {rows} t ON t.id = d.id "
                f"{references(target.fields)} WHERE d.kind = '{UNCONFIRMED}' ORDER BY d.{quoted('key')}",
                [run.account_id, run.connection_id, run.pk, target.entity],
            )
