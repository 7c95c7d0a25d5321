"""The tables of the till by their real names: in an SQLite file that is attached as `dbo`, or in a schema of that name."""

from __future__ import annotations

DETAIL, RETURNS, MASTER = "INV_PointofSalesDetailTAB", "INV_SalesReturnDetailTAB", "INV_PointofSalesMasterTAB"
ITEMS, BRANCHES = "INV_ItemTAB", "GEN_BranchTAB"

_LINE = (
    "BranchCode char(3), BillNo varchar(20), SerialNo int, BarCode varchar(30), Quantity decimal(18,3), BillDate {moment}, "
    "trDateTime {moment}, UserName varchar(40), Rate decimal(18,2), NetAmount decimal(18,2)"
)
COLUMNS = {
    DETAIL: _LINE,
    RETURNS: _LINE,
    MASTER: "BranchCode char(3), BillNo varchar(20), BillDate {moment}",
    ITEMS: "BarCode varchar(30), Item varchar(80), UnitCode varchar(10), LocationCode varchar(10), SupplierCode varchar(20)",
    BRANCHES: "BranchCode char(3), Branch varchar(80), Address1 varchar(120)",
}
"""No keys and nothing that must be given: tills have lines of which a part is missing, and some twice."""
LINE_NAMES = ("BranchCode", "BillNo", "SerialNo", "BarCode", "Quantity", "BillDate", "trDateTime", "UserName", "Rate", "NetAmount")


def statements(*, schema: str = "", moment: str = "datetime") -> list[str]:
    """What makes the tables and their indexes; `schema` with its dot, `moment` the type of dates with a time."""
    made = [f"CREATE TABLE {schema}{table} ({columns.format(moment=moment)})" for table, columns in COLUMNS.items()]
    for table in (DETAIL, RETURNS):
        made += [
            f"CREATE INDEX {table}_day ON {schema}{table} (BillDate)",
            f"CREATE INDEX {table}_key ON {schema}{table} (BranchCode, BillNo, SerialNo)",
            f"CREATE INDEX {table}_recorded ON {schema}{table} (trDateTime)",
        ]
    return made
