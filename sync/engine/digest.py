"""What a plan would write, as a fingerprint: a plan that was approved is applied only while it is still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import connection

from inventory.dialect import quoted
from sync.engine.compare import Diff
from sync.engine.stage import diff_table, stage_table

_AT_ONCE = 2000


def digest(diffs: Sequence[Diff]) -> str:
    """SHA-256 over every difference with the values desired, in the order of keys."""
    found = hashlib.sha256()
    for diff in diffs:
        target = diff.target
        found.update(f"{target.entity} {' '.join(diff.plan.columns)}\n".encode())
        flags = "".join(f", d.{quoted(f'differs_{field.name}')}" for field in diff.plan.fields)
        values = "".join(f", s.{quoted(name)}" for name in diff.plan.columns[1:])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.{quoted('key')}, d.kind, d.was, d.now{flags}{values} FROM {quoted(diff_table(target))} d "
                f"LEFT JOIN {quoted(stage_table(target))} s ON s.{quoted('key')} = d.{quoted('key')} ORDER BY d.{quoted('key')}"
            )
            while rows := cursor.fetchmany(_AT_ONCE):
                found.update("".join(f"{row!r}\n" for row in rows).encode())
    return found.hexdigest()
