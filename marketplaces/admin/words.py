"""Marketplaces in words, the same on every page of the admin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.models import Account
from inventory.ledgerwords import money
from inventory.marks import Mark
from inventory.models import Item
from inventory.wording import NOTHING
from marketplaces.models import (
    AttemptState,
    ColorMapping,
    Decision,
    DifferenceKind,
    LineBooking,
    ListingState,
    OrderPhase,
    PartFinding,
    Restock,
    VerificationStatus,
)
from marketplaces.provider import PROVIDERS

LISTING: Mapping[str, Mark] = {
    ListingState.SYNCING: Mark("Syncing", "info", "sync"),
    ListingState.SYNCED: Mark("Synced", "success", "check_circle"),
    ListingState.FAILED: Mark("Failed", "danger", "error"),
    ListingState.UNKNOWN: Mark("Outcome unknown", "warning", "help"),
    ListingState.NEEDS_PERSON: Mark("Needs a person", "danger", "front_hand"),
    ListingState.UNMAPPED: Mark("Unmapped", "warning", "link_off"),
    ListingState.WAITING: Mark("Waiting", "", "hourglass_empty"),
    ListingState.KEPT_OFF: Mark("Kept off", "", "block"),
}
MEANINGS: Mapping[str, str] = {
    ListingState.SYNCING: "What differs is being sent.",
    ListingState.SYNCED: "The shop was told all that is to be there.",
    ListingState.FAILED: "The last call was refused or did not get through.",
    ListingState.UNKNOWN: "The shop may or may not have done the last call. It is looked up there before anything else is sent.",
    ListingState.NEEDS_PERSON: "Nothing more is sent until somebody decides.",
    ListingState.UNMAPPED: "The shop's catalogue does not have this number or colour.",
    ListingState.WAITING: "It is sent when the shop takes calls again.",
    ListingState.KEPT_OFF: "Nothing of this item is sent to this shop.",
}
ATTEMPT: Mapping[str, Mark] = {
    AttemptState.IN_FLIGHT: Mark("Under way", "info", "sync"),
    AttemptState.SUCCEEDED: Mark("Done", "success", "check_circle"),
    AttemptState.FAILED: Mark("Not done", "danger", "error"),
    AttemptState.UNKNOWN: Mark("Unknown", "warning", "help"),
    AttemptState.MOCKED: Mark("Not sent", "", "cloud_off"),
}
PHASE: Mapping[str, Mark] = {
    OrderPhase.OPEN: Mark("Open", "info", "shopping_cart"),
    OrderPhase.SHIPPED: Mark("Shipped", "success", "local_shipping"),
    OrderPhase.DONE: Mark("Done", "success", "check_circle"),
    OrderPhase.CANCELLED: Mark("Cancelled", "", "block"),
}
RESTOCK: Mapping[str, Mark] = {
    Restock.OFFERED: Mark("Restock?", "warning", "assignment_return"),
    Restock.RESTOCKED: Mark("Back in stock", "success", "assignment_return"),
    Restock.DECLINED: Mark("Not restocked", "", "block"),
}
MEANT = 6
"""So many items are offered where a text could mean several."""
BOOKING: Mapping[str, Mark] = {
    LineBooking.UNMATCHED: Mark("Not matched", "warning", "link_off"),
    LineBooking.ITEM: Mark("Item", "success", "check_circle"),
    LineBooking.SALE: Mark("Ledger", "success", "point_of_sale"),
    LineBooking.HOLD: Mark("Held", "info", "pause_circle"),
    LineBooking.HISTORY: Mark("Not booked", "", "block"),
}
VERIFICATION: Mapping[str, Mark] = {
    VerificationStatus.QUEUED: Mark("Waits", "", "hourglass_empty"),
    VerificationStatus.RUNNING: Mark("Running", "info", "progress_activity"),
    VerificationStatus.SUCCEEDED: Mark("Done", "success", "check_circle"),
    VerificationStatus.FAILED: Mark("Failed", "danger", "error"),
}
KIND: Mapping[str, Mark] = {
    DifferenceKind.DIFFERS: Mark("Differs", "warning", "difference"),
    DifferenceKind.MISSING: Mark("Missing there", "danger", "search_off"),
    DifferenceKind.UNKNOWN_LOT: Mark("Unknown lot", "info", "help"),
    DifferenceKind.DUPLICATE: Mark("Duplicate", "danger", "content_copy"),
}
DECISION: Mapping[str, Mark] = {
    Decision.OPEN: Mark("Open", "warning", "help"),
    Decision.REPAIRED: Mark("Told again", "success", "check_circle"),
    Decision.TAKEN: Mark("Theirs taken", "success", "download"),
    Decision.ADOPTED: Mark("Adopted", "success", "link"),
    Decision.REMOVED: Mark("Removed there", "success", "delete"),
    Decision.IGNORED: Mark("Left as it is", "", "block"),
    Decision.GONE: Mark("Gone by itself", "", "check"),
}
FINDING: Mapping[str, Mark] = {
    PartFinding.FOUND: Mark("Known", "success", "check_circle"),
    PartFinding.MISSING: Mark("Unknown there", "danger", "search_off"),
    PartFinding.AMBIGUOUS: Mark("Several candidates", "warning", "help"),
    PartFinding.NOT_LISTABLE: Mark("Not sold there", "", "block"),
    PartFinding.RETIRING: Mark("Being retired", "warning", "event_busy"),
    PartFinding.NOT_ASKED: Mark("Not looked up", "", "help"),
}
FIELDS: Mapping[str, str] = {
    "quantity": "Quantity",
    "price": "Price",
    "notes": "Notes",
    "location": "Place",
    "hidden": "Hidden from buyers",
    "bulk": "Sold in multiples of",
    "sale_percent": "Sale in per cent",
    "tiers": "Tier prices",
    "cost": "Cost",
    "condition": "Condition there",
    "type": "Type",
    "number": "Number",
    "color": "Colour",
    "completeness": "Completeness",
    "boid": "BOID",
}


# Of the shops' own codes those that their sellers never see. The others are shown as they are.
CONDITIONS: Mapping[str, str] = {
    "new": "New",
    "news": "New, sealed",
    "newc": "New, complete",
    "newi": "New, incomplete",
    "used": "Used",
    "usedc": "Used, complete",
    "usedi": "Used, incomplete",
    "usedn": "Used, like new",
    "usedg": "Used, good",
    "useda": "Used, acceptable",
}
CAUSES: Mapping[str, str] = {
    "add": "Item made",
    "edit": "Item changed",
    "saved": "Item changed",
    "bulk": "Many items changed",
    "import": "Import of items",
    "order": "Order of a shop",
    "restock": "Goods put back in stock",
    "mapping": "Number or colour now known",
    "verify": "Decided after a comparison",
    "repair": "Told again after a comparison",
    "pending": "Queued changes of another program",
    "sweep": "Looked over again",
    "archive": "Item archived",
    "restore": "Item restored",
    "link": "Item linked",
    "unlink": "Item unlinked",
    "undo": "Change undone",
}
ITEM_FIELDS: Mapping[str, str] = {field.name: str(field.verbose_name) for field in Item._meta.concrete_fields}


def field_label(name: str) -> str:
    return FIELDS.get(name, name.replace("_", " ").capitalize())


def value_text(name: str, value: Any) -> str:
    """A value of a lot as people read it."""
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("price", "cost"):
        return price(value)
    if name == "condition":
        return CONDITIONS.get(str(value), str(value))
    if name == "tiers" and isinstance(value, list):
        return ", ".join(f"from {each[0]}: {price(each[1])}" for each in value if isinstance(each, list | tuple) and len(each) == 2)
    if isinstance(value, Mapping):
        return ", ".join(f"{field_label(key)}: {value_text(key, each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(value_text("", each) for each in value)
    return f"{value:,}" if isinstance(value, int) and name == "quantity" else str(value)


def price(value: Any) -> str:
    """A price as shops carry it, with three places, or as many more as it has."""
    if value in (None, ""):
        return NOTHING
    try:
        return max(f"{Decimal(str(value)):,.3f}", money(Decimal(str(value))), key=len)
    except InvalidOperation:
        return str(value)


def for_people(sentence: str) -> str:
    """A sentence about a field of an item, with the field's name as its form has it."""
    name, colon, rest = sentence.partition(": ")
    if colon and name in ITEM_FIELDS:
        return f"{capfirst(ITEM_FIELDS[name])}: {rest}"
    return rest if colon and name in ("by", "pieces", "content", "name") else sentence


