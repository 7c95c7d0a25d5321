"""Tables whose rows count their own changes: the database adds one at every UPDATE, whoever makes it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$
"""


def versioned(table: str) -> migrations.RunPython:
    """The migration operation that lets the column `version` of `table` grow with each change of a row; reversible, safe to run again.

    What a writer puts into the column itself is overruled. SQLite drops a table's triggers when a later migration rebuilds the table (most
    alterations do): such a migration ends with this operation again.
    """

    def count(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        forget(_apps, editor)
        quoted, name = editor.quote_name(table), editor.quote_name(f"{table}_version")
        if editor.connection.vendor == "postgresql":
            editor.execute(POSTGRES_FUNCTION, params=None)
            editor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {quoted} FOR EACH ROW EXECUTE FUNCTION count_change()")
        else:
            # SQLite's triggers don't set off themselves.
            editor.execute(
                f"CREATE TRIGGER {name} AFTER UPDATE ON {quoted} FOR EACH ROW "
                f"BEGIN UPDATE {quoted} SET version = OLD.version + 1 WHERE id = NEW.id; END"
            )

    def forget(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        where = f" ON {editor.quote_name(table)}" if editor.connection.vendor == "postgresql" else ""
        editor.execute(f"DROP TRIGGER IF EXISTS {editor.quote_name(f'{table}_version')}{where}")

    return migrations.RunPython(count, forget)
