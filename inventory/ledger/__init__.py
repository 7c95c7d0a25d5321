"""The one door to stock that is kept here: every verb that changes batches and levels (docs/ledger.md)."""

from __future__ import annotations

from inventory.ledger.booking import Booking, booking
from inventory.ledger.changingpurchases import edit_purchase, void_purchase, void_rest
from inventory.ledger.changingsales import Cancelled, cancel_sale, edit_sale
from inventory.ledger.correction import Correction, write_corrections
from inventory.ledger.counters import Counters, Key
from inventory.ledger.opening import Opened, open_packs
from inventory.ledger.receiving import Received, receive
from inventory.ledger.selling import SalePreview, Sold, preview_sale, sell

__all__ = [
    "Booking",
    "Cancelled",
    "Correction",
    "Counters",
    "Key",
    "Opened",
    "Received",
    "SalePreview",
    "Sold",
    "booking",
    "cancel_sale",
    "edit_purchase",
    "edit_sale",
    "open_packs",
    "preview_sale",
    "receive",
    "sell",
    "void_purchase",
    "void_rest",
    "write_corrections",
]
