"""When a plan is too big to be believed without a person (docs/engine.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much of what is stored a run may remove, and change or move, before a person has to approve: more than both numbers stops it."""

    removed_rows: int = 25
    removed_percent: int = 20
    changed_rows: int = 200
    changed_percent: int = 60


def brake(*, stored: int, removed: int, changed: int, limits: Limits, what: str) -> str | None:
    """Why a plan that removes and changes so many of the `stored` rows (`what`, in the plural) has to be reviewed; None when it may go."""
    for count, rows, percent, verb in (
        (removed, limits.removed_rows, limits.removed_percent, "remove"),
        (changed, limits.changed_rows, limits.changed_percent, "change or move"),
    ):
        if count > max(rows, stored * percent / 100):
            return (
                f"It would {verb} {count:,} of {stored:,} {what}; "
                f"more than {max(rows, int(stored * percent / 100)):,} need a manager's approval."
            )
    return None
