"""The till as one system of the sandbox: on the control page only, since it speaks SQL and not HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from sandbox.exchange import Answer, Feed, Request, html_answer
from sandbox.journal import Journal
from sandbox.switches import Board
from sandbox.system import Action, ActionError, Table
from sandbox.till import faults
from sandbox.till.demo import business, demo
from sandbox.till.tables import BRANCHES, DETAIL, RETURNS
from sandbox.till.world import Till

FILE = "till.sqlite3"
FOLDER = "till"


class TillSystem:
    """The tills of a grocer with four counters."""

    name = "till"
    title = "Till, an SQLite file"
    feeds: tuple[str, ...] = ()
    actions: Sequence[Action] = (
        Action("business", "An hour's business", ("bills",), "Bills of now, one in each branch or so many."),
        Action("sell", "Sell", ("branch", "barcode", "quantity"), "One line. A negative quantity is brought back on a bill."),
        Action("return", "Take back", ("branch", "barcode", "quantity"), "A sales return of one line."),
        Action("void", "Void", ("bill", "line"), "A bill or one line of it is not there any more; the newest one unless named."),
        Action("correct", "Correct", ("bill", "line", "quantity"), "Another quantity."),
        Action("late", "Type in a late bill", ("days",), "Of so many days ago; 2 unless given."),
        Action("odd", "Odd lines", (), "One line of each kind that can't be booked as it is."),
        Action("clock_ahead", "A clock that is a day ahead", (), "Sells something tomorrow."),
        Action("lock", "Lock the file", ("seconds",), "Nobody can read it for so long; 20 seconds unless given."),
        Action("rename", "Rename a column", ("column", "to"), "Quantity to Qty unless given; the other way round mends it."),
        Action("reset", "Start again"),
    )

    def __init__(self, folder: Path, *, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or (lambda: datetime.now(UTC).replace(tzinfo=None, microsecond=0))
        self.journal = Journal()
        self.board = Board({}, [], lambda: None)
        path = folder / FOLDER / FILE
        is_new = not path.exists()
        self.till = Till(path)
        if is_new:
            demo(self.till, self._now())

    def feed(self, request: Request) -> Feed | None:
        """None: nobody reads a till over HTTP."""
        return None

    def answer(self, request: Request, faults: list[str]) -> Answer:
        """Nothing."""
        return html_answer("<h1>A till is read by SQL</h1>", 404)

    def overview(self) -> dict[str, Any]:
        """How much there is."""
        bills = self.till.rows(f"SELECT COUNT(DISTINCT BranchCode || '/' || BillNo), MAX(BillDate) FROM {DETAIL}")[0]
        return {
            "file": str(self.till.path),
            "lines": self.till.count(),
            "bills": bills[0],
            "newest": bills[1] or "",
            "returns": self.till.count(RETURNS),
            "branches": self.till.count(BRANCHES),
        }

    def rows(self, table: str) -> list[dict[str, Any]] | None:
        """lines, returns or branches."""
        named = {"lines": DETAIL, "returns": RETURNS, "branches": BRANCHES}.get(table)
        if named is None:
            return None
        with self.till.open() as raw:
            cursor = raw.execute(f"SELECT * FROM {named}")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def tables(self) -> Sequence[Table]:
        """The newest lines."""
        columns = ("BranchCode", "BillNo", "SerialNo", "BarCode", "Quantity", "BillDate")
        try:
            newest = self.till.rows(f"SELECT {', '.join(columns)} FROM {DETAIL} ORDER BY rowid DESC LIMIT {Table.SHOWN}")
        except sqlite3.OperationalError as error:
            return (Table("Lines", ("Problem",), [(str(error),)], 1),)
        return (Table("Lines", columns, newest, self.till.count(), folded=True),)

    def act(self, action: str, arguments: Mapping[str, Any]) -> None:
        """One of `actions`. Raises ActionError."""
        given = {name: str(value).strip() for name, value in arguments.items() if str(value or "").strip()}
        now = self._now()
        match action:
            case "business":
                business_now(self.till, now, round(_number(given, "bills", 4)))
            case "sell" | "return":
                line = (given.get("barcode", "8964000100024"), _number(given, "quantity", 1))
                self.till.sell(given.get("branch", "001"), [line], now, returned=action == "return")
            case "void":
                self.till.void(given.get("bill") or self._newest(), _line(given))
            case "correct":
                self.till.change(given.get("bill") or self._newest(), _line(given), Quantity=_number(given, "quantity", 5))
            case "late":
                faults.late_bill(self.till, now, round(_number(given, "days", 2)))
            case "odd":
                faults.odd_lines(self.till, now)
            case "clock_ahead":
                faults.clock_ahead(self.till, now)
            case "lock":
                faults.locked(self.till, min(_number(given, "seconds", 20), 600))
            case "rename":
                self.till.rename(_name(given, "column", "Quantity"), _name(given, "to", "Qty"))
            case "reset":
                self.till.path.unlink()
                self.till = Till(self.till.path)
                demo(self.till, now)
            case _:
                raise ActionError(f"The till has no action “{action}”.")

    def _newest(self) -> str:
        found = self.till.rows(f"SELECT BillNo FROM {DETAIL} WHERE BillNo IS NOT NULL ORDER BY rowid DESC LIMIT 1")
        if not found:
            raise ActionError("Nothing was sold yet.")
        return str(found[0][0])

    def close(self) -> None:
        """Nothing is held open."""


def business_now(till: Till, now: datetime, bills: int) -> None:
    """Bills of this minute, in turn in every branch."""
    rng = Random(till.count())
    made = 0
    while made < min(bills, 500):
        made += business(till, now.replace(hour=0, minute=0, second=0), until=now, rng=rng, share=1 / 16) or _at_once(till, now, rng)


def _at_once(till: Till, now: datetime, rng: Random) -> int:
    """Before the shops open somebody buys something all the same."""
    till.sell("001", [("8964000100024", rng.randint(1, 3))], now)
    return 1


def _number(given: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(given.get(name, default))
    except ValueError as error:
        raise ActionError(f"“{given[name]}” is no number.") from error


def _line(given: Mapping[str, str]) -> int | None:
    return round(_number(given, "line", 0)) if "line" in given else None


def _name(given: Mapping[str, str], key: str, default: str) -> str:
    name = given.get(key, default)
    if not name.isidentifier():
        raise ActionError(f"“{name}” is no name of a column.")
    return name