def provider_label(key: str) -> str:
    known = PROVIDERS.get(key)
    return known.label if known else key


def lot_link(provider: str, lot_id: str, remote_number: str = "") -> SafeString | str:
    """The lot's id, leading to it at the shop where that has pages for lots."""
    if not lot_id:
        return NOTHING
    known = PROVIDERS.get(provider)
    address = known.link(lot_id, remote_number) if known else ""
    if not address.startswith(("https://", "http://")):
        return lot_id
    return format_html('<a class="ls-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>', address, lot_id)


def item_page(item: Item | int) -> str:
    return reverse("admin:inventory_item_change", args=[item if isinstance(item, int) else item.pk])


def item_link(item: Item | None) -> SafeString | str:
    """The number and colour as a link to the item's page, with its name below."""
    if item is None:
        return NOTHING
    name = format_html('<span class="ls-quiet ls-product">{}</span>', item.name) if item.name else ""
    return format_html('<a class="ls-link" href="{}">{}</a>{}', item_page(item), named(item), name)


def named(item: Item) -> str:
    """What stands for an item in a line: number, colour, condition."""
    colour = f", colour {item.color_id}" if item.color_id else ""
    return f"{item.part_number}{colour}, {item.get_condition_display().lower()}"


def items_like(account_id: int, text: str) -> list[tuple[Item, str]]:
    """The first items that have that number, token, or part of a name, those that are archived last. One query."""
    rows = Item.objects.filter(Q(part_number__iexact=text) | Q(name__icontains=text) | Q(token=text.lstrip("#")), account=account_id)
    found = rows.order_by(F("archived_at").asc(nulls_first=True), "part_number", "color_id", "id")[:MEANT]
    return [(item, named(item)) for item in found]


def cause_words(cause: str) -> str:
    """Why something was sent, in words."""
    return CAUSES.get(cause, cause.replace("_", " ").capitalize())


def colour_names(account: Account, ids: Iterable[int]) -> dict[int, str]:
    """What these colours are called, as far as a shop has told. One query."""
    rows = ColorMapping.objects.filter(account=account, color_id__in=set(ids)).exclude(name="")
    return dict(rows.values_list("color_id", "name"))


def colour(color_id: int, names: Mapping[int, str]) -> str:
    """A colour by its name and number; a dash where colour does not apply."""
    if not color_id:
        return NOTHING
    return f"{names[color_id]} ({color_id})" if color_id in names else str(color_id)
