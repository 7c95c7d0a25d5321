"""The rows of call budgets follow the settings they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.models import CallBudget, Connection
from sync.systems import SYSTEMS, values_of


def keep(connection: Connection, wanted: Iterable[tuple[str, int, int, int]]) -> None:
    """See to it that `connection` has these budgets: name, length of the window in seconds, calls, how many are reserved.

    Calls that were made stay counted.
    """
    for name, seconds, limit, reserved in wanted:
        numbers = {"limit": limit, "reserved": min(reserved, limit - 1), "window_seconds": seconds}
        CallBudget.objects.update_or_create(
            connection=connection, name=name, defaults=numbers, create_defaults={"account_id": connection.account_id, **numbers}
        )


def on_connection_saved(*, instance: Connection, raw: bool = False, update_fields: Any = None, **_signal: Any) -> None:
    """Signal post_save of a connection: its budgets follow, where its system says what they are."""
    system = SYSTEMS.get(instance.system)
    if raw or system is None or system.budgets is None or (update_fields is not None and "settings" not in update_fields):
        return
    keep(instance, system.budgets(values_of(instance)))
