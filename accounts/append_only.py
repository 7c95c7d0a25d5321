"""Tables whose rows are added and never changed: the database refuses it to everybody, on SQLite and on PostgreSQL (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.models import Maintenance

OPEN = "EXISTS (SELECT 1 FROM accounts_maintenance)"

POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {OPEN} THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation', HINT = 'See docs/audit.md.';
    END IF;
    IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
    RETURN OLD;
END $$
"""


def append_only(table: str) -> migrations.RunPython:
    """The migration operation that lets `table` grow and nothing else, reversible and safe to run again.

    The migration must depend on accounts' first. SQLite drops a table's triggers when a later migration rebuilds the table (most
    alterations do): such a migration ends with this operation again.
    """

    def protect(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        release(_apps, editor)
        if editor.connection.vendor == "postgresql":
            editor.execute(POSTGRES_FUNCTION, params=None)
        for statement in _triggers(table, editor):
            editor.execute(statement)

    def release(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        where = f" ON {editor.quote_name(table)}" if editor.connection.vendor == "postgresql" else ""
        for event in ("update", "delete", "truncate"):
            editor.execute(f"DROP TRIGGER IF EXISTS {editor.quote_name(f'{table}_no_{event}')}{where}")

    return migrations.RunPython(protect, release)


@contextmanager
def maintenance(reason: str) -> Iterator[None]:
    """Within the block, and in this transaction alone, append-only tables may be changed: for retention, which says why in `reason`.

    The row that opens them is gone again before the commit, so no other connection ever sees it.
    """
    with transaction.atomic():
        row = Maintenance.objects.create(reason=reason)
        yield
        row.delete()


def _triggers(table: str, editor: BaseDatabaseSchemaEditor) -> Iterator[str]:
    quoted = editor.quote_name(table)
    postgres = editor.connection.vendor == "postgresql"
    for event in ("update", "delete"):
        name = editor.quote_name(f"{table}_no_{event}")
        if postgres:
            yield f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {quoted} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        else:
            yield (
                f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {quoted} WHEN NOT {OPEN} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    if postgres:
        name = editor.quote_name(f"{table}_no_truncate")
        yield f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {quoted} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
