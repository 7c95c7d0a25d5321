"""Which column of its batch a movement changes (docs/ledger.md). Pure."""

from __future__ import annotations

from decimal import Decimal

from inventory.ledger.purposes import ISSUES, RECEIPTS, REVERSALS
from inventory.models import MovementKind

INCOMING = ("received", "gained")
OUTGOING = ("sold", "written_off", "moved_out", "broken", "voided")

_OUT = {
    **dict.fromkeys((*ISSUES, *REVERSALS), "sold"),
    MovementKind.WRITE_OFF: "written_off",
    MovementKind.COUNT_LOSS: "written_off",
    MovementKind.TRANSFER_OUT: "moved_out",
    MovementKind.RECEIPT_VOID: "voided",
}
_IN = {
    **dict.fromkeys(RECEIPTS, "received"),
    MovementKind.RECEIPT_EDIT: "received",
    MovementKind.RETURN: "received",
    MovementKind.COUNT_GAIN: "gained",
}
_BY_SIGN = {
    MovementKind.TRANSFER_IN: ("received", "voided"),
    MovementKind.UNIT_BREAK: ("received", "broken"),
}
UNMOVED = (MovementKind.EXPIRY, MovementKind.EXPIRY_LIFTED, MovementKind.SNAPSHOT, MovementKind.CORRECTION)
"""Kinds that leave the quantities of batches alone."""


def column_of(kind: str, batch_delta: Decimal) -> tuple[str, Decimal]:
    """The column that a movement of `kind` changes, and by how much: a positive delta adds to what came in or takes from what went out.

    Raises KeyError for a kind that moves no batch.
    """
    named = MovementKind(kind)
    if named in _OUT:
        return _OUT[named], -batch_delta
    if named in _BY_SIGN:
        incoming, outgoing = _BY_SIGN[named]
        return (incoming, batch_delta) if batch_delta > 0 else (outgoing, -batch_delta)
    return _IN[named], batch_delta
