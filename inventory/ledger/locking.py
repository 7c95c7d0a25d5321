"""Which levels a transaction holds. Always in the order of their keys, so that two can wait for each other but never in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.ledger.counters import Key
from inventory.models import Level, Product, Warehouse
from inventory.models.warehouse import WarehouseMode


def lock(account: Account, keys: Iterable[Key]) -> tuple[dict[Key, Level], set[Key]]:
    """The levels of `keys`, locked until the end of the transaction, and which of them there were none of and were made.

    Raises Product.DoesNotExist and Warehouse.DoesNotExist for what the account does not have.
    """
    asked = set(keys)
    wanted = sorted(asked)
    rows = Level.objects.filter(among(wanted), account=account)
    known = {Key(*pair) for pair in rows.order_by().values_list("product_id", "warehouse_id")}
    made = asked - known
    if made:
        # Before anything is locked: whoever waits here for the same new row holds nothing that others wait for.
        make(account, sorted(made))
    in_order = rows.select_for_update(no_key=True).order_by("product_id", "warehouse_id")
    held = dict(_by_key(in_order))
    while gone := asked - held.keys():
        # Somebody deleted a product or a warehouse, with its levels, after they were seen: `make` does not find it then.
        make(account, sorted(gone))
        made |= gone
        held = dict(_by_key(in_order.all()))
    return {key: level for key, level in held.items() if key in asked}, made


def lock_levels(account: Account, keys: Iterable[Key]) -> None:
    """Lock the levels of all these keys until the end of the caller's transaction, in the one order, and make those that are missing.

    For a transaction that books by several verbs, each of which locks only what it touches. Keys whose product or warehouse is not the
    account's are left out.
    """
    wanted = set(keys)
    products = set(Product.objects.filter(account=account, pk__in={key.product_id for key in wanted}).values_list("pk", flat=True))
    places = set(Warehouse.objects.filter(account=account, pk__in={key.warehouse_id for key in wanted}).values_list("pk", flat=True))
    lock(account, {key for key in wanted if key.product_id in products and key.warehouse_id in places})


def among(keys: Iterable[Key]) -> Q:
    """The rows of these keys, for any model with product and warehouse."""
    places: dict[int, list[int]] = {}
    for key in keys:
        places.setdefault(key.warehouse_id, []).append(key.product_id)
    found = Q(pk__in=[])
    for warehouse, products in places.items():
        found |= Q(warehouse=warehouse, product__in=products)
    return found


def make(account: Account, keys: list[Key]) -> None:
    """Levels of nothing for these keys; one that somebody else makes at the same time is left as it is. Raises as `lock` does."""
    warehouses = Warehouse.objects.filter(account=account).in_bulk({key.warehouse_id for key in keys})
    products = set(Product.objects.filter(account=account, pk__in={key.product_id for key in keys}).values_list("pk", flat=True))
    for key in keys:
        if key.product_id not in products:
            raise Product.DoesNotExist(f"There is no product {key.product_id} in this business account.")
        if key.warehouse_id not in warehouses:
            raise Warehouse.DoesNotExist(f"There is no warehouse {key.warehouse_id} in this business account.")
    Level.objects.bulk_create(
        [
            Level(
                account=account,
                product_id=key.product_id,
                warehouse_id=key.warehouse_id,
                ledger=warehouses[key.warehouse_id].mode == WarehouseMode.LEDGER,
                changed_at=Now(),
            )
            for key in keys
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def _by_key(levels: Iterable[Level]) -> Iterator[tuple[Key, Level]]:
    for level in levels:
        yield Key(level.product_id, level.warehouse_id), level
