from __future__ import annotations

from typing import Any

from django.db import migrations

POSTGRESQL = """
INSERT INTO marketplaces_carried (account_id, attempt_id, correlation)
SELECT DISTINCT attempt.account_id, attempt.id, each.value::uuid
FROM marketplaces_attempt attempt, jsonb_array_elements_text(attempt.correlations) each
WHERE each.value::uuid <> attempt.correlation
"""
SQLITE = """
INSERT INTO marketplaces_carried (account_id, attempt_id, correlation)
SELECT DISTINCT attempt.account_id, attempt.id, replace(each.value, '-', '')
FROM marketplaces_attempt attempt, json_each(attempt.correlations) each
WHERE replace(each.value, '-', '') <> attempt.correlation
"""


def fill(_apps: Any, schema_editor: Any) -> None:
    """Attempts that are there already carried changes, too."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


class Migration(migrations.Migration):
    dependencies = [("marketplaces", "0002_carried")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
