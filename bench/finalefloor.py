"""The least that loading Finale's answers can cost: fetched, decoded, staged, joined and upserted into the same tables by bare SQL.

Catalogue and stock, as said and as products and levels here. No validation, no held rows, no change log, no movements, no reorder points,
barcodes, suppliers or supply; orders and shipments are fetched and decoded only (docs/bench.md).
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.floor import Spent, staged
from bench.upserts import Upserts
from inventory.models import Level, Product, Warehouse
from sandbox.finale.keys import ACCOUNT, AUTHORIZATION
from sync.models import ProductRef, StockRef
from sync.sources.finale.filters import PURCHASE_ORDER, encoded, ranges
from sync.sources.finale.shapes import SHAPES
from sync.sources.finale.windows import Window

PRODUCTS = (
    "key varchar(300) PRIMARY KEY, sku text, sku_key text, name text, active boolean, barcode text, barcode_key text, category text, "
    "cost text, lead_time_days integer, packing text, vendor_id_there text, suppliers text, guidelines text, changed_upstream_at {moment}"
)
STOCK = (
    "key varchar(610) PRIMARY KEY, product_id_there varchar(300), place_id_there varchar(300), sku text, on_hand bigint, reserved bigint, "
    "on_order bigint"
)
PLACES = "key varchar(300) PRIMARY KEY, location varchar(300), name text"
CUT = 115_000
OF_PRODUCTS = (
    *("productUrl", "productId", "internalName", "statusId", "universalProductCode", "userCategory", "cost", "leadTime"),
    *("normalizedPackingString", "supplierList", "reorderGuidelineList", "lastUpdatedDate"),
)
OF_STOCK = ("productUrl", "facilityUrl", "productId", "quantityOnHand", "quantityReserved", "quantityOnOrder")
_PRODUCT = [column.split()[0] for column in PRODUCTS.split(", ")][1:]
_AMOUNTS = ("on_hand", "reserved", "on_order")

Body = tuple[str, str, bytes]


class FinaleFloor(Upserts):
    """Loads answers of the stand-in at `address` into the database behind `raw`, a connection that nothing stands before."""

    def __init__(self, raw: Any, *, address: str, account: int, connection: int) -> None:
        super().__init__(raw, account=account, connection=connection)
        self._address = urlsplit(address)

    def load(self, asked: Collection[tuple[str, str]]) -> Spent:
        """Bring the tables in line with the answers `asked` for (feed and part)."""
        times = [time.perf_counter()]
        bodies = self._fetch(asked)
        times.append(time.perf_counter())
        products, stock, places = _rows(bodies)
        times.append(time.perf_counter())
        cursor = self.raw.cursor()
        tables = {"floor_products": (PRODUCTS, products), "floor_stock": (STOCK, stock), "floor_places": (PLACES, places)}
        for name, (columns, rows) in tables.items():
            staged(cursor, name, columns, rows, is_postgres=self.is_postgres)
        times.append(time.perf_counter())
        cursor.execute("BEGIN" if self.is_postgres else "BEGIN IMMEDIATE")
        written = sum(self.run(cursor, sql) for sql in self._statements(complete=any(feed == "products" for feed, _ in asked)))
        cursor.execute("COMMIT")
        for name in tables:
            cursor.execute(f"DROP TABLE {name}")
        times.append(time.perf_counter())
        fetch, decode, stage, upsert = (after - before for before, after in pairwise(times))
        return Spent(fetch, decode, stage, upsert, written)

    def _fetch(self, asked: Iterable[tuple[str, str]]) -> list[Body]:
        line = http.client.HTTPConnection(self._address.hostname or "", self._address.port)
        found = []
        for feed, part in asked:
            exactly = {"orderTypeId": PURCHASE_ORDER} if feed == "orders" else {}
            query = f"?{urlencode({'filter': encoded(ranges(Window.of(part), **exactly))})}" if part else ""
            path = f"{self._address.path}/{ACCOUNT}/api/{SHAPES[feed].resource}/{query}"
            line.request("GET", path, headers={"Authorization": AUTHORIZATION, "Accept": "application/json"})
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200, f"{feed} {part}: {answer.status}"
            found.append((feed, part, body))
        line.close()
        return found

    def _statements(self, *, complete: bool) -> list[str]:
        ref, stock, product, level = (f'"{model._meta.db_table}"' for model in (ProductRef, StockRef, Product, Level))
        mine = f"{self._connection}"
        found = []
        if complete:
            price = "CAST(NULLIF(s.cost, '') AS numeric)"
            wanted = {"sku": "s.sku", "sku_key": "s.sku_key", "name": "s.name", "active": "s.active", "purchase_price": price}
            wanted["lead_time_days"] = "s.lead_time_days"
            found += [
                self.upsert(ProductRef, "floor_products", "external_id", {name: f"s.{name}" for name in _PRODUCT}),
                self.gone(ref, "floor_products", "external_id"),
                self.insert(
                    Product,
                    wanted,
                    f"FROM floor_products s JOIN {ref} r ON r.connection_id = {mine} AND r.external_id = s.key WHERE r.product_id IS NULL",
                ),
                *([f"ANALYZE {ref}", f"ANALYZE {product}"] if self.is_postgres else []),
                f"UPDATE {ref} AS r SET product_id = p.id FROM {product} p WHERE r.connection_id = {mine} AND r.product_id IS NULL "
                f"AND p.account_id = {self._account} AND p.sku_key = r.sku_key",
                f"UPDATE {product} AS p SET {', '.join(f'{name} = {value}' for name, value in wanted.items())}, updated_at = {self.now} "
                f"FROM floor_products s JOIN {ref} r ON r.connection_id = {mine} AND r.external_id = s.key WHERE p.id = r.product_id "
                f"AND ({' OR '.join(f'p.{name} {self.differs} {value}' for name, value in wanted.items())})",
            ]
        warehouse = f'"{Warehouse._meta.db_table}"'
        known = f"SELECT 1 FROM {warehouse} w WHERE w.account_id = {self._account} AND w.code = s.key"
        sums = ", ".join(f"SUM(t.{name}) AS {name}" for name in _AMOUNTS)
        levels = {"product_id": "n.product_id", "warehouse_id": "n.warehouse_id", "units": "n.on_hand", "reserved_units": "n.reserved"}
        levels |= {"on_order_units": "n.on_order"}
        counters = ("units", "reserved_units", "on_order_units")
        # Levels are joined from tables that were filled a moment ago: without new statistics PostgreSQL would take them for empty.
        analyzed = [f"ANALYZE {table}" for table in (ref, stock, product)] if self.is_postgres else []
        return [
            *found,
            self.upsert(
                StockRef, "floor_stock", "key", {name: f"s.{name}" for name in ("sku", *_AMOUNTS, "product_id_there", "place_id_there")}
            ),
            self.gone(stock, "floor_stock", "key"),
            *analyzed,
            self.insert(
                Warehouse, {"name": "s.name", "code": "s.key"}, f"FROM floor_places s WHERE s.location = s.key AND NOT EXISTS ({known})"
            ),
            self.insert(
                Level,
                levels,
                f"FROM (SELECT r.product_id AS product_id, w.id AS warehouse_id, {sums} FROM {stock} t JOIN {ref} r "
                "ON r.connection_id = t.connection_id AND r.external_id = t.product_id_there "
                f"JOIN floor_places f ON f.key = t.place_id_there JOIN {warehouse} w "
                f"ON w.account_id = {self._account} AND w.code = f.location "
                f"WHERE t.connection_id = {mine} AND t.gone_at IS NULL GROUP BY r.product_id, w.id) n "
                f"LEFT JOIN {level} l ON l.product_id = n.product_id AND l.warehouse_id = n.warehouse_id "
                "WHERE l.id IS NULL OR l.units <> n.on_hand OR l.reserved_units <> n.reserved OR l.on_order_units <> n.on_order",
            )
            + f" ON CONFLICT (product_id, warehouse_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in counters)}",
        ]


def _rows(bodies: Iterable[Body]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What is staged of products, stock and places: of products the newest answers that were not cut, stock added up."""
    products: dict[str, tuple[Any, ...]] = {}
    stock: dict[str, list[Any]] = {}
    places = []
    for feed, _part, body in bodies:
        answer = json.loads(body, parse_float=str)
        if feed == "products" and len(answer.get("productUrl", ())) < CUT:
            for url, sku, name, status, barcode, category, cost, lead, packing, suppliers, points, changed in zip(
                *(answer.get(column, ()) for column in OF_PRODUCTS), strict=True
            ):
                main = suppliers[0] if suppliers else {}
                days = main.get("leadTime") or lead
                text, code = str(cost or ""), barcode or ""
                products[url] = (
                    *(url, sku, sku.upper(), name or "", status == "PRODUCT_ACTIVE", code, code.upper(), category or ""),
                    *("" if text == "0" else text, int(days) if days else None, packing or "", main.get("supplierPartyUrl", "")),
                    *(json.dumps(suppliers) if suppliers else "[]", json.dumps(points) if points else "", f"{changed}Z"),
                )
        elif feed == "stock":
            for url, place, sku, *amounts in zip(*(answer[column] for column in OF_STOCK), strict=True):
                row = stock.setdefault(f"{url} {place}", [url, place, sku, 0, 0, 0])
                for number, amount in enumerate(amounts, 3):
                    if amount:
                        row[number] += round(float(amount) * 1000)
        elif feed == "places":
            found = zip(answer["facilityUrl"], answer["parentFacilityUrl"], answer["facilityName"], strict=True)
            places += [(url, parent or url, name) for url, parent, name in found]
    return list(products.values()), [(key, *row) for key, row in stock.items()], places
