"""Products by their SKU and warehouses by their code, as they are typed on a command line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Account
from inventory.keys import sku_key
from inventory.management.stock.exits import ERROR
from inventory.models import Product, Warehouse


def narrowing(parser: ArgumentParser) -> None:
    """The options that narrow what is looked at."""
    parser.add_argument("--product", metavar="SKU", help="only this product")
    parser.add_argument("--warehouse", metavar="CODE", help="only this warehouse")


def chosen(account: Account, options: dict[str, Any]) -> dict[str, Any]:
    """The product and the warehouse that are meant, None where none is named. Raises CommandError for what is not there."""
    return {"product": product_called(account, options["product"]), "warehouse": warehouse_called(account, options["warehouse"])}


def product_called(account: Account, sku: str | None) -> Product | None:
    """The only product with this SKU. Raises CommandError when there is none, or several."""
    if sku is None:
        return None
    found = list(Product.objects.filter(account=account, sku_key=sku_key(sku))[:2])
    if len(found) == 1:
        return found[0]
    raise CommandError(f"{account} has {'several products' if found else 'no product'} with the SKU “{sku}”.", returncode=ERROR)


def warehouse_called(account: Account, code: str | None) -> Warehouse | None:
    """The warehouse with this code. Raises CommandError naming those there are."""
    if code is None:
        return None
    warehouses = Warehouse.objects.filter(account=account)
    found = warehouses.filter(code=code).first()
    if found is None:
        codes = ", ".join(warehouses.order_by("code").values_list("code", flat=True)[:20]) or "none"
        raise CommandError(f"{account} has no warehouse “{code}”. There are: {codes}.", returncode=ERROR)
    return found
