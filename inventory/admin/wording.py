"""Stock in words, the same on every page of the admin."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.models import Bucket, Load, Unit

NOTHING = "–"

BUCKET_COLOURS = {Bucket.FG.value: "success", Bucket.ASIS.value: "warning", Bucket.STA.value: "info", "gone": "danger"}


def place(bucket: str, origin: str) -> str:
    """The bucket and where a unit came to it from: "STA, from ASIS"."""
    return f"{bucket}, from {origin}" if origin and origin != bucket else bucket


def named(unit: Unit) -> str:
    """What stands on the unit: its serial, or that it is so many pieces."""
    return unit.serial or f"{unit.quantity} pieces"


def order_number(text: str) -> SafeString | str:
    """The number with its last four digits stressed, which is what people say aloud."""
    if not text:
        return NOTHING
    return format_html('<span class="whitespace-nowrap">{}<strong class="text-important">{}</strong></span>', text[:-4], text[-4:])


def load_link(load: Load | None) -> SafeString | str:
    """The load by the name the floor calls it, with its number, as a link to its page."""
    if load is None:
        return NOTHING
    return format_html('<a class="text-link" href="{}">{}</a>', reverse("admin:inventory_load_change", args=[load.pk]), load)


def unit_link(unit: Unit) -> SafeString:
    return format_html('<a class="text-link" href="{}">{}</a>', reverse("admin:inventory_unit_change", args=[unit.pk]), named(unit))
