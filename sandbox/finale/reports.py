"""A report of stock and sales, as one was once laid out in Finale's screens."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from sandbox.exchange import Answer, Request, html_answer, json_answer
from sandbox.finale.account import stamp
from sandbox.finale.days import sold_since
from sandbox.finale.faults import LOGIN
from sandbox.finale.world import World
from sandbox.switches import Board

TITLES = ("Product ID", "Units\nQoH", "Sales last 30 days", "Sales last 90 days", "Supplier 1")


def answer(world: World, request: Request, board: Board, faults: list[str]) -> Answer:
    """In the format that is asked for: jsonObject, json or csv. The world's lock is held."""
    stale = board.take("stale_report", "report")
    if stale is not None:
        faults.append("stale_report")
        return Answer(200, b"", "application/json") if stale.way == "empty" else html_answer(LOGIN)
    rows = _rows(world)
    match request.query.get("format", ""):
        case "jsonObject":
            return json_answer([dict(zip(TITLES, row, strict=True)) for row in rows])
        case "json":
            return json_answer([{"master_variables": {}, "data": [TITLES, *([str(cell) for cell in row] for row in rows)]}])
        case "csv":
            text = io.StringIO()
            csv.writer(text).writerows([TITLES, *rows])
            return Answer(200, text.getvalue().encode(), "text/csv; charset=utf-8")
    return Answer(400, b"There is no such format here.")


def _rows(world: World) -> list[tuple[object, ...]]:
    sold = [sold_since(world, stamp(world.now() - timedelta(days=days))) for days in (30, 90)]
    rows: list[tuple[object, ...]] = []
    for record in world.products.all():
        url = record["productUrl"]
        party = next((world.parties.record(entry["supplierPartyUrl"]) for entry in record["supplierList"]), None)
        counts = [each[url] for each in sold]
        on_hand = world.stock.totals(url).on_hand / 1000
        rows.append((record["productId"], f"{on_hand:g}", *(f"{count:g}" for count in counts), party["groupName"] if party else ""))
    return rows
