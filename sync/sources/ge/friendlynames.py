"""The short name the floor calls a load by, taken from its note."""

from __future__ import annotations

import re

_LETTER = re.compile(r"\bLETTER\s+([A-Z]{1,2})\b", re.IGNORECASE)
_FIRST_WORD = re.compile(r"([A-Z]{1,2})(?![A-Z0-9/'’])", re.IGNORECASE)
_DAY = re.compile(r"(?<![\d/])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?![\d/])")
_ORDINAL = re.compile(r"\b(0?[1-9]|[12]\d|3[01])(ST|ND|RD|TH)\b", re.IGNORECASE)


def friendly_name(notes: str) -> str:
    """`K` for "LETTER K", else a first word of one or two letters, else a day such as `1/7`, else an ordinal such as `14TH`; else blank."""
    text = notes.strip()
    for found in (_LETTER.search(text), _FIRST_WORD.match(text)):
        if found:
            return found[1].upper()
    for found in (_DAY.search(text), _ORDINAL.search(text)):
        if found:
            return found[0].upper()
    return ""
