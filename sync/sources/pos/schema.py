"""Which tables and columns a till has, and whether they are enough. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sync.feedproblem import FeedProblem
from sync.sources.pos.system import BRANCHES, FEEDS, RETURNS, SALES

TABLES: Mapping[str, str] = {SALES: "INV_PointofSalesDetailTAB", RETURNS: "INV_SalesReturnDetailTAB", BRANCHES: "GEN_BranchTAB"}
LINE = ("BranchCode", "BillNo", "BarCode", "Quantity", "BillDate")
SERIAL, RECORDED = "SerialNo", "trDateTime"
NEEDED: Mapping[str, tuple[str, ...]] = {SALES: LINE, RETURNS: LINE, BRANCHES: ("BranchCode", "Branch")}
_NAMES = 15


@dataclass(frozen=True)
class Column:
    """A column as the database names it. `kind` is its type in small letters."""

    name: str
    kind: str
    nullable: bool

    @property
    def is_text(self) -> bool:
        return "char" in self.kind or "text" in self.kind or not self.kind


@dataclass(frozen=True)
class Shape:
    """What there is, by names in small letters: table, then column."""

    tables: Mapping[str, Mapping[str, Column]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, str]]) -> Shape:
        """From the rows of a dialect's `columns` statement."""
        tables: dict[str, dict[str, Column]] = {}
        for table, name, kind, nullable in rows:
            tables.setdefault(str(table).lower(), {})[str(name).lower()] = Column(str(name), str(kind).lower(), nullable != "NO")
        return cls(tables)

    def column(self, feed: str, name: str) -> Column | None:
        """A column of the feed's table, if there is one."""
        return self.tables.get(TABLES[feed].lower(), {}).get(name.lower())

    def has(self, feed: str, name: str) -> bool:
        return self.column(feed, name) is not None

    def check(self, feed: str) -> None:
        """Returns when the feed's table has what is needed. Raises FeedProblem naming what is missing."""
        table = self.tables.get(TABLES[feed].lower())
        what = FEEDS[feed].lower()
        if table is None:
            raise FeedProblem(
                "no_table",
                f"The till has no table dbo.{TABLES[feed]}, or its login may not read it: there are no {what} to read.",
                "Check the name of the database, and let the login SELECT from the table."
                + (" If the till has no such returns, switch them off in the settings." if feed == RETURNS else ""),
            )
        missing = [name for name in NEEDED[feed] if name.lower() not in table]
        if missing:
            names = ", ".join(f"“{name}”" for name in missing)
            there = ", ".join(column.name for column in list(table.values())[:_NAMES])
            more = f" and {len(table) - _NAMES} more" if len(table) > _NAMES else ""
            raise FeedProblem(
                "no_column",
                f"The till's table dbo.{TABLES[feed]} has no {names}. It has: {there}{more}.",
                "The till was changed or is another product. Nothing of the table is used until it is there again.",
            )
