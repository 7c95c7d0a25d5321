"""Bookings in words, for templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory import ledgerwords
from inventory.ledgerwords import MOVEMENTS
from inventory.marks import Mark
from inventory.models import MovementKind
from inventory.rehearsal import Step
from inventory.wording import NOTHING

register = template.Library()

register.filter("money", ledgerwords.money)
register.filter("total", ledgerwords.total)
register.filter("number", ledgerwords.number)
register.filter("signed", ledgerwords.signed)
register.filter("counted", ledgerwords.amount)
register.filter("batch_link", ledgerwords.batch_link)


@register.filter
def movement_mark(kind: str) -> Mark:
    """The kind of a movement as a mark."""
    return MOVEMENTS[MovementKind(kind)]


@register.filter
def step_batch(step: Step) -> SafeString | str:
    """The batch of a step that would be taken: its page, or that it would be made."""
    batch = step.batch
    if batch is None:
        return NOTHING
    if step.is_new:
        return "A new batch"
    return ledgerwords.batch_link(batch)


@register.filter
def page_link(row: Any) -> SafeString | str:
    """Any row of the inventory that has a page, by its name."""
    if row is None:
        return NOTHING
    address = reverse(f"admin:inventory_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a class="ls-link" href="{}">{}</a>', address, row)


@register.filter
def product_link(product: Any) -> SafeString:
    return format_html('<a class="ls-link" href="{}">{}</a>', ledgerwords.product_page(product), product)


@register.filter
def times(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """The product of two numbers of which either may be unknown."""
    return None if one is None or other is None else one * other
