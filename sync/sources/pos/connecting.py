"""Opening the line to a till: one factory for each kind of database, each giving a DB-API connection that can only read."""

from __future__ import annotations

import logging
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import certifi
import psycopg
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from sync.secrets import Secrets
from sync.sources.pos.dialects import DIALECTS, Dialect
from sync.sources.pos.options import Options, SettingsIncomplete
from sync.sources.pos.problems import GARBLED, Rerouted, told
from sync.sources.pos.system import POSTGRESQL, SQLITE, SQLSERVER
from sync.wire import targets
from sync.wire.errors import BadCredentials, TargetRefused, Unreachable, WireError

APP = "Levelstock"
PORTS: Mapping[str, int] = {SQLSERVER: 1433, POSTGRESQL: 5432}
EXTRA = "requirements-sqlserver.txt"
# It logs what it is told, statements, logins and names of machines included; what matters of that our own errors say.
logging.getLogger("pytds").setLevel(logging.CRITICAL)


class DriverMissing(SettingsIncomplete):
    """Needs the operator: a package that only SQL Server tills need is not installed, or of a version that checks no certificates."""

    hint = f"Install it with: pip install -r {EXTRA}"


class Line:
    """An open line to a till. Its errors are ours (WireError), whatever driver is behind it."""

    def __init__(self, dialect: Dialect, raw: Any) -> None:
        self.dialect, self._raw = dialect, raw

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises WireError."""
        with _told(self.dialect):
            cursor = self._raw.cursor()
            try:
                cursor.execute(statement, tuple(parameters))
                return [tuple(row) for row in cursor.fetchall()]
            finally:
                cursor.close()

    def close(self) -> None:
        """Hang up, whatever state the line is in."""
        # A line that is cut can't be closed in good order, and need not be.
        with suppress(WireError), _told(self.dialect):
            self._raw.close()


@sensitive_variables("secrets")
def open_line(options: Options, secrets: Secrets) -> Line:
    """A line to the till that `options` name. Raises WireError, SettingsIncomplete, DriverMissing."""
    dialect = DIALECTS[options.dialect]
    connect: Callable[[Options, Secrets], Any] = _CONNECT[options.dialect]
    with _told(dialect):
        return Line(dialect, connect(options, secrets))


def _errors(dialect: Dialect) -> tuple[type[Exception], ...]:
    if dialect.key == SQLITE:
        return (sqlite3.Error,)
    if dialect.key == POSTGRESQL:
        return (psycopg.Error, OSError)
    import OpenSSL.SSL
    import pytds

    return (pytds.Error, OpenSSL.SSL.Error, OSError, Rerouted, *GARBLED)


@contextmanager
def _told(dialect: Dialect) -> Iterator[None]:
    try:
        errors = _errors(dialect)
    except ImportError:
        raise _missing() from None
    try:
        yield
    except errors as error:
        # Not chained: what the driver says names the machine and the login.
        raise told(error) from None


def _missing() -> DriverMissing:
    return DriverMissing("Tills on SQL Server need the packages python-tds and pyOpenSSL, which are not installed here.")


def _sqlite(options: Options, _secrets: Secrets) -> sqlite3.Connection:
    path = till_file(options.file, options.account)
    raw = sqlite3.connect(":memory:", timeout=options.lock_seconds, uri=True, check_same_thread=False, isolation_level=None)
    try:
        raw.text_factory = lambda found: found.decode("utf-8", "replace")
        raw.execute("ATTACH DATABASE ? AS dbo", (f"file:{quote(str(path))}?mode=ro",))
    except sqlite3.Error:
        raw.close()
        raise
    return raw


def till_file(text: str, account: str) -> Path:
    """The file that `text` names for the business account of that short name.

    It lies in the account's own folder below TILL_FILES, or, where it has none, in TILL_FILES itself, whose folders are other accounts'.
    Raises TargetRefused when that leads elsewhere or no such folder was named.
    """
    if not settings.TILL_FILES:
        raise TargetRefused("Till files are not open to connections here.", hint="The operator names their folder with TILL_FILES.")
    shared = Path(settings.TILL_FILES).resolve()
    own = shared / account
    has_own = bool(account) and own.is_dir()
    try:
        path = ((own if has_own else shared) / text).resolve()
    except (OSError, ValueError, RuntimeError):
        path = shared
    if not (path.is_relative_to(own) and path != own if has_own else path.parent == shared):
        raise TargetRefused(
            "The till's file must lie in the folder that the operator has named with TILL_FILES.", hint="Give its name seen from there."
        )
    return path


@sensitive_variables("secrets", "user", "password")
def _postgresql(options: Options, secrets: Secrets) -> Any:
    user, password = _login(secrets)
    address = _address(options)
    limits = {
        "statement_timeout": f"{options.query_seconds}s",
        "lock_timeout": f"{options.lock_seconds}s",
        "default_transaction_read_only": "on",
        "timezone": options.zone.key,
    }
    with _authority(secrets) as file:
        return psycopg.connect(
            host=options.certificate_name or options.host,
            hostaddr=address,
            port=_port(options),
            dbname=options.database,
            user=user,
            password=password,
            application_name=APP,
            connect_timeout=options.connect_seconds,
            sslmode="verify-full" if options.encrypted else "disable",
            sslrootcert=file,
            options=" ".join(f"-c {name}={value}" for name, value in limits.items()),
            autocommit=True,
        )


@sensitive_variables("secrets", "user", "password")
def _sqlserver(options: Options, secrets: Secrets) -> Any:
    import OpenSSL.crypto
    import pytds

    if options.encrypted and not hasattr(OpenSSL.crypto.X509, "get_extension"):
        # Newer ones made python-tds break in the middle of the check.
        raise DriverMissing("The installed pyOpenSSL is too new for python-tds to check certificates with.")
    user, password = _login(secrets)
    address = _address(options)
    plain = socket.create_connection((address, _port(options)), timeout=options.connect_seconds)
    with _authority(secrets) as file:
        raw = pytds.connect(
            dsn=options.certificate_name or options.host,
            port=_port(options),
            database=options.database,
            user=user,
            password=password,
            appname=APP,
            sock=_Pinned(plain),
            login_timeout=options.connect_seconds,
            timeout=options.query_seconds,
            cafile=file if options.encrypted else None,
            validate_host=True,
            disable_connect_retry=True,
            autocommit=True,
            readonly=True,
        )
    cursor = raw.cursor()
    cursor.execute(f"SET LOCK_TIMEOUT {options.lock_seconds * 1000}")
    cursor.close()
    return raw


class _Pinned:
    """The socket to the address that was checked.

    While it is used for the login, python-tds would wait and try again where the other side hangs up, and would follow a server that sends
    it elsewhere: both come out as errors at once.
    """

    def __init__(self, plain: socket.socket) -> None:
        self._plain, self._closed = plain, False

    def recv(self, size: int, flags: int = 0) -> bytes:
        try:
            return self._plain.recv(size, flags)
        except ConnectionError:
            # As if it had been closed in good order: python-tds says so in its own words.
            return b""

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        try:
            return self._plain.recv_into(buffer, size, flags)
        except ConnectionError:
            return 0

    def close(self) -> None:
        again, self._closed = self._closed, True
        self._plain.close()
        # Only to open another socket does it close this one there without an error; the credentials must not go along.
        if not again and sys._getframe(1).f_code.co_name == "_connect" and sys.exc_info()[0] is None:
            raise Rerouted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


_CONNECT: Mapping[str, Callable[[Options, Secrets], Any]] = {SQLSERVER: _sqlserver, POSTGRESQL: _postgresql, SQLITE: _sqlite}


def _port(options: Options) -> int:
    return options.port or PORTS[options.dialect]


def _address(options: Options) -> str:
    """The address behind the host's name, found allowed. Raises Unreachable, TargetRefused, neither naming the host."""
    try:
        return targets.resolve(options.host, _port(options), settings.ALLOWED_TARGETS).addresses[0]
    except TargetRefused:
        raise TargetRefused(
            "The till's server is at an address that connections may not reach.",
            hint="If it is a machine of yours, let the operator add its network to ALLOWED_TARGETS.",
        ) from None
    except Unreachable as error:
        raise Unreachable("The name of the till's server can't be found.", hint=error.hint, code=error.code) from None


def _login(secrets: Secrets) -> tuple[str, str]:
    """Login and password. Raises CredentialsUnreadable, BadCredentials naming what is missing."""
    user, password = (secrets.get(name) or "" for name in ("user", "password"))
    missing = [label for label, value in (("login", user), ("password", password)) if not value]
    if missing:
        raise BadCredentials(
            f"The {' and the '.join(missing)} of the till {'is' if len(missing) == 1 else 'are'} missing.", code="missing_secret"
        )
    return user, password


@contextmanager
def _authority(secrets: Secrets) -> Iterator[str]:
    """A file with the authority's certificate: the connection's own, or the public ones. Raises SettingsIncomplete for what is none."""
    given = (secrets.get("ca") or "").strip()
    if not given:
        yield certifi.where()
        return
    if "-----BEGIN CERTIFICATE-----" not in given or "-----END CERTIFICATE-----" not in given:
        raise SettingsIncomplete("The certificate authority of the till is no certificate in PEM form.")
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="utf-8") as file:
        file.write(given + "\n")
        file.flush()
        yield file.name
