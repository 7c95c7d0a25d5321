"""Stock is proved by its movements once a night: what two schedules did half an hour apart, one does."""

from __future__ import annotations

from typing import Any

from django.db import migrations

BEFORE, NOW = "30 2 * * *", "0 2 * * *"
NAME = "Recalculate stock from its movements"


def join(apps: Any, _editor: Any) -> None:
    """The check for contradictions does all of it from now on, at the time of the other one where nobody had chosen another for itself."""
    schedules = apps.get_model("jobs", "Schedule").objects
    other = {row.account_id: row for row in schedules.filter(key="sync:recalculate")}
    for row in schedules.filter(key="stock:integrity"):
        row.name, found = NAME, other.get(row.account_id)
        untouched = row.enabled and row.cron == BEFORE
        if untouched or (found is not None and found.enabled and not row.enabled):
            # Without a moment the next tick finds out when it is due.
            row.cron, row.enabled, row.next_due_at = found.cron if found is not None and found.enabled else NOW, True, None
        row.save(update_fields=["name", "cron", "enabled", "next_due_at"])
    schedules.filter(key="sync:recalculate").delete()


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_fractional"), ("jobs", "0001_initial")]

    operations = [migrations.RunPython(join, migrations.RunPython.noop)]
