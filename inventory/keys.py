"""The forms in which names from outside are compared."""

from __future__ import annotations

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def trimmed(text: str) -> str:
    """`text` without blanks at its ends; no-break spaces, zero-width characters and byte-order marks are blanks."""
    while True:
        shorter = text.strip().strip(_INVISIBLE)
        if shorter == text:
            return text
        text = shorter


def serial_key(text: str) -> str:
    """The form serials are compared in: trimmed and upper-cased, every other character kept."""
    return trimmed(text.upper())


def sku_key(text: str) -> str:
    """The form SKUs are compared in: as serials are."""
    return serial_key(text)


def model_key(text: str) -> str:
    """The form models and barcodes are compared in: upper-cased letters and digits only."""
    upper = text.upper()
    return upper if upper.isalnum() else "".join(character for character in upper if character.isalnum())


def name_key(text: str) -> str:
    """The form names of categories and vendors are compared in: one blank between words, in upper case."""
    return " ".join(trimmed(text).upper().split())
