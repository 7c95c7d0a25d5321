"""What single cells mean, and which can't be trusted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from inventory.keys import trimmed

MOST_PIECES = 9_999_999
"""In one row."""

_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_ERRORS = {"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#ERROR"}
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")
_ISO = "iso"
_RAW_LENGTH = 200


def unwrapped(cell: str) -> str:
    """`ZZ900101` for `="ZZ900101"`, the way CSV writers keep a spreadsheet program from reading a number; other texts as they are."""
    if cell.startswith('="'):
        match = _TEXT_FORMULA.fullmatch(cell)
        if match:
            return trimmed(match[1].replace('""', '"')) or cell
    return cell


def is_formula(text: str) -> bool:
    """Whether a text is a formula without its value, or a formula's error."""
    return text.startswith(("=", "+", "@")) or text.upper() in _ERRORS


def unseen_character(text: str) -> str:
    """The first control, format or separator character of `text` as U+XXXX; blank when there is none."""
    if text.isprintable():
        return ""
    return next((f"U+{ord(character):04X}" for character in text if unicodedata.category(character) in _UNSEEN), "")


def visible(text: str) -> str:
    """`text` with such characters written out, cut to 200 characters."""
    if not text.isprintable():
        text = "".join(f"<U+{ord(each):04X}>" if unicodedata.category(each) in _UNSEEN else each for each in text[:_RAW_LENGTH])
    return text if len(text) <= _RAW_LENGTH else text[: _RAW_LENGTH - 1] + "…"


def prose(text: str) -> str:
    """Free text in one line: breaks and tabs become blanks, other control characters go, a formula without value is blank."""
    if text.startswith("=") and text in ("=", '=""'):
        return ""
    if text.isprintable():
        return text
    spaced = re.sub(r"[\t\r\n\v\f\u2028\u2029]+", " ", text)
    return trimmed("".join(each for each in spaced if unicodedata.category(each) not in _UNSEEN))


def whole(text: str) -> int | None:
    """A whole number, also written as `5.0`; None for anything else."""
    match = _WHOLE.fullmatch(text)
    return int(match[1]) if match and len(match[1]) <= 18 else None


def moment(text: str) -> datetime | None:
    """A time as GE prints it, `YYYY/MM/DD HH:MM:SS`, as a US spreadsheet program saves it, or in ISO form; None for anything else.

    Without a zone it is the warehouse's local time.
    """
    for pattern in (*_TIMES, _ISO):
        try:
            found = datetime.fromisoformat(text) if pattern is _ISO else datetime.strptime(text, pattern)
        except ValueError:
            continue
        # Outside these years it is a slip of the keyboard, and some would not survive a change of time zone.
        return found if 1990 <= found.year <= 2100 else None
    return None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell can't be used. `saying` completes "Row 5, column Serial #: …"."""

    code: str
    saying: str


def fault(text: str, longest: int) -> Fault | None:
    """What is wrong with the text of an identifying cell; None when it can be used.

    Its length is that of its key: some letters become two in upper case.
    """
    if is_formula(text):
        return Fault("formula", "a formula stands where its value should; enter the value itself.")
    unseen = unseen_character(text)
    if unseen:
        return Fault("control_character", f"the text holds the invisible character {unseen}; remove it or type the text again.")
    return too_long(text.upper(), longest)


def too_long(text: str, longest: int) -> Fault | None:
    """A fault when `text` has more than `longest` characters."""
    if len(text) > longest:
        return Fault("too_long", f"the text has {len(text):,} characters, at most {longest} are possible; shorten it.")
    return None
