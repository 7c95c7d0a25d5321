"""Which connection is meant, and whether it may be used now."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.errors import Problem
from accounts.models import Account
from sync.models import Connection
from sync.secrets import CredentialsUnreadable
from sync.systems import system as system_called


class ConnectionPaused(Problem):
    """Refused: somebody has paused the connection."""

    status = 409
    hint = "Resume it on its page under Connections."


class ConnectionDisabled(Problem):
    """Refused: the connection is switched off."""

    status = 409
    hint = "An owner switches it on again on its page under Connections."


class ConnectionRequired(Problem):
    """Refused: which connection is meant can't be known."""


class UnknownConnection(Problem):
    """Refused: the business account has no such connection of this system."""


def usable(connection: Connection) -> None:
    """Returns when the connection, as it was read, may be used. Raises ConnectionDisabled, ConnectionPaused, CredentialsUnreadable."""
    if not connection.enabled:
        raise ConnectionDisabled(f"The connection “{connection}” is switched off.")
    if connection.paused_at is not None:
        by = f" by {connection.paused_by}" if connection.paused_by else ""
        raise ConnectionPaused(f"The connection “{connection}” was paused{by}.")
    if connection.secrets.unreadable:
        raise CredentialsUnreadable


def for_system(account: Account, system: str, named: int | str | None = None) -> Connection:
    """The connection of `account` that is `named` by id or name; unnamed, the only one of `system` that is switched on.

    Raises UnknownSystem, UnknownConnection, and ConnectionRequired listing those there are when that leaves none or several.
    """
    kind = system_called(system)
    rows = Connection.objects.filter(account=account, system=kind.key).select_related("account", "warehouse")
    if named is not None and named != "":
        return _named(rows, kind.label, named)
    found = list(rows.filter(enabled=True)[:20])
    if len(found) == 1:
        return found[0]
    if found:
        raise ConnectionRequired(f"There are several {kind.label} connections: {_listed(found)}.", hint="Say which one with “connection”.")
    off = " that is switched on" if rows.exists() else " yet"
    raise ConnectionRequired(f"There is no {kind.label} connection{off}.", hint="An owner adds one under Connections.")


def for_any(account: Account, systems: Sequence[str], named: int | str | None = None) -> Connection:
    """As for_system, where several systems could be meant: unnamed, the first of `systems` that has a connection which is switched on.

    Raises UnknownSystem, UnknownConnection and ConnectionRequired.
    """
    kinds = [system_called(key) for key in systems]
    label = " or ".join(kind.label for kind in kinds)
    rows = Connection.objects.filter(account=account, system__in=systems).select_related("account", "warehouse")
    if named is not None and named != "":
        return _named(rows, label, named)
    switched_on = set(rows.filter(enabled=True).values_list("system", flat=True))
    for key in systems:
        if key in switched_on:
            return for_system(account, key)
    off = " that is switched on" if rows.exists() else " yet"
    raise ConnectionRequired(f"There is no {label} connection{off}.", hint="An owner adds one under Connections.")


def _named(rows: QuerySet[Connection], label: str, named: int | str) -> Connection:
    text = str(named).strip()
    found = rows.filter(name=text).first() if isinstance(named, str) else None
    if found is None and text.isascii() and text.isdigit() and len(text) < 19:
        found = rows.filter(pk=int(text)).first()
    if found is None:
        there = list(rows[:20])
        there_are = f"There are: {_listed(there)}." if there else "An owner adds one under Connections."
        raise UnknownConnection(f"There is no {label} connection “{text[:100]}”.", hint=there_are)
    return found


def _listed(rows: list[Connection]) -> str:
    return ", ".join(f"{row.name} ({row.pk})" for row in rows)
