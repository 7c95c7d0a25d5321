"""What every marketplace asks of a price, a text and a currency. Pure (docs/bricklink.md, docs/brickowl.md)."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from marketplaces.lots import Refusal
from marketplaces.models import ListingState

THOUSANDTH = Decimal("0.001")
# Room for every digit of a price times a factor, so that nothing is rounded twice.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_LEAST_FACTOR, _MOST_FACTOR = Decimal("0.000001"), Decimal(1_000_000)
_MOST_FACTOR_DIGITS = 12


def rounded(amount: Decimal, factor: Decimal = Decimal(1)) -> Decimal:
    """`amount` times `factor` with three decimals, halves rounded up: what both marketplaces show, so that both carry the same price."""
    return _EXACT.multiply(amount, factor).quantize(THOUSANDTH, context=_EXACT)


def price_of(price: Decimal | None, factor: Decimal) -> str | Refusal:
    """The price as it is told to a shop, or why there is none that could be told."""
    if price is None or price <= 0:
        return _no_price("The item has no price." if price is None else f"The price of the item is {price:f}, which is not above zero.")
    told = rounded(price, factor)
    if told <= 0:
        times = "" if factor == 1 else f" times the factor {factor:f}"
        return _no_price(f"The price {price:f}{times} rounds to 0.000, and shops take three decimals.")
    return str(told)


def _no_price(sentence: str) -> Refusal:
    return Refusal(ListingState.FAILED, "no_price", sentence, "Give the item a price of at least 0.001.")


def cost_of(cost: Decimal, factor: Decimal) -> str:
    """What a piece cost, as it is told to a shop."""
    return str(rounded(cost, factor))


def tiers_of(tiers: Sequence[Sequence[Any]], factor: Decimal) -> list[list[Any]]:
    """Tier prices as `Wanted.fields` holds them: pairs of quantity and price as text."""
    return [[int(quantity), str(rounded(Decimal(str(price)), factor))] for quantity, price in tiers]


def currency_refusal(price_currency: str, shop_currency: str, factor: Decimal) -> Refusal | None:
    """Why prices in `price_currency` can't be told to a shop that sells in `shop_currency`: nobody has said what they are worth there.

    None when they can, and while one of the two is not known.
    """
    ours, theirs = price_currency.upper(), shop_currency.upper()
    if not ours or not theirs or ours == theirs or factor != 1:
        return None
    return Refusal(
        ListingState.NEEDS_PERSON,
        "currency",
        f"Prices are in {ours}, and the shop sells in {theirs}.",
        "Enter in the connection's settings by what prices are multiplied for this shop.",
    )


def plain(text: str) -> str:
    """`text` as people read it: without tags, entities and control characters. Of a plain text, the same text.

    No shop shows more than the first thousands of characters, so no more is looked at.
    """
    text = text[:_LONGEST]
    while True:
        shown = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", text)))
        clean = _CONTROL.sub("", shown.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if clean == text:
            return clean
        # What was escaped twice shows its tags only now. Every round leaves less, so this ends.
        text = clean


_LONGEST = 10_000
_BREAKS = re.compile(r"<\s*(?:br|/\s*p|/\s*div|/\s*li)\b[^<>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def cut(text: str, limit: int) -> tuple[str, bool]:
    """At most `limit` characters of `text`, ending with a whole word where there is one, and whether any were left out."""
    if len(text) <= limit:
        return text, False
    head = text[: limit + 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    # A single word longer than half of the room is cut: else hardly anything would be left of the text.
    return (head[:space] if space > limit // 2 else text[:limit]).rstrip(), True


def cut_warning(what: str, limit: int) -> str:
    """The sentence for people, of a text that was cut. `what` names it, such as “Notes”."""
    return f"{what} are longer than the {limit} characters that the shop takes, and were cut there."


def factor_of(text: object) -> Decimal:
    """The factor of prices that a connection's settings hold, which `check_factor` has seen."""
    return Decimal(str(text))


def check_factor(text: str) -> str:
    """For Setting.check: a positive number with a point. Raises ValueError."""
    try:
        factor = Decimal(text.strip())
        digits = len(factor.as_tuple().digits)
    except InvalidOperation:
        factor, digits = Decimal(0), 0
    if not factor.is_finite() or not _LEAST_FACTOR <= factor <= _MOST_FACTOR or digits > _MOST_FACTOR_DIGITS:
        raise ValueError("must be a number above zero, with a point, such as 1 or 1.0825.")
    return format(factor.normalize(), "f")


def check_currency(text: str) -> str:
    """For Setting.check: the three letters of a currency, or nothing. Raises ValueError."""
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("must be the three letters of a currency, such as EUR.")
    return code
