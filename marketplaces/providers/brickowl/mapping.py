"""What Brick Owl should show of an item. Pure (docs/brickowl.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from inventory.models import Item, ItemStatus
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import ListingState, PartFinding
from marketplaces.providers import rules
from marketplaces.providers.brickowl import words

TEXT_LIMIT = 255
MOST_SALE_PERCENT = 95
_HINT = "Choose or enter it among the shop's mappings."


@dataclass(frozen=True)
class Part:
    """What is known of what Brick Owl calls an item's number. `choices` are how many candidates there are."""

    finding: str
    boid: str = ""
    kind: str = ""
    choices: int = 0


@dataclass(frozen=True)
class Known:
    """What is known of Brick Owl for one item.

    `part` is None while its number was never looked up, `color` while its colour was not or is not in Brick Owl's list. `currency` is the
    shop's, blank while not known. `told` are the fields that its lot has been told; None where it has no lot.
    """

    part: Part | None = None
    color: str | None = None
    currency: str = ""
    told: Mapping[str, Any] | None = field(default=None)


def wanted(item: Item, settings: Mapping[str, Any], known: Known) -> Wanted | Refusal:
    """The lot of an item by the connection's `settings`, or why there can't be one."""
    identity = identity_of(item, known)
    if isinstance(identity, Refusal):
        return identity
    factor = rules.factor_of(settings["price_factor"])
    refusal = rules.currency_refusal(str(settings["price_currency"]), known.currency, factor)
    if refusal is not None:
        return refusal
    fields: dict[str, Any] = {}
    # A lot can't be made without a price; afterwards it is the shop's own where we are not to send it.
    if settings["send_price"] or known.told is None:
        price = rules.price_of(item.price, factor)
        if isinstance(price, Refusal):
            return price
        fields["price"] = price
    more = _own(item, factor)
    if isinstance(more, Refusal):
        return more
    texts, warnings = _texts(item, settings)
    fields |= {"condition": _condition(item, settings, known), "hidden": item.status == ItemStatus.RESERVED, **texts, **more}
    return Wanted(identity, item.offered, fields, warnings)


def identity_of(item: Item, known: Known) -> dict[str, str] | Refusal:
    """The catalogue's id and colour of an item, or why they are not known."""
    if not words.kinds_of(item.item_type, item.part_number, item.name):
        called = item.get_item_type_display().lower()
        return _unmapped("not_listable", f"Brick Owl does not sell things of the type {called}.", "Keep the item off this shop.")
    part = known.part
    if part is None:
        return _unmapped("unknown_part", f"The number {item.part_number} has not been looked up at Brick Owl yet.", "")
    if part.finding != PartFinding.FOUND:
        return _not_found(item, part)
    kind = part.kind or words.kinds_of(item.item_type, item.part_number, item.name)[0]
    if not words.may_have_color(kind):
        return {"boid": part.boid, "color": ""}
    if not item.color_id:
        if words.needs_color(kind):
            sentence = "Brick Owl takes no part without a colour, and the item has none."
            return Refusal(ListingState.FAILED, "no_color", sentence, "Give the item its BrickLink colour.")
        return {"boid": part.boid, "color": ""}
    if not known.color:
        return _unmapped("unknown_color", f"Brick Owl's list of colours does not name BrickLink's colour {item.color_id}.", _HINT)
    return {"boid": part.boid, "color": known.color}


def _not_found(item: Item, part: Part) -> Refusal:
    number = item.part_number
    if part.finding == PartFinding.AMBIGUOUS:
        return _unmapped("several_parts", f"Brick Owl's catalogue has {part.choices or 'several'} things for the number {number}.", _HINT)
    if part.finding == PartFinding.NOT_LISTABLE:
        return _unmapped("not_listable", f"{number} is not sold at Brick Owl.", "Keep the item off this shop.")
    if part.finding == PartFinding.RETIRING:
        sentence = f"Brick Owl is taking {number} out of its catalogue and accepts no lots of it."
        return _unmapped("retiring", sentence, "Choose another entry of the catalogue, or keep the item off this shop.")
    if part.finding == PartFinding.NOT_ASKED:
        hint = "Ask Brick Owl to give the API key the right to its catalogue, or enter the BOID among the shop's mappings."
        return _unmapped("forbidden_function", f"The key may not look {number} up in Brick Owl's catalogue.", hint)
    return _unmapped("unknown_part", f"Brick Owl's catalogue does not know the number {number}.", _HINT)


