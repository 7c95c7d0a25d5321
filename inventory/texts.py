"""Texts that people type, as they are kept."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from inventory.keys import trimmed

_BREAKS = str.maketrans("", "", "\r\n\t")


def line(field: str, text: str) -> str:
    """`text` without blanks at its ends. Raises ValidationError for `field` when it holds what can't be seen."""
    text = trimmed(text)
    if not text.isprintable():
        raise ValidationError({field: "The text holds an invisible character; type it again."})
    return text


def lines(field: str, text: str) -> str:
    """A text of several lines, without blanks at its ends. Raises ValidationError for `field` when it holds a control character."""
    text = trimmed(text.replace("\r\n", "\n"))
    line(field, text.translate(_BREAKS))
    return text


def named(field: str, text: str, longest: int) -> str:
    """A name: a line with one blank between words. Raises ValidationError for `field` when it is missing or, compared, too long."""
    text = " ".join(line(field, text).split())
    if not text:
        raise ValidationError({field: "A name is needed."})
    if max(len(text), len(text.upper())) > longest:
        raise ValidationError({field: f"The name has {len(text):,} characters, at most {longest} are possible."})
    return text
