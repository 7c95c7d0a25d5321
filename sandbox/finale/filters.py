"""The `filter` of a call: base64 of a JSON object of closed ranges. What Finale does not accept is refused here, with a sentence."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.finale.records import STAMP, Columns, Records

WIDEST = timedelta(days=30)
Range = tuple[Any, Any]


class NotAccepted(ValueError):
    """A filter that is answered with 400; the message says why."""


def ranges(given: str) -> dict[str, Range]:
    """The ranges by field. Standard base64 in one line, with or without its padding. Raises NotAccepted."""
    try:
        decoded = json.loads(base64.b64decode(given + "=" * (-len(given) % 4), validate=True))
    except (binascii.Error, ValueError) as error:
        raise NotAccepted("The filter is no base64 of a JSON object.") from error
    if not isinstance(decoded, dict):
        raise NotAccepted("The filter is no JSON object.")
    for name, value in decoded.items():
        if not isinstance(value, list) or len(value) != 2:
            raise NotAccepted(f"The filter of {name} needs a lower and an upper value.")
    return {name: (value[0], value[1]) for name, value in decoded.items()}


def window(wanted: Mapping[str, Range], now: datetime) -> tuple[str, str] | None:
    """The bounds of STAMP as texts without a zone; None where it is not asked for. Raises NotAccepted when they are too far apart."""
    if STAMP not in wanted:
        return None
    lower, upper = wanted[STAMP]
    if not lower:
        raise NotAccepted(f"{STAMP} needs a lower bound.")
    first, last = _moment(lower), _moment(upper) if upper else now
    if last - first > WIDEST:
        raise NotAccepted(f"The range of {STAMP} is wider than 30 days.")
    return _text(first), _text(last)


def chosen(records: Records, cut: Columns, wanted: Mapping[str, Range]) -> list[int] | None:
    """Positions within `cut` that all other ranges let through; None for all. Raises NotAccepted for a field that can't be filtered."""
    others = {name: bounds for name, bounds in wanted.items() if name != STAMP}
    if not others:
        return None
    places: list[int] = list(range(len(cut.get(records.anchor, ()))))
    for name, (lower, upper) in others.items():
        if records.columns and name not in records.columns:
            raise NotAccepted(f"There is no field {name} to filter by.")
        kept = []
        for place in places:
            value = json.loads(cut[name][place])
            if isinstance(value, list | dict):
                raise NotAccepted(f"{name} is a list and can't be filtered by.")
            if value is not None and _within(value, lower, upper):
                kept.append(place)
        places = kept
    return places


def _within(value: Any, lower: Any, upper: Any) -> bool:
    numbers = all(isinstance(each, int | float) for each in (value, lower, upper) if each is not None)
    compared = value if numbers else str(value)
    least, most = (each if numbers or each is None else str(each) for each in (lower, upper))
    return (least is None or compared >= least) and (most is None or compared <= most)


def _moment(given: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise NotAccepted(f"“{given}” is no time.") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