def _unmapped(code: str, sentence: str, hint: str) -> Refusal:
    return Refusal(ListingState.UNMAPPED, code, sentence, hint)


def _condition(item: Item, settings: Mapping[str, Any], known: Known) -> str:
    told = str((known.told or {}).get("condition") or "")
    if told and words.says(told, item.item_type, item.condition, item.completeness):
        return told
    return words.code_of(item.item_type, item.condition, item.completeness, str(settings["used_grade"]))


def _texts(item: Item, settings: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    fields: dict[str, str] = {}
    warnings: list[str] = []
    for name, label, send in (("notes", "Notes", "send_notes"), ("location", "The location", "send_location")):
        if settings[send]:
            fields[name], was_cut = rules.cut(rules.plain(getattr(item, name)), TEXT_LIMIT)
            if was_cut:
                warnings.append(rules.cut_warning(label, TEXT_LIMIT))
    return fields, tuple(warnings)


def _own(item: Item, factor: Decimal) -> dict[str, Any] | Refusal:
    """What we say only of items that say it themselves: else it is as the shop has it."""
    fields: dict[str, Any] = {}
    if item.bulk is not None:
        fields["bulk"] = item.bulk
    if item.sale_percent is not None:
        if item.sale_percent > MOST_SALE_PERCENT:
            sentence = f"The sale of {item.sale_percent} per cent is more than the {MOST_SALE_PERCENT} that Brick Owl takes."
            return Refusal(ListingState.FAILED, "invalid", sentence, "Lower the item's sale.")
        fields["sale_percent"] = item.sale_percent
    if item.tiers is not None:
        tiers = rules.tiers_of(item.tiers, factor)
        if any(Decimal(price) <= 0 for _, price in tiers):
            sentence = "A tier price rounds to 0.000, and shops take three decimals."
            return Refusal(ListingState.FAILED, "invalid", sentence, "Correct the item's tier prices.")
        fields["tiers"] = tiers
    # A cost of nothing can't be told there.
    if item.cost is not None and rules.rounded(item.cost, factor) > 0:
        fields["cost"] = rules.cost_of(item.cost, factor)
    return fields


FRESH = {"notes": "", "location": "", "hidden": False, "bulk": 1, "sale_percent": 0, "tiers": []}
"""What a lot that was only just made has without being told."""


def create_parameters(wanted: Wanted, token: str) -> dict[str, str]:
    """The form that makes the lot: the documented fields only."""
    color = {"color_id": str(wanted.identity["color"])} if wanted.identity["color"] else {}
    return {
        "boid": str(wanted.identity["boid"]),
        **color,
        "quantity": str(wanted.quantity),
        "price": str(wanted.fields["price"]),
        "condition": str(wanted.fields["condition"]),
        "external_id": external_id(token),
    }


def told_by_creating(wanted: Wanted) -> frozenset[str]:
    """Which of the wanted fields a lot has once it was made so."""
    return frozenset({"price", "condition"} | {name for name in FRESH if name in wanted.fields and wanted.fields[name] == FRESH[name]})


def update_parameters(*, difference: int, absolute: int | None, fields: Mapping[str, Any]) -> dict[str, str]:
    """The form that changes a lot, without its id; empty when there is nothing to say."""
    form: dict[str, str] = {}
    if absolute is not None:
        form["absolute_quantity"] = str(absolute)
    elif difference:
        form["relative_quantity"] = str(difference)
    for name, value in fields.items():
        form[_PARAMETERS[name]] = _written(name, value)
    return form


_PARAMETERS = {
    "price": "price",
    "notes": "public_note",
    "location": "personal_note",
    "hidden": "for_sale",
    "bulk": "bulk_qty",
    "sale_percent": "sale_percent",
    "tiers": "tier_price",
    "cost": "my_cost",
    "condition": "condition",
}


def _written(name: str, value: Any) -> str:
    if name == "hidden":
        return "0" if value else "1"
    if name == "tiers":
        return ",".join(f"{quantity}:{price}" for quantity, price in value) or "remove"
    return str(value)


_EXTERNAL = "ls-"


def external_id(token: str) -> str:
    """By what our lots are known at Brick Owl."""
    return f"{_EXTERNAL}{token}"


def token_in(external: str) -> str:
    """The item's token in an external id, blank where it is not ours."""
    return external.removeprefix(_EXTERNAL) if external.startswith(_EXTERNAL) else ""
