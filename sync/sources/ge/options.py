"""What a GE connection's settings mean, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.errors import Problem
from sync.models.connection import Connection

TRANSPORTS = ("upload", "http", "folder", "dms")
ORG_LENGTH = 3


class SettingsIncomplete(Problem):
    """Needs a person: a setting without which a connection can't be used is missing or makes no sense."""

    hint = "Correct it in the connection's settings."


@dataclass(frozen=True)
class Options:
    """How a connection is read. `footer_promised`: a stock list without its Total row is not believed."""

    transport: str
    org: str
    footer_promised: bool
    shrink_percent: int
    shrink_rows: int


def options_of(connection: Connection) -> Options:
    """The settings of `connection`. Raises SettingsIncomplete naming the one that is missing or wrong."""
    settings: Mapping[str, Any] = connection.settings
    transport = str(settings.get("transport") or "upload")
    if transport not in TRANSPORTS:
        raise SettingsIncomplete(f"The setting transport is “{transport[:40]}”; it must be one of {', '.join(TRANSPORTS)}.")
    org = str(settings.get("org") or "").strip().upper()
    if len(org) != ORG_LENGTH or not (org.isascii() and org.isalnum()):
        raise SettingsIncomplete(f"The setting org must be the {ORG_LENGTH} letters and digits of the inventory organisation, such as 7QX.")
    promised = settings.get("footer_promised")
    return Options(
        transport=transport,
        org=org,
        footer_promised=transport != "http" if promised is None else bool(promised),
        shrink_percent=_number(settings, "shrink_percent", 50),
        shrink_rows=_number(settings, "shrink_rows", 25),
    )


def text(connection: Connection, name: str, default: str) -> str:
    """The setting `name`; the default where it is missing or blank."""
    value = connection.settings.get(name)
    return default if value is None or value == "" else str(value)


def _number(settings: Mapping[str, Any], name: str, default: int) -> int:
    value = settings.get(name)
    if value is None or value == "":
        return default
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise SettingsIncomplete(f"The setting {name} must be a whole number from 0 on.")
    return number
