"""A product with its other names, as the audit log tells of it, and one writer of products at a time."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from accounts.models import Account
from inventory.models import AliasKind, Product
from inventory.quantity import plain

COLUMNS = (
    "sku",
    "name",
    "product_type",
    "category",
    "vendor",
    "fractional",
    "unit_kind",
    "packs_per_pallet",
    "units_per_pack",
    "lead_time_days",
    "purchase_price",
    "sale_price",
    "batch_managed",
    "active",
    "reorder_excluded",
)
REFERENCES = ("category", "vendor")
NAMES = {"models": AliasKind.MODEL, "barcodes": AliasKind.BARCODE}
"""The kinds of other names by what they are called together."""


def described(product: Product, aliases: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The columns that people see, and the other names; `aliases` are pairs of kind and text.

    A reference is its id, with the name beside it; numbers are without trailing zeros.
    """
    pairs = list(aliases)
    names = {field: [text for each, text in pairs if each == kind] for field, kind in NAMES.items()}
    values: dict[str, Any] = {}
    for column in COLUMNS:
        value = getattr(product, column)
        if column in REFERENCES:
            values |= {column: value and value.pk, f"{column}_name": value.name if value else ""}
        else:
            values[column] = plain(value) if isinstance(value, Decimal) else value
    return {**values, **names}


def one_at_a_time(account: Account) -> None:
    """Hold the account's catalogue until the end of the transaction.

    SKUs are unique by hand and in imports, yet not in the database, as other systems may send two products with the same.
    """
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
