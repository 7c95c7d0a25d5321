"""The cells of a file of products, read one by one. Pure. Each reader raises ValueError, in words, for what it can't take."""

from __future__ import annotations

import re
from decimal import Decimal

from inventory.categories import LONGEST as LONGEST_CATEGORY
from inventory.categories import SEPARATOR
from inventory.keys import model_key, name_key, sku_key, trimmed
from inventory.models import UnitKind
from inventory.quantity import from_thousandths, to_thousandths
from inventory.vendors import LONGEST as LONGEST_VENDOR

LONGEST_SKU = 80
LONGEST_NAME = 300
LONGEST_TYPE = 100
DEEPEST = 10
"""Categories within categories that one cell may name."""

_WORDS = {"yes": True, "y": True, "true": True, "1": True, "x": True, "no": False, "n": False, "false": False, "0": False}
_KINDS = {word: kind.value for kind in UnitKind for word in (kind.value, kind.value.removesuffix("s"))}
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[|;,\r\n]")
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_WITH_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_IN_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")


def sku(text: str) -> str:
    return _whole_number_kept(_line(text, LONGEST_SKU, compared=sku_key(text)))


def name(text: str) -> str:
    return _line(text, LONGEST_NAME)


def product_type(text: str) -> str:
    return _line(text, LONGEST_TYPE)


def vendor(text: str) -> str:
    return _line(" ".join(text.split()), LONGEST_VENDOR, compared=name_key(text))


def category(text: str) -> tuple[str, ...]:
    """Its name, or a path of names from the top down: "Kitchen > Fridges"."""
    parts = [" ".join(part.split()) for part in text.split(SEPARATOR)]
    if not all(parts):
        raise ValueError(f"“{text[:40]}” has an empty name beside a {SEPARATOR}.")
    if len(parts) > DEEPEST:
        raise ValueError(f"“{text[:40]}” goes {len(parts)} categories deep, at most {DEEPEST} are possible.")
    return tuple(_line(part, LONGEST_CATEGORY, compared=name_key(part)) for part in parts)


def yes_or_no(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(f"“{text[:40]}” is neither yes nor no.")
    return _WORDS[text.lower()]


def unit_kind(text: str) -> str:
    if text.lower() not in _KINDS:
        raise ValueError(f"“{text[:40]}” is none of {', '.join(UnitKind.values)}.")
    return _KINDS[text.lower()]


def number(text: str) -> Decimal:
    """A number with a point, or with a comma that can't be meant otherwise."""
    if _IN_THOUSANDS.fullmatch(text):
        plain = text.replace(",", "")
        raise ValueError(f"“{text}” can be read in two ways; write {plain} or {text.replace(',', '.')}.")
    if _WITH_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text) or len(text) > 40:
        raise ValueError(f"“{text[:40]}” is not a number; write it with digits only, like 1250 or 12.5.")
    return Decimal(text)


def quantity(text: str) -> Decimal:
    """A number down to a thousandth."""
    return from_thousandths(to_thousandths(number(text)))


def whole(text: str) -> int:
    value = number(text)
    if value != int(value):
        raise ValueError(f"“{text}” is not a whole number.")
    return int(value)


def names(text: str) -> dict[str, str]:
    """Several models or barcodes, by key."""
    found: dict[str, str] = {}
    for each in filter(None, map(trimmed, _SEPARATORS.split(text))):
        key = model_key(each)
        if not key or len(key) > LONGEST_SKU:
            raise ValueError(f"“{each[:40]}” has no letter and no digit, or too many.")
        found.setdefault(key, _whole_number_kept(_line(each, LONGEST_SKU)))
    return found


def _line(text: str, longest: int, *, compared: str = "") -> str:
    """`text` where it and the form it is compared in are short enough."""
    if max(len(text), len(compared)) > longest:
        raise ValueError(f"The text has {len(text):,} characters, at most {longest} are possible.")
    if not text.isprintable():
        raise ValueError("The text holds an invisible character; type it again.")
    return text


def _whole_number_kept(text: str) -> str:
    if _ROUNDED.fullmatch(text):
        raise ValueError(f"{text} is a number that a spreadsheet program has rounded; format the column as text and enter it again.")
    return text
