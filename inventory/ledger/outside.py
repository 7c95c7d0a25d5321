"""What only the outside system that tells of it may change: the two sides of a transfer belong together (docs/ledger.md)."""

from __future__ import annotations

from inventory.errors import ToldOutside
from inventory.models import IssuePurpose, Purchase, ReceiptPurpose, Sale


def check_sale(sale: Sale) -> None:
    """Raises ToldOutside for goods that were sent by a transfer."""
    if sale.purpose == IssuePurpose.TRANSFER:
        raise _told(sale)


def check_purchase(purchase: Purchase) -> None:
    """Raises ToldOutside for goods that arrived by a transfer."""
    if purchase.purpose == ReceiptPurpose.TRANSFER:
        raise _told(purchase)


def _told(document: Sale | Purchase) -> ToldOutside:
    return ToldOutside(
        f"{document} is one side of a transfer that an outside system tells of, so how much it is stays as it is told.",
        hint="Correct the transfer where it comes from; it is read again. What is really there is put right by a count.",
    )
