"""The least that keeping Odoo's stock moves can cost: the same answers fetched, decoded, staged, joined and upserted by bare SQL.

Moves as they are kept here, with their whole record. No validation, no products and warehouses looked up, no change log, nothing booked
(docs/bench.md).
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from bench.floor import Spent, staged
from bench.upserts import Upserts
from sandbox.odoo.keys import DATABASE, KEY
from sync.models import FactKind, FactState, SourceFact

MOVES = (
    "key varchar(180) PRIMARY KEY, feed text, kind text, product_there text, place_there text, place_to_there text, quantity bigint, "
    "happened_at {moment}, day date, document text, raw text, changed_upstream_at {moment}"
)
_SAID = [column.split()[0] for column in MOVES.split(", ")][1:]
_KINDS = {
    ("supplier", "internal"): ("purchases", FactKind.PURCHASE),
    ("internal", "supplier"): ("vendor_returns", FactKind.VENDOR_RETURN),
    ("internal", "internal"): ("transfers", FactKind.TRANSFER),
    ("internal", "inventory"): ("adjustments", FactKind.WASTAGE),
    ("inventory", "internal"): ("adjustments", FactKind.FOUND),
    ("internal", "production"): ("manufacturing", FactKind.CONSUMPTION),
}

Asked = tuple[str, dict[str, Any]]
"""A model, and what is asked of it."""


class OdooFloor(Upserts):
    """Keeps moves of the stand-in at `address`."""

    def __init__(self, raw: Any, *, address: str, account: int, connection: int) -> None:
        super().__init__(raw, account=account, connection=connection)
        self._address = urlsplit(address)

    def load(self, asked: Collection[Asked]) -> Spent:
        """Bring the table in line with the answers to what was `asked`."""
        times = [time.perf_counter()]
        bodies = self._fetch(asked)
        times.append(time.perf_counter())
        moves = self._moves(bodies)
        times.append(time.perf_counter())
        cursor = self.raw.cursor()
        staged(cursor, "floor_moves", MOVES, moves, is_postgres=self.is_postgres)
        times.append(time.perf_counter())
        cursor.execute("BEGIN" if self.is_postgres else "BEGIN IMMEDIATE")
        values = {name: f"s.{name}" for name in _SAID} | {"state": f"'{FactState.HISTORY}'"}
        written = self.run(cursor, self.upsert(SourceFact, "floor_moves", "external_id", values))
        cursor.execute("COMMIT")
        cursor.execute("DROP TABLE floor_moves")
        times.append(time.perf_counter())
        fetch, decode, stage, upsert = (after - before for before, after in pairwise(times))
        return Spent(fetch, decode, stage, upsert, written)

    def _fetch(self, asked: Iterable[Asked]) -> list[tuple[str, bytes]]:
        line = http.client.HTTPConnection(self._address.hostname or "", self._address.port)
        headers = {"Authorization": f"Bearer {KEY}", "X-Odoo-Database": DATABASE, "Content-Type": "application/json"}
        found = []
        for model, given in asked:
            line.request("POST", f"{self._address.path}/json/2/{model}/search_read", json.dumps(given), headers)
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200, f"{model}: {answer.status}"
            found.append((model, body))
        line.close()
        return found

    def _moves(self, bodies: Iterable[tuple[str, bytes]]) -> list[tuple[Any, ...]]:
        zone = "+00" if self.is_postgres else ""
        found = []
        for model, body in bodies:
            rows = json.loads(body, parse_float=str)
            for row in rows if model == "stock.move" else ():
                left, came = row["location_usage"], row["location_dest_usage"]
                done = float(row["quantity"]) * float(row["product_qty"]) / float(row["product_uom_qty"])
                found.append(
                    (
                        f"odoo:move:{row['id']}",
                        *_KINDS[left, came],
                        f"product:{row['product_id'][0]}",
                        f"location:{row['location_id'][0]}" if left == "internal" else "",
                        f"location:{row['location_dest_id'][0]}" if came == "internal" else "",
                        round(done * 1000),
                        f"{row['date']}{zone}",
                        row["date"][:10],
                        row["reference"] or "",
                        json.dumps(row),
                        f"{row['write_date']}{zone}",
                    )
                )
        return found
