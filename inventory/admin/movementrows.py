"""Movements as lines of a table: what, who, when, why, and what they left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.safestring import SafeString

from inventory.history import Line
from inventory.ledgerwords import MOVEMENTS, amount, document_link, movement_page, signed
from inventory.marks import Mark
from inventory.models import Cause, Movement, MovementKind
from inventory.wording import NOTHING, moment

LATE = timedelta(minutes=5)
"""What was booked later than this after it happened shows both times."""

SELF_EXPLAINED = {
    MovementKind.RECEIPT: Cause.PURCHASE_CREATION,
    MovementKind.SALE: Cause.SALE_CREATION,
    MovementKind.EXPIRY: Cause.BATCH_EXPIRY,
    MovementKind.WRITE_OFF: Cause.WRITE_OFF,
    MovementKind.RETURN: Cause.CUSTOMER_RETURN,
}
"""Kinds of which this cause says nothing more."""


@dataclass(frozen=True)
class Row:
    """`then` is how much there was after it; `change` and `then` are of the unit kind of the movement."""

    movement: Movement
    link: str
    what: Mark
    booked: datetime
    happened: str
    change: str
    tone: str
    then: str
    why: str
    document: SafeString | str
    who: str


def rows(lines: Iterable[Line]) -> list[Row]:
    """Each line with the counter after it."""
    return [_row(line, line.movement.level_delta, line.balance) for line in lines]


def batch_rows(lines: Iterable[Line], left: Decimal) -> list[Row]:
    """Lines of one batch, newest first, with what was left of it after each; `left` is that after the first of them."""
    found = []
    for line in lines:
        found.append(_row(line, line.movement.batch_delta, left))
        left -= line.movement.batch_delta
    return found


def what(movement: Movement) -> Mark:
    return MOVEMENTS[MovementKind(movement.kind)]


def tone(delta: Decimal) -> str:
    """The stylesheet's word for a change."""
    return "ls-more" if delta > 0 else "ls-less" if delta < 0 else ""


def why(movement: Movement) -> str:
    """The cause in words, and what else is known of it."""
    kind = MovementKind(movement.kind)
    said = [] if SELF_EXPLAINED.get(kind) == movement.cause else [movement.get_cause_display()]
    if movement.found_on_write:
        said = [f"Found when something else was booked ({movement.get_cause_display().lower()})"]
    if movement.reason:
        said.append(movement.reason)
    return ". ".join(said)


def change(movement: Movement, delta: Decimal) -> str:
    """The change in words; of a correction, what was found and what it was set to."""
    kind = movement.unit_kind
    if movement.kind == MovementKind.CORRECTION:
        found, right = movement.level_after - movement.drift, movement.level_after
        return f"found {amount(found, kind)}, set right to {amount(right, kind)} ({signed(movement.drift)})"
    if delta:
        return f"{signed(delta)} {amount(delta, kind).split(' ', 1)[1]}"
    if movement.level_delta:
        return f"{signed(movement.level_delta)} in the counter; the batch keeps them"
    if movement.batch_delta:
        return f"{signed(movement.batch_delta)} in an expired batch; the counter stays"
    return NOTHING


def _row(line: Line, delta: Decimal, then: Decimal) -> Row:
    movement = line.movement
    late = abs(movement.booked_at - movement.happened_at) > LATE
    return Row(
        movement,
        movement_page(movement),
        what(movement),
        movement.booked_at,
        moment(movement.happened_at) if late else "",
        change(movement, delta),
        tone(delta),
        amount(then, movement.unit_kind),
        why(movement),
        document_link(line.document),
        line.who,
    )
