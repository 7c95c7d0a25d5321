"""Many quantities in one call: how they are written, and what each answer says. Pure (docs/brickowl.md).

Only quantities: one client met batches with more in them that were answered well and not done at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from marketplaces.errors import LotNotThere
from marketplaces.lots import RemoteLot
from marketplaces.providers.brickowl.values import whole
from sync.wire.errors import Refused, WireError

MOST = 50
PATH = "inventory/update"

Judge = Callable[[Any, int, str], WireError | None]
"""What a part of an answer, its HTTP status and the path of its call mean."""


class Outcome(StrEnum):
    DONE = "done"  # Read back: the lot has that quantity.
    NOT_THERE = "not_there"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # Not confirmed; the same quantity may be set again, orders being read before.
    NOT_SENT = "not_sent"


@dataclass(frozen=True)
class Written:
    """What became of one lot's quantity. `lot` is what the shop shows now, where it was read back."""

    outcome: Outcome
    sentence: str = ""
    lot: RemoteLot | None = None


def parts(quantities: Mapping[str, int]) -> Iterator[Sequence[tuple[str, int]]]:
    """As many lots as fit into a call, then the next."""
    pairs = list(quantities.items())
    for start in range(0, len(pairs), MOST):
        yield pairs[start : start + MOST]


def form(part: Sequence[tuple[str, int]]) -> dict[str, str]:
    """The form of one call: JSON text of an object, and in it a list of one object for the parameters of each."""
    requests = [
        {"endpoint": PATH, "request_method": "POST", "params": [{"lot_id": lot_id, "absolute_quantity": quantity}]}
        for lot_id, quantity in part
    ]
    return {"requests": json.dumps({"requests": requests}, separators=(",", ":"))}


def outcomes(answer: Any, part: Sequence[tuple[str, int]], judge: Judge) -> dict[str, Written]:
    """What the answer to a call says of each of its lots; of those that it does not speak of, nothing is known."""
    entries = answer.get("responses") if isinstance(answer, dict) else answer
    # More answers than questions can't be told apart.
    if not isinstance(entries, list) or len(entries) > len(part):
        entries = []
    padded = [*entries, *[None] * (len(part) - len(entries))]
    return {lot_id: outcome(entry, judge) for (lot_id, _), entry in zip(part, padded, strict=True)}


def outcome(entry: Any, judge: Judge) -> Written:
    """What one entry of an answer says, in either form: as the call's own answer, or wrapped with its status."""
    if not isinstance(entry, dict):
        return Written(Outcome.UNKNOWN)
    status = whole(entry["status_code"]) if "status_code" in entry else 200
    body = entry.get("body", entry)
    error = judge(body, status, PATH)
    if isinstance(error, LotNotThere):
        return Written(Outcome.NOT_THERE, error.sentence)
    if isinstance(error, Refused):
        return Written(Outcome.REFUSED, error.sentence)
    if error is not None or not 200 <= status < 300:
        return Written(Outcome.UNKNOWN, error.sentence if error else f"Brick Owl answered {status}.")
    word = str(body.get("status", "success")) if isinstance(body, dict) else "success" if body in (None, "", []) else ""
    return Written(Outcome.DONE if word.lower() == "success" else Outcome.UNKNOWN)


def confirmed(said: Written, asked: int, lot: RemoteLot | None) -> Written:
    """What the lot, read back, makes of what was said: only what is seen was done."""
    if lot is None:
        return Written(Outcome.NOT_THERE, said.sentence or "Brick Owl has no such lot.")
    if lot.quantity == asked and said.outcome in (Outcome.DONE, Outcome.UNKNOWN):
        return Written(Outcome.DONE, lot=lot)
    if said.outcome is Outcome.DONE:
        return Written(Outcome.UNKNOWN, f"Brick Owl said it was done, and shows {lot.quantity} instead of {asked}.", lot)
    return Written(said.outcome, said.sentence, lot)
