"""A till's file and what happens at the counter. Times are the till's own, without a zone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sandbox.system import ActionError
from sandbox.till.tables import BRANCHES, COLUMNS, DETAIL, ITEMS, LINE_NAMES, MASTER, RETURNS, statements

Line = tuple[str | None, float | str | None]
"""Barcode and quantity."""


class Till:
    """One file. Each action is a transaction of its own; several threads may act."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._raw: sqlite3.Connection | None = None
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.open() as raw:
                for statement in statements():
                    raw.execute(statement)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection that writes, committed at the end; within another such block, that one's."""
        with self._lock:
            if self._raw is not None:
                yield self._raw
                return
            self._raw = raw = sqlite3.connect(self.path, timeout=10, check_same_thread=False)
            try:
                # Nobody's sales: a machine that fails may take the last of them along.
                raw.execute("PRAGMA synchronous = OFF")
                with raw:
                    yield raw
            finally:
                self._raw = None
                raw.close()

    def clear(self) -> None:
        """Nothing was ever sold."""
        with self.open() as raw:
            for table in COLUMNS:
                raw.execute(f"DELETE FROM {table}")

    def branch(self, code: str, name: str, address: str = "") -> None:
        """Another branch."""
        with self.open() as raw:
            raw.execute(f"INSERT INTO {BRANCHES} VALUES (?, ?, ?)", (code, name, address))

    def item(self, barcode: str, name: str) -> None:
        """Another article in the till's own list; one barcode may be there twice."""
        with self.open() as raw:
            raw.execute(f"INSERT INTO {ITEMS} VALUES (?, ?, 'PC', NULL, NULL)", (barcode, name))

    def sell(
        self,
        branch: str | None,
        lines: Sequence[Line],
        at: datetime | date | None,
        *,
        bill: str | None = "",
        recorded: datetime | None = None,
        returned: bool = False,
    ) -> str:
        """A bill of these lines; its number, made up unless given. `returned` writes a return of goods instead."""
        table = RETURNS if returned else DETAIL
        with self.open() as raw:
            number = self._next(raw, table) if bill == "" else bill
            moment, now = text(at), text(recorded or (at if isinstance(at, datetime) else None))
            rows = [
                (branch, number, place, barcode, quantity, moment, now, "till", None, None)
                for place, (barcode, quantity) in enumerate(lines, 1)
            ]
            self.insert(raw, rows, table=table)
            if not returned:
                raw.execute(f"INSERT INTO {MASTER} VALUES (?, ?, ?)", (branch, number, moment))
            return number or ""

    def insert(self, raw: sqlite3.Connection, rows: Iterable[Sequence[Any]], *, table: str = DETAIL) -> None:
        """Lines as they are stored, in the order of LINE_NAMES."""
        raw.executemany(f"INSERT INTO {table} ({', '.join(LINE_NAMES)}) VALUES ({', '.join('?' * len(LINE_NAMES))})", rows)

    def void(self, bill: str, serial: int | None = None, *, returned: bool = False) -> None:
        """Take a bill back, or one line of it: it is not there any more. Raises ActionError."""
        table = RETURNS if returned else DETAIL
        self._change(f"DELETE FROM {table} WHERE BillNo = ?", [bill], serial)

    def change(self, bill: str, serial: int | None = None, **columns: Any) -> None:
        """Correct columns of a bill or of one of its lines: Quantity, BarCode, BillDate, BranchCode. Raises ActionError."""
        values = [text(value) if isinstance(value, date) else value for value in columns.values()]
        sets = ", ".join(f"{name} = ?" for name in columns)
        self._change(f"UPDATE {DETAIL} SET {sets} WHERE BillNo = ?", [*values, bill], serial)

    def _change(self, statement: str, parameters: list[Any], serial: int | None) -> None:
        if serial is not None:
            statement, parameters = f"{statement} AND SerialNo = ?", [*parameters, serial]
        with self.open() as raw:
            if not raw.execute(statement, parameters).rowcount:
                raise ActionError(f"There is no such line of a bill “{parameters[-1] if serial is None else parameters[-2]}”.")

    def rename(self, column: str, name: str, *, table: str = DETAIL) -> None:
        """The till was changed: a column is called something else now. Raises ActionError."""
        try:
            with self.open() as raw:
                raw.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {name}")
        except sqlite3.OperationalError as error:
            raise ActionError(f"There is no column “{column}”.") from error

    def count(self, table: str = DETAIL) -> int:
        """How many rows a table has."""
        with self.open() as raw:
            return int(raw.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a SELECT finds."""
        with self.open() as raw:
            return raw.execute(statement, parameters).fetchall()

    def _next(self, raw: sqlite3.Connection, table: str) -> str:
        letter = "R" if table == RETURNS else "B"
        (number,) = raw.execute(f"SELECT COALESCE(MAX(rowid), 0) + 1 FROM {table}").fetchone()
        return f"{letter}{number:06d}"


def text(moment: datetime | date | None) -> str | None:
    """A time as the file keeps it; a day without a time of day stays one."""
    if moment is None:
        return None
    return moment.isoformat(sep=" ", timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()
