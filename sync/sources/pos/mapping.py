"""What a line of a bill says, as a fact (docs/till.md, “Rules for a line”). Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from hashlib import blake2b
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from inventory.keys import model_key
from sync.facts.said import FactSaid
from sync.models import FactKind
from sync.sources.pos.system import RETURNS, SALES

NO_BRANCH = "(none)"
"""The place of lines whose branch is blank: it can be assigned like any other."""
WITHOUT_KEY = "?"
MOST = Decimal(1_000_000_000)
_THOUSANDTH = Decimal("0.001")
_LONGEST_KEY, _LONGEST_BARCODE, _LONGEST_DOCUMENT, _LONGEST_PLACE = 180, 80, 100, 300
_NAMES = ("BranchCode", "BillNo", "SerialNo", "BarCode", "Quantity", "BillDate")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Line = Sequence[Any]
"""Branch, bill, number, barcode, quantity and date as texts or numbers; None where there is nothing."""


def line_of(row: Sequence[Any]) -> list[Any]:
    """A row of the statement in the form in which documents keep it: JSON values, trimmed, dates as ISO."""
    branch, bill, serial, barcode, quantity, moment = row[:6]
    return [_text(branch), _text(bill), _whole(serial), _text(barcode), _figure(quantity), _iso(moment)]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return text.strip()


def _whole(value: Any) -> int | str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, float) and isfinite(value)
    if finite and value == int(value):
        return int(value)
    return _text(value)


def _figure(value: Any) -> str | None:
    if value is None:
        return None
    # Drivers differ: 2, 2.0 and 2.000 are the same.
    if isinstance(value, Decimal) and value.is_finite():
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _text(value)


def _iso(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    return value.isoformat() if isinstance(value, date) else _text(value)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


@dataclass
class Lines:
    """The lines of one reading, one after the other: no key comes twice out of it.

    `prefix` begins every key. `numbered` says whether the till numbers the lines of a bill; else they are numbered by what they say, each
    day of a bill by itself. `zone` is the till's. `seen` are the keys so far.
    """

    feed: str
    prefix: str
    zone: ZoneInfo
    earliest: date
    numbered: bool = True
    seen: set[str] = field(default_factory=set)
    _counts: Counter[Any] = field(default_factory=Counter)

    def fact(self, line: Line, today: date) -> FactSaid:
        """What `line` says, read when it was `today` at the till."""
        branch, bill, _, barcode, figure, stamp = line
        moment = _moment(stamp)
        key, problem = self._key(line, moment)
        quantity = _thousandths(figure)
        if not problem:
            problem = _problem(quantity, moment, self.earliest, today)
        is_return = self.feed == RETURNS or (quantity is not None and quantity < 0)
        place = (branch or NO_BRANCH)[:_LONGEST_PLACE]
        barcode = (barcode or "")[:_LONGEST_BARCODE]
        return FactSaid(
            external_id=key,
            feed=self.feed,
            kind=FactKind.SALE_RETURN.value if is_return else FactKind.SALE.value,
            barcode=barcode,
            barcode_key=model_key(barcode)[:_LONGEST_BARCODE],
            place_there="" if is_return else place,
            place_to_there=place if is_return else "",
            quantity=None if quantity is None else abs(quantity),
            happened_at=None if moment is None else _aware(moment, self.zone),
            day=None if moment is None else moment.date(),
            document=(bill or "")[:_LONGEST_DOCUMENT],
            said_problem=problem,
            raw=_ENCODER.encode(dict(zip(_NAMES, line, strict=True))),
        )

    def _key(self, line: Line, moment: datetime | None) -> tuple[str, str]:
        """The line's key, and what is wrong with it: bad_key, duplicate_key or nothing."""
        branch, bill, serial, *_ = line
        problem = ""
        if branch is None or bill is None or (serial is None and self.numbered):
            key, problem = f"{self.prefix}:{WITHOUT_KEY}:{_digest(line)}", "bad_key"
        else:
            number = _escaped(str(serial)) if self.numbered else self._number(branch, bill, moment)
            key = f"{self.prefix}:{_escaped(branch)}:{_escaped(bill)}:{number}"
            if len(key) > _LONGEST_KEY:
                key, problem = f"{self.prefix}:!:{_digest([key])}", "bad_key"
        if key in self.seen:
            # Two that say the same without a key may well be two; with one, only one of them can be right.
            problem = problem or "duplicate_key"
            again = next(number for number in range(2, len(self.seen) + 3) if f"{key}#{number}" not in self.seen)
            key = f"{key}#{again}"
        self.seen.add(key)
        return key, problem

    def _number(self, branch: str, bill: str, moment: datetime | None) -> str:
        day = f"{moment:%Y%m%d}" if moment is not None else "0"
        self._counts[branch, bill, day] += 1
        return f"{day}.{self._counts[branch, bill, day]}"


def _escaped(text: str) -> str:
    """A part of a key: the colon between parts is none of it, and no part is taken for a line without a key."""
    text = text.replace("%", "%25").replace(":", "%3A").replace("#", "%23")
    return {WITHOUT_KEY: "%3F", "!": "%21"}.get(text, text)


def _digest(values: Sequence[Any]) -> str:
    return blake2b(json.dumps(list(values), ensure_ascii=False).encode(), digest_size=12).hexdigest()


def _thousandths(figure: str | None) -> int | None:
    if figure is None:
        return None
    try:
        number = Decimal(figure.strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= MOST:
        return None
    return int(number.quantize(_THOUSANDTH, ROUND_HALF_UP).scaleb(3))


def _problem(quantity: int | None, moment: datetime | None, earliest: date, today: date) -> str:
    if quantity is None:
        return "bad_quantity"
    if quantity == 0:
        return "zero_quantity"
    if moment is None or moment.date() < earliest or moment.date() > today + timedelta(days=1):
        return "bad_date"
    return ""


def _aware(moment: datetime, zone: ZoneInfo) -> datetime | None:
    # At the ends of the calendar it has no day in other zones.
    return moment.replace(tzinfo=zone).astimezone(UTC) if MINYEAR < moment.year < MAXYEAR else None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day at the till."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def prefix_letters(feed: str) -> str:
    """What the keys of a feed begin with."""
    return {SALES: "POS", RETURNS: "POSR"}[feed]
