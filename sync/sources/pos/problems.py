"""What can be wrong between us and a till's database, in our own errors (docs/till.md, “What can go wrong”).

What a driver says names the machine, the login or the database: it is looked at here and never repeated.
"""

from __future__ import annotations

import socket
import sqlite3
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from sync.wire.errors import BadCredentials, Refused, RetryLater, Unreachable, WireError, WrongAnswer

BUSY = frozenset({1205, 1222, 701, 8645, 40197, 40501, 40613, 10928, 10929, 49918, 49919, 49920})
"""SQL Server: deadlock victim, lock timeout, resources, throttling."""
LOGIN = frozenset({18456, 18452, 18486, 18487, 18488})
NO_DATABASE, NO_TABLE, NO_COLUMN, FORBIDDEN = frozenset({4060, 911}), frozenset({208}), frozenset({207}), frozenset({229, 230})
CONVERSION = frozenset({241, 242, 245, 8114, 8115})
AGAIN = 1.0

_STATES: Mapping[str, str] = {
    "28000": "login",
    "28P01": "login",
    "3D000": "no_database",
    "42P01": "no_table",
    "42703": "no_column",
    "42501": "forbidden",
    "40P01": "busy",
    "55P03": "busy",
    "57014": "busy",
}
_CLASSES: Mapping[str, str] = {"22": "conversion", "53": "busy", "57": "cut_off", "08": "cut_off"}
GARBLED = (ValueError, LookupError, struct.error, AssertionError)
"""What python-tds stumbles over where no SQL Server answers, or bytes are broken."""


class Rerouted(Exception):
    """The server sends its callers to another address, which nobody has checked."""


def told(error: Exception) -> WireError:
    """A driver's error as one of ours: to be tried again (RetryLater, Unreachable) or needing a person."""
    if isinstance(error, Rerouted):
        return Refused(
            "The till's server sends its callers to another address. That is not followed.",
            hint="Enter that address as the connection's server.",
            code="rerouted",
        )
    if isinstance(error, sqlite3.Error):
        return _of(_sqlite_kind(error))
    if isinstance(error, psycopg.Error):
        return _of(_postgres_kind(error))
    if isinstance(error, socket.gaierror):
        return _of("connect")
    # python-tds tells what went wrong at last as the cause of a timeout.
    for each in _chain(error):
        number = _number(each)
        if number:
            return _of(_sqlserver_kind(number), number)
    module = type(error).__module__
    if module.startswith("OpenSSL"):
        return _of("certificate")
    text = str(error)
    if "Certificate does not match" in text:
        return _of("certificate_name")
    if "encryption" in text.lower():
        return _of("encryption")
    if isinstance(error, TimeoutError):
        return _of("timeout")
    if isinstance(error, ConnectionRefusedError):
        return _of("connect")
    if isinstance(error, OSError) or type(error).__name__ in ("ClosedConnectionError", "InterfaceError"):
        return _of("cut_off")
    if isinstance(error, GARBLED):
        return WrongAnswer("What answered is no SQL Server, or its answer came in broken.", hint=_LINE, code="no_sql_server")
    return _of("refused")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _number(error: BaseException) -> int:
    for name in ("msg_no", "number"):
        value: Any = getattr(error, name, 0)
        if isinstance(value, int) and value:
            return value
    return 0


def _sqlserver_kind(number: int) -> str:
    kinds = {
        "busy": BUSY,
        "login": LOGIN,
        "no_database": NO_DATABASE,
        "no_table": NO_TABLE,
        "no_column": NO_COLUMN,
        "forbidden": FORBIDDEN,
        "conversion": CONVERSION,
    }
    return next((kind for kind, numbers in kinds.items() if number in numbers), "refused")


def _postgres_kind(error: psycopg.Error) -> str:
    state = error.sqlstate
    if state is not None:
        return _STATES.get(state) or _CLASSES.get(state[:2], "refused")
    # A connection that was not made has no state, only the words of the server.
    text = str(error)
    if "authentication failed" in text or "no password supplied" in text or "pg_hba" in text:
        return "login"
    if "does not exist" in text:
        return "no_database" if "database" in text else "login"
    if "certificate" in text:
        return "certificate"
    if "SSL" in text:
        return "encryption"
    if "timeout" in text:
        return "timeout"
    return "connect" if "connection failed" in text or "refused" in text else "cut_off"


def _sqlite_kind(error: sqlite3.Error) -> str:
    text = str(error)
    for words, kind in (
        ("locked", "busy"),
        ("busy", "busy"),
        ("no such table", "no_table"),
        ("no such column", "no_column"),
        ("unable to open", "no_file"),
        ("not a database", "damaged"),
        ("malformed", "damaged"),
        ("disk I/O", "cut_off"),
    ):
        if words in text:
            return kind
    return "refused"


def _of(kind: str, number: int = 0) -> WireError:
    said = f" (error {number})" if number else ""
    if kind == "busy":
        return RetryLater(f"The till's database is busy{said}.", after=AGAIN, code="till_busy")
    if kind == "login":
        return BadCredentials(
            f"The till's database refused the login{said}.",
            hint="Enter login and password of the connection again, and test it.",
            code="login_refused",
            certain=True,
        )
    if kind in _UNREACHABLE:
        return Unreachable(_UNREACHABLE[kind][0], hint=_UNREACHABLE[kind][1], code=kind)
    if kind == "damaged":
        return WrongAnswer(
            "The till's file is damaged, or no SQLite database.", hint="Check which file the connection names.", code="damaged"
        )
    sentence, hint = _REFUSED.get(kind, _REFUSED["refused"])
    return Refused(f"{sentence}{said}.", hint=hint, code=kind)


_LINE = "Check that the till's server runs and that its address and port in the connection are right."
_UNREACHABLE = {
    "connect": ("The till's database can't be reached.", _LINE),
    "timeout": (
        "The till's database did not answer in time.",
        "It is tried again by itself. If it stays, raise the times in the settings.",
    ),
    "cut_off": ("The line to the till's database was cut off.", "It is tried again by itself. Nothing of an incomplete day is used."),
    "certificate": (
        "The certificate of the till's server is not signed by an authority that is trusted here.",
        "Enter the authority's certificate, or the server's own one if it is self-signed, with the credentials of the connection.",
    ),
    "certificate_name": (
        "The certificate of the till's server is made out to another name.",
        "Enter that name in the settings (“Name in the certificate”) if the server is the right one.",
    ),
    "encryption": (
        "The till's server and this connection don't agree about encryption.",
        "Turn encryption on where the server wants it; turn it off only for a till that knows none.",
    ),
}
_REFUSED = {
    "no_database": ("The till's server has no such database, or the login may not open it", "Check the name of the database."),
    "no_table": (
        "The till's database has no such table",
        "Test the connection: it says which tables are missing. The till may have been changed.",
    ),
    "no_column": (
        "The till's table has no such column",
        "Test the connection: it says which columns are missing. The till may have been changed.",
    ),
    "forbidden": ("The login may not read the till's tables", "Let it SELECT from the tables that docs/till.md names, and nothing else."),
    "conversion": (
        "The till's database can't compare the values it keeps",
        "A column has another type than it should. Test the connection and tell the operator.",
    ),
    "no_file": ("There is no such till file, or it can't be opened", "Check the file in the connection's settings."),
    "refused": ("The till's database refused the question", "Test the connection; the till may have been changed."),
}
