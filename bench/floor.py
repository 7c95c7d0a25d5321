"""The least that loading GE's lists can cost: fetched, decoded, staged, joined and upserted into the same indexed tables by bare SQL.

No validation, no verdicts, no change log, no sessions, no conflicts (docs/bench.md).
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urlsplit

UNITS = (
    "key varchar(140) PRIMARY KEY, serial text, serial_key text, model text, model_key text, quantity bigint, bucket text, status text, "
    "message text, load_number text, order_number text"
)
LOADS = (
    "key varchar(60) PRIMARY KEY, org text, units integer, notes text, scanned_at {moment}, submitted_at {moment}, order_number text, "
    "sale_status text, order_status text, pricing text, roster_units integer"
)
ROSTER = (
    "key varchar(140) PRIMARY KEY, load_number text, serial text, serial_key text, model text, model_key text, quantity bigint, ordc text"
)

Answers = dict[tuple[str, str], list[dict[str, Any]]]


@dataclass(frozen=True)
class Spent:
    """Seconds of one load, step by step, and the rows it wrote."""

    fetch: float
    decode: float
    stage: float
    upsert: float
    written: int

    @property
    def total(self) -> float:
        return self.fetch + self.load

    @property
    def load(self) -> float:
        """All but the fetching."""
        return self.decode + self.stage + self.upsert


class Floor:
    """Loads lists from a server into one database, by a connection that nothing stands before."""

    def __init__(self, raw: Any, *, base_url: str, token: str, org: str, account: int, warehouse: int) -> None:
        self._raw, self._account, self._warehouse = raw, account, warehouse
        self._address, self._token, self._org = urlsplit(base_url), token, org
        self._is_postgres = type(raw).__module__.startswith("psycopg")

    def load(self, wanted: Iterable[tuple[str, str]]) -> Spent:
        """Bring the tables in line with the lists `wanted` (feed and part)."""
        times = [time.perf_counter()]
        bodies = self._fetch(wanted)
        times.append(time.perf_counter())
        units, loads, roster = _rows({key: [row for body in pages for row in json.loads(body)["rows"]] for key, pages in bodies.items()})
        times.append(time.perf_counter())
        cursor = self._raw.cursor()
        staged(cursor, "floor_units", UNITS, units, is_postgres=self._is_postgres)
        staged(cursor, "floor_loads", LOADS, loads, is_postgres=self._is_postgres)
        staged(cursor, "floor_roster", ROSTER, roster, is_postgres=self._is_postgres)
        times.append(time.perf_counter())
        written = self._upsert(cursor, [part for feed, part in bodies if feed == "load:units"])
        for name in ("floor_units", "floor_loads", "floor_roster"):
            cursor.execute(f"DROP TABLE {name}")
        times.append(time.perf_counter())
        fetch, decode, stage, upsert = (after - before for before, after in pairwise(times))
        return Spent(fetch, decode, stage, upsert, written)

    def _fetch(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[bytes]]:
        http_ = http.client.HTTPConnection(self._address.hostname or "", self._address.port)
        found: dict[tuple[str, str], list[bytes]] = {}
        for feed, part in wanted:
            pages: list[bytes] = []
            cursor: str | None = ""
            while cursor is not None:
                http_.request("GET", self._path(feed, part, cursor), headers={"Authorization": f"Bearer {self._token}"})
                answer = http_.getresponse()
                body = answer.read()
                assert answer.status == 200, f"{feed} {part}: {answer.status}"
                pages.append(body)
                # Where the next page begins stands at the end of a page: read from there, the rows are decoded once only.
                _, mark, rest = body.rpartition(b'"next": "')
                cursor = rest.partition(b'"')[0].decode() if mark else None
            found[feed, part] = pages
        http_.close()
        return found

    def _path(self, feed: str, part: str, cursor: str) -> str:
        query = {"cursor": cursor} if cursor else {}
        if feed == "load:units":
            return f"{self._address.path}/loads/{part}/units?{urlencode(query)}"
        if feed.startswith("stock:"):
            return f"{self._address.path}/stock/{feed.removeprefix('stock:')}?{urlencode({'org': self._org, **query})}"
        return f"{self._address.path}/loads?{urlencode({'org': self._org, 'scope': feed.removeprefix('loads:'), **query})}"

    def _upsert(self, cursor: Any, read: Sequence[str]) -> int:
        differs = "IS DISTINCT FROM" if self._is_postgres else "IS NOT"
        now = datetime.now(UTC).isoformat(" ") if self._is_postgres else f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        rows = 0

        def run(sql: str) -> None:
            nonlocal rows
            cursor.execute(sql.replace("NOW", f"'{now}'").replace("<>", differs))
            rows += max(cursor.rowcount, 0)

        cursor.execute("BEGIN" if self._is_postgres else "BEGIN IMMEDIATE")
        for statement in _statements(self._account, self._warehouse, read):
            run(statement)
        cursor.execute("COMMIT")
        return rows


def staged(cursor: Any, name: str, columns: str, rows: Sequence[Sequence[Any]], *, is_postgres: bool) -> None:
    """Put `rows` into a new temporary table: by COPY, or by executemany where there is none."""
    cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns.format(moment='timestamptz' if is_postgres else 'text')})")
    if is_postgres:
        with cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {name}")
        return
    cursor.execute("SAVEPOINT stage")
    cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * (columns.count(',') + 1))})", rows)
    cursor.execute("RELEASE SAVEPOINT stage")


def _statements(account: int, place: int, read: Sequence[str]) -> list[str]:
    load_columns = ("org", "units", "notes", "scanned_at", "submitted_at", "order_number", "sale_status", "order_status", "pricing")
    blank = {name: ", ''" for name in load_columns if name not in ("units", "scanned_at", "submitted_at")}
    load_values = [f"COALESCE(s.{name}, t.{name}{blank.get(name, '')})" for name in load_columns]
    load_sets = [f"{name} = excluded.{name}" for name in (*load_columns, "roster_units")]
    load_differs = " OR ".join(f"(s.{name} IS NOT NULL AND s.{name} <> t.{name})" for name in (*load_columns, "roster_units"))
    roster_columns = ("serial", "serial_key", "model", "model_key", "quantity", "ordc")
    unit_columns = ("bucket", "status", "message", "quantity", "model", "model_key", "order_number")
    unit_sets = ", ".join(f"{name} = excluded.{name}" for name in unit_columns)
    unit_differs = " OR ".join(f"s.{name} <> t.{name}" for name in unit_columns)
    units = (
        "INSERT INTO inventory_unit (account_id, warehouse_id, serial, serial_key, model, model_key, quantity, bucket, origin, status, "
        "message, load_id, order_number, local_notes, first_seen_at) "
        f"SELECT {account}, {place}, s.serial, s.serial_key, s.model, s.model_key, s.quantity, s.bucket, "
        "CASE WHEN s.bucket <> 'STA' THEN s.bucket WHEN t.id IS NOT NULL THEN t.origin WHEN EXISTS (SELECT 1 FROM inventory_loadunit r "
        f"WHERE r.warehouse_id = {place} AND r.serial_key = s.serial_key) THEN 'ASIS' ELSE '' END, "
        "s.status, s.message, l.id, s.order_number, '', NOW "
        f"FROM floor_units s LEFT JOIN inventory_unit t ON t.warehouse_id = {place} AND t.stock_key = s.key "
        f"LEFT JOIN inventory_load l ON l.warehouse_id = {place} AND l.number = s.load_number "
        f"WHERE (t.id IS NULL OR t.gone_at IS NOT NULL OR t.load_id <> l.id OR {unit_differs}) AND s.serial_key IS {{}} NULL "
        f"ON CONFLICT {{}} DO UPDATE SET {unit_sets}, origin = excluded.origin, load_id = excluded.load_id, gone_at = NULL"
    )
    found = [
        f"INSERT INTO inventory_load (account_id, warehouse_id, number, {', '.join(load_columns)}, roster_units, roster_stale, "
        "friendly_name, colour, tagged, wrapped, pickup_to_be_announced, category, local_notes, sanity_check, "
        "sanity_checked_by, first_seen_at) "
        f"SELECT {account}, {place}, s.key, {', '.join(load_values)}, COALESCE(s.roster_units, t.roster_units), "
        "FALSE, '', '', FALSE, FALSE, FALSE, '', '', '', '', NOW FROM floor_loads s "
        f"LEFT JOIN inventory_load t ON t.warehouse_id = {place} AND t.number = s.key "
        f"WHERE t.id IS NULL OR t.not_reported_at IS NOT NULL OR {load_differs} "
        f"ON CONFLICT (warehouse_id, number) DO UPDATE SET {', '.join(load_sets)}, not_reported_at = NULL",
        f"UPDATE inventory_load SET not_reported_at = NOW WHERE warehouse_id = {place} AND not_reported_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM floor_loads s WHERE s.key = inventory_load.number)",
        f"INSERT INTO inventory_loadunit (account_id, warehouse_id, load_id, line_key, {', '.join(roster_columns)}) "
        f"SELECT {account}, {place}, l.id, s.key, {', '.join(f's.{name}' for name in roster_columns)} FROM floor_roster s "
        f"JOIN inventory_load l ON l.warehouse_id = {place} AND l.number = s.load_number "
        f"LEFT JOIN inventory_loadunit t ON t.warehouse_id = {place} AND t.line_key = s.key "
        f"WHERE t.id IS NULL OR {' OR '.join(f's.{name} <> t.{name}' for name in roster_columns)} "
        f"ON CONFLICT (warehouse_id, line_key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in roster_columns)}",
        units.format("NOT", "(warehouse_id, serial_key) WHERE serial_key IS NOT NULL"),
        units.format("", "(warehouse_id, bucket, model_key) WHERE serial_key IS NULL"),
        f"UPDATE inventory_unit SET gone_at = NOW WHERE warehouse_id = {place} AND gone_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM floor_units s WHERE s.key = inventory_unit.stock_key)",
    ]
    if read:
        numbers = ", ".join(f"'{number}'" for number in read)
        found.append(
            f"DELETE FROM inventory_loadunit WHERE warehouse_id = {place} "
            f"AND load_id IN (SELECT id FROM inventory_load WHERE warehouse_id = {place} AND number IN ({numbers})) "
            "AND NOT EXISTS (SELECT 1 FROM floor_roster s WHERE s.key = inventory_loadunit.line_key)"
        )
    return found


def _rows(answers: Answers) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What is staged of units, loads and rosters: repeats folded, a unit of two lists where the later of them says."""
    loads: dict[str, dict[str, Any]] = {}
    for feed in ("loads:history", "loads:open"):
        for row in answers[feed, ""]:
            loads.setdefault(row["loadNumber"], {}).update({name: value or "" for name, value in row.items()})
    roster: dict[str, tuple[Any, ...]] = {}
    pieces: dict[str, int] = {}
    of_serial: dict[str, str] = {}
    for (feed, number), rows in answers.items():
        if feed == "load:units":
            pieces[number] = sum(row["qty"] for row in rows)
            open_ = loads.get(number, {}).get("orderStatus") != "Delivered"
            for row in rows:
                serial, model = row["serial"] or "", row["model"] or ""
                key, model_key = serial.upper(), model.upper()
                line = f"{number} {key}" if key else f"{number} bulk {model_key}"
                quantity = row["qty"] * 1000 + (roster[line][6] if not key and line in roster else 0)
                roster[line] = (line, number, serial, key, model, model_key, quantity, row["ordc"] or "")
                if key and open_ and number > of_serial.get(key, ""):
                    of_serial[key] = number
    units: dict[str, tuple[Any, ...]] = {}
    for bucket in ("FG", "ASIS", "STA"):
        for row in answers[f"stock:{bucket}", ""]:
            serial, model = row["serial"] or "", row["model"] or ""
            key, model_key = serial.upper(), model.upper()
            stock_key = f"unit {key}" if key else f"bulk {bucket} {model_key}"
            quantity = 1000 if key else row["qty"] * 1000 + (units[stock_key][5] if stock_key in units else 0)
            load = of_serial.get(key)
            order = loads[load].get("orderNumber", "") if load else ""
            told = (row["status"] or "", row["message"] or "")
            units[stock_key] = (stock_key, serial, key or None, model, model_key, quantity, bucket, *told, load, order)
    staged_loads = [
        (
            number,
            row.get("org"),
            row.get("units"),
            row.get("notes"),
            *(row[name].replace("/", "-") if row.get(name) else None for name in ("scannedAt", "submittedAt")),
            *(row.get(name) for name in ("orderNumber", "saleStatus", "orderStatus", "pricing")),
            pieces.get(number),
        )
        for number, row in loads.items()
    ]
    return list(units.values()), staged_loads, list(roster.values())
