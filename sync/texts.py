"""Texts of outside systems in a form that every database and every page takes. Pure."""

from __future__ import annotations

import json
import re

from inventory.keys import trimmed

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode


def clean(value: str) -> str:
    """`value` without blanks around it and without what no database takes: zero characters and halves of characters.

    Line breaks and other control characters become a blank: in a mail a name must not look like lines of its own.
    """
    if not value.isprintable():
        value = _CONTROL.sub(" ", storable(value))
    return trimmed(value)


def storable(value: str) -> str:
    """`value` without what no database takes."""
    if value.isascii():
        return value.replace("\x00", "")
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def fixed(value: object) -> str:
    """JSON that is the same text for the same content."""
    return storable(_ENCODE(value))
