"""Stock in words, the same on every page of the admin."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.loads import RosterRow
from inventory.loadstate import NOT_REPORTED, LoadStep
from inventory.marks import Mark
from inventory.models import Bucket, Load, ScanSession, Unit

NOTHING = "–"

BUCKET_TONES = {Bucket.FG.value: "success", Bucket.ASIS.value: "warning", Bucket.STA.value: "info"}

LOAD_STATES = {
    LoadStep.FOR_SALE.value: Mark("For sale", "success", "sell"),
    LoadStep.SOLD.value: Mark("Sold", "info", "handshake"),
    LoadStep.PICKED.value: Mark("Picked", "warning", "forklift"),
    LoadStep.DELIVERED.value: Mark("Delivered", "", "local_shipping"),
    NOT_REPORTED: Mark("Not listed any more", "danger", "help"),
}
OTHER_STATE = Mark("Other", "", "help")


def place(unit: Unit) -> Mark:
    """The bucket and where the unit came to it from: "STA, from ASIS"; of a unit that is gone, the last one."""
    bucket, origin = unit.bucket, unit.origin
    word = f"{bucket}, from {origin}" if origin and origin != bucket else bucket
    return Mark(word, BUCKET_TONES.get(bucket, "") if unit.gone_at is None else "")


def presence(unit: Unit) -> Mark:
    if unit.gone_at is None:
        return Mark("On hand", "success", "check")
    return Mark(f"Gone since {day(unit.gone_at)}", "danger", "remove")


def day(moment: datetime) -> str:
    """The day of a moment in the account's time zone."""
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def moment(at: datetime | None) -> str:
    """Day and minute in the account's time zone."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else NOTHING


def named(unit: Unit) -> str:
    """What stands on the unit: its serial, or that it is so many pieces."""
    return unit.serial or f"{unit.quantity} {'piece' if unit.quantity == 1 else 'pieces'}"


def order_number(text: str) -> SafeString | str:
    """The number with its last four digits stressed, which is what people say aloud."""
    if not text:
        return NOTHING
    return format_html('<span class="whitespace-nowrap">{}<strong class="ls-strong">{}</strong></span>', text[:-4], text[-4:])


def load_name(load: Load) -> str:
    """The name the floor calls it, else its number."""
    return load.friendly_name or load.number


def load_title(load: Load) -> SafeString:
    """Its name, and its number below."""
    if not load.friendly_name:
        return format_html('<span class="whitespace-nowrap">{}</span>', load.number)
    return format_html('{}<br><span class="ls-quiet whitespace-nowrap">{}</span>', load.friendly_name, load.number)


def load_link(load: Load | None, *, by_number: bool = False) -> SafeString | str:
    """Its name, or its number, as a link to its page."""
    if load is None:
        return NOTHING
    address = reverse("admin:inventory_load_change", args=[load.pk])
    return format_html(
        '<a class="ls-link" href="{}" title="{}">{}</a>', address, load.number, load.number if by_number else load_name(load)
    )


def roster_place(row: RosterRow, load: Load) -> Mark:
    """Where the unit of a line of `load`'s roster is."""
    if row.unit is None or not row.on_hand:
        return Mark("Not on hand", "danger", "remove") if row.serial else Mark("Without serial")
    if row.unit.load_id == load.pk:
        return place(row.unit)
    return Mark(
        f"{row.bucket}, in load {load_name(row.unit.load)}" if row.unit.load else f"{row.bucket}, in no load", "warning", "alt_route"
    )


def unit_link(unit: Unit) -> SafeString:
    return format_html('<a class="ls-link" href="{}">{}</a>', reverse("admin:inventory_unit_change", args=[unit.pk]), named(unit))


def session_name(session: ScanSession) -> str:
    """What is scanned in it. Needs the session's load."""
    if session.load is not None:
        return f"Load {load_name(session.load)}"
    return session.bucket if session.bucket == Bucket.FG else f"{session.bucket} without a load"


def progress_bar(scanned: object, expected: object, *, complete: bool) -> SafeString:
    """So many of so many, as words and as a bar."""
    done = Mark("Complete", "success", "check_circle").__html__() if complete else ""
    return format_html(
        '<span class="ls-line"><span class="whitespace-nowrap">{} of {}</span>'
        '<progress class="ls-progress ls-short" value="{}" max="{}" aria-hidden="true"></progress>{}</span>',
        *(scanned, expected, scanned, expected or 1, done),
    )
