"""The dealer's lists as GE's spreadsheets: BIFF8 with every cell as text, and CSV with every field in quotes."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlwt

from sandbox.ge.world import ORG, World

Row = dict[str, Any]

STOCK_COLUMNS = {
    "model": "Model #",
    "serial": "Serial #",
    "qty": "Inv Qty",
    "status": "Availability Status",
    "message": "Availability Message",
}
OPEN_COLUMNS = {"loadNumber": "Load Number", "units": "Units", "notes": "Notes", "scannedAt": "Scanned Date/Time", "saleStatus": "Status"}
HISTORY_COLUMNS = {
    "org": "Inv Org",
    "loadNumber": "Load Number",
    "submittedAt": "Submitted Date",
    "orderNumber": "CSO",
    "saleStatus": "Status",
    "pricing": "Pricing",
    "orderStatus": "CSO Status",
    "units": "Units",
}
ROSTER_COLUMNS = {"ordc": "ORDC", "model": "MODELS", "serial": "SERIALS", "qty": "QTY", "loadNumber": "LOAD NUMBER"}
SHEETS = {"stock": "ERP On Hand Qty", "loads:open": "ASISLoadData", "loads:history": "ASISReportHistoryData"}


@dataclass
class Document:
    """One feed: its columns (JSON name to GE's heading), its rows under the JSON names, and the footer where there is one."""

    kind: str
    columns: dict[str, str]
    rows: list[Row]
    totals: dict[str, int] | None = None


def stock(world: World, bucket: str) -> Document:
    """On-hand rows of one subinventory, serials first, with the Total footer."""
    rows: list[Row] = [_stock_row(unit.model, unit.serial, 1, unit.reserved) for unit in world.units.values() if unit.bucket == bucket]
    lines = [_stock_row(line.model, "", line.quantity, line.reserved) for line in world.bulk if line.bucket == bucket]
    return counted(Document(f"stock:{bucket}", STOCK_COLUMNS, rows + lines))


def counted(document: Document) -> Document:
    """The stock document with a footer that fits its rows, repeats included."""
    serials = sum(bool(row["serial"]) for row in document.rows)
    pieces = sum(row["qty"] for row in document.rows if not row["serial"])
    return Document(document.kind, document.columns, document.rows, {"serialCount": serials, "bulkUnits": pieces})


def _stock_row(model: str, serial: str, quantity: int, reserved: bool) -> Row:
    return {
        "model": model,
        "serial": serial,
        "qty": quantity,
        "status": "Reserved" if reserved else "Available",
        "message": "Not Available" if reserved else "",
    }


def open_loads(world: World) -> Document:
    """The loads for sale."""
    rows: list[Row] = [
        {"loadNumber": load.number, "units": load.units, "notes": load.notes, "scannedAt": stamp(load.scanned_at), "saleStatus": load.sale}
        for load in world.loads.values()
        if load.sale == "FOR SALE"
    ]
    return Document("loads:open", OPEN_COLUMNS, rows)


def load_history(world: World) -> Document:
    """Every load, newest first."""
    rows: list[Row] = [
        {
            "org": ORG,
            "loadNumber": load.number,
            "submittedAt": stamp(load.submitted_at),
            "orderNumber": load.order,
            "saleStatus": load.sale,
            "pricing": load.pricing,
            "orderStatus": load.order_status,
            "units": load.units,
        }
        for load in world.loads.values()
    ]
    return Document("loads:history", HISTORY_COLUMNS, rows)


def roster(world: World, number: str) -> Document:
    """The units load `number` was built from; headings only for a load that isn't there, as GE answers."""
    built_from = world.loads[number].roster if number in world.loads else ()
    rows: list[Row] = [
        {"ordc": ORG, "model": row.model, "serial": row.serial, "qty": row.quantity, "loadNumber": number} for row in built_from
    ]
    return Document("load:units", ROSTER_COLUMNS, rows)


def document(world: World, kind: str, load: str = "") -> Document:
    """The document of one feed."""
    if kind.startswith("stock:"):
        return stock(world, kind.removeprefix("stock:"))
    if kind == "load:units":
        return roster(world, load)
    return open_loads(world) if kind == "loads:open" else load_history(world)


def stamp(moment: datetime | None) -> str:
    """A time as GE prints it; blank for none."""
    return f"{moment:%Y/%m/%d %H:%M:%S}" if moment else ""


def table(source: Document) -> list[list[str]]:
    """The rows as the spreadsheet shows them: headings, cells as text, footer."""
    lines = [list(source.columns.values())]
    for row in source.rows:
        cells = dict(row)
        if source.kind.startswith("stock:") and row.get("serial"):
            cells["qty"] = ""
        lines.append([str(cells[name]) for name in source.columns])
    if source.totals is not None:
        footer = {"model": "Total", "serial": str(source.totals["serialCount"]), "qty": str(source.totals["bulkUnits"])}
        lines.append([footer.get(name, "") for name in source.columns])
    return lines


def xls(source: Document) -> bytes:
    """An Excel 97 workbook (OLE2, BIFF8) with one sheet."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(SHEETS["stock" if source.kind.startswith("stock:") else source.kind])
    for number, line in enumerate(table(source)):
        for column, text in enumerate(line):
            sheet.write(number, column, text)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_text(source: Document) -> bytes:
    """Comma separated, every field in double quotes, LF line ends."""
    target = io.StringIO()
    csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table(source))
    return target.getvalue().encode()
