"""The one door to stock that is kept here: every verb that changes batches and levels (docs/ledger.md)."""

from __future__ import annotations

from inventory.ledger.booking import Booking, booking
from inventory.ledger.changingpurchases import edit_purchase, void_purchase, void_rest
from inventory.ledger.changingsales import Cancelled, cancel_sale, edit_sale
from inventory.ledger.correction import Correction, write_corrections
from inventory.ledger.counters import Counters, Key
from inventory.ledger.opening import Opened, open_packs
from inventory.ledger.receiving import Received, receive
from inventory.ledger.returning import take_back
from inventory.ledger.selling import SalePreview, Sold, preview_sale, sell
from inventory.ledger.transferring import ReversedTransfer, reverse_transfer, transfer
from inventory.ledger.writingoff import ReversedWriteOff, reverse_write_off, write_off

__all__ = [
    "Booking",
    "Cancelled",
    "Correction",
    "Counters",
    "Key",
    "Opened",
    "Received",
    "ReversedTransfer",
    "ReversedWriteOff",
    "SalePreview",
    "Sold",
    "booking",
    "cancel_sale",
    "edit_purchase",
    "edit_sale",
    "open_packs",
    "preview_sale",
    "receive",
    "reverse_transfer",
    "reverse_write_off",
    "sell",
    "take_back",
    "transfer",
    "void_purchase",
    "void_rest",
    "write_corrections",
    "write_off",
]
