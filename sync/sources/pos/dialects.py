"""How the databases that a till may be in differ. Pure: the statements themselves are the same (docs/till.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sync.sources.pos.system import POSTGRESQL, SQLITE, SQLSERVER


@dataclass(frozen=True)
class Dialect:
    """One kind of database.

    `placeholder` is what stands for a parameter, `page` limits a statement to so many rows, `day` is what is sent for a day's midnight.
    `first` and `last` keep a range of days that has no beginning or no end to what can be read as a day.
    `today` asks for the server's own day; None where there is no server. `columns` asks for the table, name, type and “YES” or “NO” for
    nullable of each column in schema dbo.
    """

    key: str
    placeholder: str
    page: str
    day: Callable[[date], Any]
    today: str | None
    columns: str
    first: str = ""
    last: str = ""

    def text(self, statement: str) -> str:
        """`statement`, written with %s, in this dialect."""
        return statement.replace("%s", self.placeholder)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


_COLUMNS = (
    "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS "
    "WHERE TABLE_SCHEMA = 'dbo' ORDER BY TABLE_NAME, ORDINAL_POSITION"
)
_FETCH = "OFFSET 0 ROWS FETCH NEXT {rows} ROWS ONLY"

DIALECTS: Mapping[str, Dialect] = {
    dialect.key: dialect
    for dialect in (
        # Typed parameters: a text would be read by the language of the login (2026-07-01 as the 7th of January).
        Dialect(SQLSERVER, "%s", _FETCH, _midnight, "SELECT CAST(GETDATE() AS date)", _COLUMNS),
        Dialect(
            POSTGRESQL,
            "%s",
            _FETCH,
            _midnight,
            "SELECT CURRENT_DATE",
            _COLUMNS,
            first="d.BillDate >= '0001-01-01'",
            last="d.BillDate < '10000-01-01'",
        ),
        Dialect(
            SQLITE,
            "?",
            "LIMIT {rows}",
            date.isoformat,
            None,
            "SELECT m.name, p.name, p.type, CASE WHEN p.\"notnull\" = 1 OR p.pk > 0 THEN 'NO' ELSE 'YES' END "
            "FROM dbo.sqlite_master m JOIN pragma_table_info(m.name, 'dbo') p WHERE m.type IN ('table', 'view') ORDER BY m.name, p.cid",
        ),
    )
}
