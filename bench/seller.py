"""A till beside a measurement: sells one piece after the other until its input is closed, and tells what the sales had to wait."""

from __future__ import annotations

import argparse
import json
import select
import sys
import time
from random import Random
from typing import Any

import django

LOCKS = "FOR NO KEY UPDATE"
FIRST = 20
"""Sales before the measurement begins: the program itself has to warm up."""


def main() -> int:
    """Print a line when it sells, and one JSON document at the end."""
    parser = argparse.ArgumentParser(prog="bench.seller")
    for name in ("--warehouse", "--first", "--products"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    django.setup()
    print(json.dumps(sell(given.warehouse, given.first, given.products)), flush=True)
    return 0


def sell(warehouse: int, first: int, products: int) -> dict[str, Any]:
    """Sell until told to stop: how many sales there were, the longest of them, and the longest wait for a level, in milliseconds."""
    from django.db import connection

    from accounts.acting import Actor
    from inventory import ledger
    from inventory.models import Product, Warehouse

    place = Warehouse.objects.select_related("account").get(pk=warehouse)
    owner = Actor.system(place.account, "Till")
    rng = Random(11)
    waits: list[float] = []
    sales: list[float] = []
    warm = False

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        began = time.perf_counter()
        found = execute(sql, *arguments)
        if LOCKS in sql:
            waits.append(time.perf_counter() - began)
        return found

    with connection.execute_wrapper(watch):
        while not select.select([sys.stdin], [], [], 0)[0] or not (warm and sales):
            product = Product.objects.get(pk=first + rng.randrange(products))
            began = time.perf_counter()
            ledger.sell(owner, product=product, warehouse=place, unit_kind="units", quantity=1)
            sales.append(time.perf_counter() - began)
            if len(sales) == FIRST and not warm:
                warm = True
                sales.clear()
                waits.clear()
                print("selling", flush=True)
    return {
        "sales": len(sales),
        "longestSaleMs": round(max(sales) * 1000, 1),
        "middleSaleMs": round(sorted(sales)[len(sales) // 2] * 1000, 1),
        "longestWaitMs": round(max(waits) * 1000, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
