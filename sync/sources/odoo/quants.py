"""How much of what Odoo has in a warehouse at this moment, read beside the feeds (docs/odoo.md, “Counts”)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal

from inventory.quantity import from_thousandths
from sync.models import Connection
from sync.references.places import warehouses_of
from sync.sources.odoo import mapping
from sync.sources.odoo.client import Client
from sync.sources.odoo.pages import Domain, Fetched, Row
from sync.sources.odoo.said import LOCATION, PRODUCT

FEED = "quants"
MODEL = "stock.quant"


def locations_of(connection: Connection, warehouse: int) -> list[int]:
    """The numbers there of the locations that count and whose stock is in a warehouse here."""
    found = warehouses_of(connection).items()
    return sorted(int(there.removeprefix(LOCATION)) for there, number in found if number == warehouse and there.startswith(LOCATION))


def part_of(warehouse: int, products: Collection[str]) -> str:
    """How the quantities of some products in a warehouse are called among a run's documents: the same for the same. Pure."""
    told = hashlib.sha256(",".join(sorted(products)).encode()).hexdigest()[:24]
    return f"{warehouse}/{told}"


def fetch(client: Client, part: str, locations: Collection[int], products: Collection[str]) -> Fetched:
    """The quantities, as a document of a run. Raises as the client does."""
    asked_at = datetime.now(UTC)
    found = read(client, locations, products)
    body = json.dumps({there: str(quantity) for there, quantity in sorted(found.items())}).encode()
    return Fetched(FEED, part, body, asked_at, client.api, {"rows": len(found)})


def told(body: bytes) -> dict[str, Decimal]:
    """What a document of `fetch` says: quantity by the product's external id. Pure."""
    return {there: Decimal(quantity) for there, quantity in json.loads(body).items()}


def read(client: Client, locations: Collection[int], products: Collection[str] | None = None) -> dict[str, Decimal]:
    """The quantity of each product over these locations, in the product's own unit, by its external id; of all where none are named.

    One of which there is nothing is left out, unless it was named. Raises as the client does.
    """
    condition: Domain = [["location_id", "in", sorted(locations)]]
    if products is not None:
        condition.append(["product_id", "in", sorted(int(there.removeprefix(PRODUCT)) for there in products)])
    rows: list[Row] = []
    after, limit = 0, client.options.page_rows
    while True:
        page = client.search_read(MODEL, condition, after_id=after, limit=limit)
        rows += page
        if len(page) < limit:
            return sums(rows, products or ())
        after = page[-1]["id"]


def sums(rows: Iterable[Row], products: Collection[str] = ()) -> dict[str, Decimal]:
    """Quants added up by product; of those that are named, nothing is zero. Less than nothing is nothing. Pure."""
    found: dict[str, int] = dict.fromkeys(products, 0)
    for row in rows:
        said = mapping.quant(row)
        if said is not None:
            found[said.product_id_there] = found.get(said.product_id_there, 0) + said.on_hand
    return {there: from_thousandths(max(quantity, 0)) for there, quantity in found.items() if quantity > 0 or there in products}
