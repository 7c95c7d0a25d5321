"""Builders of GE's files: the stock lists, the load lists and the rosters, as XLS, XLSX and CSV bytes.

Every value is invented: organisation 7QX, models QTX…, serials ZZ……. A row is a tuple of texts in the order of its header.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import openpyxl
import xlwt
from openpyxl.cell import WriteOnlyCell

Row = tuple[str, ...]

STOCK = ("Model #", "Serial #", "Inv Qty", "Availability Status", "Availability Message")
LOADS_OPEN = ("Load Number", "Units", "Notes", "Scanned Date/Time", "Status")
LOADS_HISTORY = ("Inv Org", "Load Number", "Submitted Date", "CSO", "Status", "Pricing", "CSO Status", "Units")
ROSTER = ("ORDC", "MODELS", "SERIALS", "QTY", "LOAD NUMBER")

STOCK_SHEET = "ERP On Hand Qty"
OPEN_SHEET = "ASISLoadData"
HISTORY_SHEET = "ASISReportHistoryData"

FOR_SALE_LOAD = "7QX20260203091500"
PICKED_LOAD = "7QX20260120140000"
DELIVERED_LOAD = "7QX20251201080000"


def unit(model: str, serial: str, status: str = "Available") -> Row:
    """A stock row of one unit; Reserved brings its message with it."""
    return (model, serial, "", status, "Not Available" if status == "Reserved" else "")


def bulk(model: str, quantity: int | str, status: str = "Available") -> Row:
    """A stock row of pieces without serials."""
    return (model, "", str(quantity), status, "Not Available" if status == "Reserved" else "")


def total(serials: int | str, pieces: int | str) -> Row:
    """The last row of a stock list."""
    return ("Total", str(serials), str(pieces), "", "")


def counted(rows: Iterable[Row]) -> Row:
    """The Total row that fits `rows`, repeats included."""
    lines = list(rows)
    return total(sum(1 for row in lines if row[1]), sum(int(row[2]) for row in lines if not row[1]))


def on_hand(quantity: int, *, first: int = 1, status: str = "Available") -> list[Row]:
    """`quantity` different units in the order of their serials: ZZ000001, ZZ000002, …"""
    return [unit(f"QTX{number % 40:02d}FRIDGE", f"ZZ{number:06d}", status) for number in range(first, first + quantity)]


def xls(header: Row, rows: Iterable[Sequence[object]], sheet: str = STOCK_SHEET) -> bytes:
    """A binary Excel 97 workbook (OLE2, BIFF8) with one sheet."""
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(sheet)
    for number, line in enumerate([header, *rows]):
        for column, value in enumerate(line):
            page.write(number, column, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xlsx(header: Row, rows: Iterable[Sequence[object]], sheet: str = STOCK_SHEET) -> bytes:
    """An Excel workbook of today (zip, XML) with one sheet; texts stay texts, also those that begin with `=`."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)

    def cell(value: object) -> object:
        if not (isinstance(value, str) and value.startswith(("=", "#"))):
            return value
        text = WriteOnlyCell(page, value)
        text.data_type = "s"
        return text

    for line in [header, *rows]:
        page.append([cell(value) for value in line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_bytes(
    header: Row, rows: Iterable[Sequence[object]], *, delimiter: str = ",", line_end: str = "\n", encoding: str = "utf-8"
) -> bytes:
    """Separated values, every field in double quotes."""
    target = io.StringIO()
    csv.writer(target, quoting=csv.QUOTE_ALL, delimiter=delimiter, lineterminator=line_end).writerows([header, *rows])
    return target.getvalue().encode(encoding)


Footer = bool | Row
"""True: the Total row that fits the rows. False: none. A row: this one."""


def stock_rows(rows: Iterable[Row], footer: Footer = True) -> list[Row]:
    """The rows of a stock list with its footer."""
    lines = list(rows)
    if isinstance(footer, tuple):
        return [*lines, footer]
    return [*lines, counted(lines)] if footer else lines


def stock_xls(rows: Iterable[Row], footer: Footer = True) -> bytes:
    """A stock list as GE exports it."""
    return xls(STOCK, stock_rows(rows, footer))


def stock_xlsx(rows: Iterable[Row], footer: Footer = True) -> bytes:
    """A stock list saved again by a newer Excel."""
    return xlsx(STOCK, stock_rows(rows, footer))


def stock_csv(rows: Iterable[Row], footer: Footer = True) -> bytes:
    """A stock list as CSV."""
    return csv_bytes(STOCK, stock_rows(rows, footer))


def for_sale(number: str, units: int = 2, notes: str = "", scanned: str = "2026/02/03 09:15:00") -> Row:
    """A row of the list of loads for sale."""
    return (number, str(units), notes, scanned, "FOR SALE")


def load(
    number: str, status: str = "FOR SALE", *, cso: str = "", cso_status: str = "", units: int = 2, submitted: str = "", pricing: str = ""
) -> Row:
    """A row of the load history."""
    return ("7QX", number, submitted, cso, status, pricing, cso_status, str(units))


def listed(number: str, model: str, serial: str, quantity: int | str = 1) -> Row:
    """A row of a roster."""
    return ("7QX", model, serial, str(quantity), number)


def loads_xls(rows: Iterable[Row], *, history: bool = False) -> bytes:
    """The list of loads for sale, or the load history, as GE exports it."""
    return xls(LOADS_HISTORY, rows, HISTORY_SHEET) if history else xls(LOADS_OPEN, rows, OPEN_SHEET)


def roster_csv(rows: Iterable[Row]) -> bytes:
    """The units of one load as GE exports them."""
    return csv_bytes(ROSTER, rows)


ROSTERS: dict[str, list[Row]] = {
    FOR_SALE_LOAD: [listed(FOR_SALE_LOAD, "QTX10FRIDGE", "ZZ900101"), listed(FOR_SALE_LOAD, "QTX20WASHER", "ZZ900102")],
    PICKED_LOAD: [listed(PICKED_LOAD, "QTX30RANGE", "ZZ900202"), listed(PICKED_LOAD, "QTX30RANGE", "ZZ900103")],
    DELIVERED_LOAD: [listed(DELIVERED_LOAD, "QTX20WASHER", "ZZ900301"), listed(DELIVERED_LOAD, "QTX10FRIDGE", "ZZ900101")],
}

SOLD_LOADS: list[Row] = [
    load(PICKED_LOAD, "SOLD", cso="9000000001", cso_status="Picked", submitted="2026/01/28 10:02:11", pricing="MODEL"),
    load(DELIVERED_LOAD, "SOLD", cso="9000000002", cso_status="Delivered", submitted="2025/12/09 16:40:00"),
]

DAY_ONE: dict[str, list[Row]] = {
    "FG": [unit("QTX10FRIDGE", "ZZ900001"), unit("QTX20WASHER", "ZZ900002"), bulk("QTXPARTKIT", 4)],
    "ASIS": [
        unit("QTX10FRIDGE", "ZZ900101"),
        unit("QTX20WASHER", "ZZ900102"),
        unit("QTX30RANGE", "ZZ900103", "Reserved"),
        unit("QTX40HOOD", "ZZ900104-AD1"),
        bulk("QTXTRIMKIT", 5),
    ],
    "STA": [unit("QTX10FRIDGE", "ZZ900201", "Reserved"), unit("QTX30RANGE", "ZZ900202", "Reserved"), bulk("QTXPARTKIT", 8, "Reserved")],
}

NEXT_DAY: dict[str, list[Row]] = {
    "FG": [unit("QTX10FRIDGE", "ZZ900001"), bulk("QTXPARTKIT", 4)],
    "ASIS": [unit("QTX40HOOD", "ZZ900104-AD1"), bulk("QTXTRIMKIT", 5)],
    "STA": [
        unit("QTX30RANGE", "ZZ900202", "Reserved"),
        unit("QTX10FRIDGE", "ZZ900101", "Reserved"),
        unit("QTX20WASHER", "ZZ900102", "Reserved"),
        unit("QTX30RANGE", "ZZ900103", "Reserved"),
        unit("QTX20WASHER", "ZZ900002", "Reserved"),
        bulk("QTXPARTKIT", 8, "Reserved"),
    ],
}


def documents(
    stock: dict[str, list[Row]], loads_open: list[Row], loads_history: list[Row], rosters: dict[str, list[Row]]
) -> dict[str, bytes]:
    """Every file of one day by feed kind; rosters under `load:units:<number>`."""
    files = {f"stock:{bucket}": stock_xls(rows) for bucket, rows in stock.items()}
    files["loads:open"] = loads_xls(loads_open)
    files["loads:history"] = loads_xls(loads_history, history=True)
    return files | {f"load:units:{number}": roster_csv(rows) for number, rows in rosters.items()}


def day_one() -> dict[str, bytes]:
    """A small warehouse: 8 units with serials, 3 bulk lines, 3 loads (for sale, picked, delivered)."""
    return documents(DAY_ONE, [for_sale(FOR_SALE_LOAD, notes="LETTER K")], [load(FOR_SALE_LOAD), *SOLD_LOADS], ROSTERS)


def next_day() -> dict[str, bytes]:
    """The day after: ZZ900101 to ZZ900103 went from ASIS to STA, ZZ900002 from FG to STA, ZZ900201 left; the load for sale is picked."""
    sold = load(FOR_SALE_LOAD, "SOLD", cso="9000000003", cso_status="Picked", submitted="2026/02/04 08:30:00")
    return documents(NEXT_DAY, [], [sold, *SOLD_LOADS], ROSTERS)


def next_day_with_sta_cut() -> dict[str, bytes]:
    """The day after with a STA list that announces 5 serials and holds 4."""
    rows = NEXT_DAY["STA"]
    return next_day() | {"stock:STA": stock_xls([*rows[:4], rows[5]], footer=counted(rows))}


SIGN_IN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>User name</form></body></html>\n"
"""What an expired session answers instead of a list."""
