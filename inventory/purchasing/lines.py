"""Lines of purchase orders as people and suggestions give them: each is read, and no product is on an order twice in one unit kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Account
from inventory.ledger.facts import kind_of, money_of, quantity_of, text_of
from inventory.ledgerwords import amount
from inventory.models import Product, PurchaseOrderLine
from inventory.texts import line as plain_line

MOST_LINES = 2_000
PROBLEMS_SHOWN = 50
USUAL: Any = object()
"""The price that the product says, where it is ordered in what it is counted in; else unknown."""


@dataclass(frozen=True)
class OrderedLine:
    """So much of a product that is to be bought. Without a `unit_kind` it is counted as the product is.

    `unit_price` is of one, None is unknown. `vendor_code` is the vendor's own number of the product, `basis` what the quantity was argued
    with, as JSON can hold it.
    """

    product: Product
    quantity: Any
    unit_kind: str = ""
    unit_price: Any = USUAL
    vendor_code: str = ""
    basis: Mapping[str, Any] = field(default_factory=dict)


def rows_of(account: Account, given: Sequence[OrderedLine]) -> list[PurchaseOrderLine]:
    """The lines, not stored yet and without their order, in one query. Raises ValidationError with a sentence for each that is wrong.

    Raises Product.DoesNotExist for a product of another account.
    """
    if len(given) > MOST_LINES:
        raise ValidationError({"lines": f"A purchase order has at most {MOST_LINES:,} lines, not {len(given):,}."})
    products = Product.objects.filter(account=account).in_bulk([line.product.pk for line in given])
    rows, wrong = [], []
    first: dict[tuple[int, str], int] = {}
    for number, line in enumerate(given, 1):
        product = products.get(line.product.pk)
        if product is None:
            raise Product.DoesNotExist(f"There is no product {line.product.pk} in this business account.")
        try:
            row = row_of(product, line)
        except ValidationError as error:
            wrong += sentences(f"Line {number}, {product.sku}", error)
            continue
        before = first.setdefault((product.pk, row.unit_kind), number)
        if before != number:
            wrong.append(f"Line {number}: {row.unit_kind} of {product} are on line {before} already. Enter their sum once.")
        rows.append(row)
    refuse(wrong)
    return rows


def row_of(product: Product, given: OrderedLine) -> PurchaseOrderLine:
    """One line, not stored yet. Raises ValidationError naming a field."""
    kind = kind_of(given.unit_kind or product.unit_kind)
    price = given.unit_price
    if price is USUAL:
        price = product.purchase_price if kind == product.unit_kind else None
    return PurchaseOrderLine(
        account_id=product.account_id,
        product=product,
        unit_kind=kind,
        quantity=quantity_of(product, given.quantity),
        unit_price=price_of(price),
        vendor_code=text_of(plain_line("vendor_code", given.vendor_code), "vendor_code", 80),
        basis=dict(given.basis),
    )


def price_of(value: Any) -> Decimal | None:
    """A price of one, or None where it is unknown. Raises ValidationError naming the field."""
    return None if value in (None, "") else money_of(value, "unit_price")


def sentences(place: str, error: ValidationError) -> list[str]:
    """What is wrong with a line, each sentence after the place of the line and the name of the field."""
    return [f"{place}, {name}: {sentence}" for name, said in error.message_dict.items() for sentence in said]


def refuse(wrong: Sequence[str]) -> None:
    """Raises ValidationError for `lines` where there is anything wrong."""
    if wrong:
        more = len(wrong) - PROBLEMS_SHOWN
        raise ValidationError({"lines": [*wrong[:PROBLEMS_SHOWN], *([f"{more} more lines are wrong."] if more > 0 else [])]})


def told(rows: Iterable[PurchaseOrderLine]) -> list[dict[str, Any]]:
    """Lines as the audit log keeps them."""
    return [
        {"line": row.pk, "sku": row.product.sku, "ordered": amount(row.quantity, row.unit_kind), "unit_price": row.unit_price}
        for row in rows
    ]
