"""What a GE connection's settings mean to those who fetch and judge its lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.errors import Problem
from sync.models.connection import Connection
from sync.sources.ge.system import ORG_LENGTH, SYSTEM, TRANSPORTS


class SettingsIncomplete(Problem):
    """Needs a person: a setting without which a connection can't be used is missing or makes no sense."""

    hint = "Correct it in the connection's settings."


@dataclass(frozen=True)
class Options:
    """How a connection is read. `footer_promised`: a stock list without its Total row is not believed. `texts` are the other settings."""

    transport: str
    org: str
    footer_promised: bool
    shrink_percent: int
    shrink_rows: int
    texts: Mapping[str, str]


def options_of(connection: Connection) -> Options:
    """The settings of `connection`, defaults filled in. Raises SettingsIncomplete naming the one that is missing or wrong."""
    values = SYSTEM.complete(connection.settings)
    transport, org = str(values["transport"]), str(values["org"])
    if transport not in TRANSPORTS:
        raise SettingsIncomplete(f"The setting “transport” must be one of {', '.join(TRANSPORTS)}.")
    if len(org) != ORG_LENGTH:
        raise SettingsIncomplete(f"The setting “org” must be the {ORG_LENGTH} letters or digits of the organisation, such as 7QX.")
    return Options(
        transport=transport,
        org=org,
        footer_promised=bool(values["footer_promised"]),
        shrink_percent=int(values["shrink_percent"]),
        shrink_rows=int(values["shrink_rows"]),
        texts={name: value for name, value in values.items() if isinstance(value, str)},
    )
