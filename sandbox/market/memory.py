"""Tables that survive a restart and take 20,000 rows: every change is appended, and the file is written anew now and then."""

from __future__ import annotations

import json
import os
from collections import deque
from pathlib import Path
from typing import Any, TextIO

Row = dict[str, Any]


class Memory:
    """Rows by table and key, and lists. A file of changes, one commit a line: a kill leaves whole commits, never half of one.

    Not safe for several threads at once: the owner locks. What is read from it is changed by `put` only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tables: dict[str, dict[str, Row]] = {}
        self._lists: dict[str, deque[Any]] = {}
        self._pending: list[list[Any]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._replay()
        self._file = self._written()

    def table(self, name: str) -> dict[str, Row]:
        """All rows of a table by key, in the order in which they came."""
        return self._tables.setdefault(name, {})

    def series(self, name: str) -> deque[Any]:
        """A list that grows at its end; what the owner takes off its beginning stays off."""
        return self._lists.setdefault(name, deque())

    def put(self, table: str, key: str, row: Row) -> None:
        """Keep `row` under `key`, with the next commit."""
        self._change(["put", table, key, row])

    def cut(self, table: str, key: str) -> None:
        """Forget the row of `key`, with the next commit."""
        self._change(["cut", table, key])

    def add(self, name: str, value: Any) -> None:
        """Append to a list, with the next commit."""
        self._change(["add", name, value])

    def commit(self) -> None:
        """Append what has changed as one line."""
        if not self._pending:
            return
        self._file.write(json.dumps(self._pending, ensure_ascii=False) + "\n")
        self._file.flush()
        self._lines += 1
        self._pending = []
        if self._lines > 5000 + 4 * sum(len(rows) for rows in self._tables.values()):
            self._file.close()
            self._file = self._written()

    def clear(self) -> None:
        """Forget everything."""
        self._tables, self._lists, self._pending = {}, {}, []
        self._file.close()
        self._file = self._written()

    def close(self) -> None:
        self._file.close()

    def _change(self, change: list[Any]) -> None:
        self._apply(change)
        self._pending.append(change)

    def _apply(self, change: list[Any]) -> None:
        word, name, *given = change
        if word == "put":
            self.table(name)[given[0]] = given[1]
        elif word == "cut":
            self.table(name).pop(given[0], None)
        else:
            self.series(name).append(given[0])

    def _replay(self) -> None:
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                # A kill in the middle of a write leaves a last line without its end: that commit never was.
                if line.endswith("\n"):
                    for change in json.loads(line):
                        self._apply(change)

    def _written(self) -> TextIO:
        """The file, holding what is there now and nothing else, open for appending."""
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as target:
            for name, rows in self._tables.items():
                target.writelines(json.dumps([["put", name, key, row]], ensure_ascii=False) + "\n" for key, row in rows.items())
            for name, values in self._lists.items():
                target.write(json.dumps([["add", name, value] for value in values], ensure_ascii=False) + "\n")
        os.replace(fresh, self._path)
        self._lines = 0
        return self._path.open("a", encoding="utf-8")
