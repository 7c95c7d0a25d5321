"""The one door to stock that is kept here: every verb that changes batches and levels (docs/ledger.md)."""

from __future__ import annotations

from inventory.ledger.approving import approve_count
from inventory.ledger.booking import Booking, booking
from inventory.ledger.bulkfacts import BulkOutcome, PurchaseFact, SaleFact, TransferFact
from inventory.ledger.bulkpieces import beyond
from inventory.ledger.bulkreceiving import receive_many
from inventory.ledger.bulkselling import sell_many
from inventory.ledger.bulktransferring import transfer_many
from inventory.ledger.changingpurchases import edit_purchase, void_purchase, void_rest
from inventory.ledger.changingsales import Cancelled, cancel_sale, edit_sale
from inventory.ledger.correction import Correction, write_corrections
from inventory.ledger.countedlines import CountedLine
from inventory.ledger.counters import Counters, Key
from inventory.ledger.countimport import read_count_file
from inventory.ledger.counting import add_count_line, change_count_line, enter_count, reject_count, remove_count_line
from inventory.ledger.locking import lock_levels
from inventory.ledger.opening import Opened, open_packs
from inventory.ledger.receiving import receive
from inventory.ledger.returning import take_back
from inventory.ledger.selling import SalePreview, Sold, preview_sale, sell
from inventory.ledger.takingin import Goods, Received, take_in
from inventory.ledger.transferring import ReversedTransfer, reverse_transfer, transfer
from inventory.ledger.writingoff import ReversedWriteOff, reverse_write_off, write_off

__all__ = [
    "Booking",
    "BulkOutcome",
    "Cancelled",
    "Correction",
    "CountedLine",
    "Counters",
    "Goods",
    "Key",
    "Opened",
    "PurchaseFact",
    "Received",
    "ReversedTransfer",
    "ReversedWriteOff",
    "SaleFact",
    "SalePreview",
    "Sold",
    "TransferFact",
    "add_count_line",
    "approve_count",
    "beyond",
    "booking",
    "cancel_sale",
    "change_count_line",
    "edit_purchase",
    "edit_sale",
    "enter_count",
    "lock_levels",
    "open_packs",
    "preview_sale",
    "read_count_file",
    "receive",
    "receive_many",
    "reject_count",
    "remove_count_line",
    "reverse_transfer",
    "reverse_write_off",
    "sell",
    "sell_many",
    "take_back",
    "take_in",
    "transfer",
    "transfer_many",
    "void_purchase",
    "void_rest",
    "write_corrections",
    "write_off",
]
