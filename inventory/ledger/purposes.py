"""What goods go out for and why they come in: by which movements each is booked (docs/ledger.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.models import BatchOrigin, IssuePurpose, MovementKind, ReceiptPurpose

ISSUED: Mapping[str, MovementKind] = {
    IssuePurpose.SALE: MovementKind.SALE,
    IssuePurpose.VENDOR_RETURN: MovementKind.VENDOR_RETURN,
    IssuePurpose.CONSUMPTION: MovementKind.CONSUMPTION,
    IssuePurpose.WASTAGE: MovementKind.WASTAGE,
    IssuePurpose.TRANSFER: MovementKind.SENT,
}
"""The movement out of a batch, by purpose."""

REVERSED: Mapping[str, MovementKind] = {
    purpose: MovementKind.SALE_REVERSAL if purpose == IssuePurpose.SALE else MovementKind.ISSUE_REVERSAL for purpose in IssuePurpose
}
"""The movement back to it."""

RECEIVED: Mapping[str, MovementKind] = {
    ReceiptPurpose.PURCHASE: MovementKind.RECEIPT,
    ReceiptPurpose.SALE_RETURN: MovementKind.SALE_RETURN,
    ReceiptPurpose.MANUFACTURE: MovementKind.MANUFACTURE,
    ReceiptPurpose.FOUND: MovementKind.FOUND,
    ReceiptPurpose.TRANSFER: MovementKind.ARRIVED,
}
"""The movement that fills a batch, by purpose."""

ORIGINS: Mapping[str, BatchOrigin] = {
    ReceiptPurpose.PURCHASE: BatchOrigin.PURCHASE,
    ReceiptPurpose.SALE_RETURN: BatchOrigin.RETURN,
    ReceiptPurpose.MANUFACTURE: BatchOrigin.MADE,
    ReceiptPurpose.FOUND: BatchOrigin.FOUND,
    ReceiptPurpose.TRANSFER: BatchOrigin.TRANSFER,
}
"""What such a batch is called."""

RIGHTS: Mapping[str, str] = {
    IssuePurpose.CONSUMPTION: "write_off.add",
    IssuePurpose.WASTAGE: "write_off.add",
    IssuePurpose.TRANSFER: "transfer.add",
    ReceiptPurpose.SALE_RETURN: "return.add",
}
"""What telling of such a purpose takes besides the right to tell of sales or purchases."""

ISSUES = tuple(ISSUED.values())
REVERSALS = (MovementKind.SALE_REVERSAL, MovementKind.ISSUE_REVERSAL)
RECEIPTS = tuple(RECEIVED.values())


def listed(*kinds: MovementKind) -> str:
    """These kinds for IN of a statement."""
    return f"({', '.join(repr(kind.value) for kind in kinds)})"


def issued_as(purpose: str) -> str:
    """SQL for the kind of movement that takes for the purpose in the column `purpose`."""
    return f"CASE {purpose} {' '.join(f'WHEN {str(each)!r} THEN {kind.value!r}' for each, kind in ISSUED.items())} END"
