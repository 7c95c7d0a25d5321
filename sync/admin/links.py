"""From what a change, an unconfirmed row or a run speaks of to its page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sync.models import SyncRun

PAGES = {
    "unit": "admin:inventory_unit_change",
    "load": "admin:inventory_load_change",
    "conflict": "admin:inventory_conflict_change",
    "product_ref": "admin:sync_productref_change",
    "fact": "admin:sync_sourcefact_change",
}


def entity_link(entity: str, entity_id: int | None, label: str) -> SafeString | str:
    """What is spoken of, by its label, as a link to its page where it has one."""
    page = PAGES.get(entity)
    text = label or "without a name"
    if page is None or entity_id is None:
        return text
    return format_html('<a class="ls-link" href="{}">{}</a>', reverse(page, args=[entity_id]), text)


def run_link(run_id: int | None) -> SafeString | str:
    """“Run 12” as a link to its page."""
    if run_id is None:
        return "–"
    return format_html('<a class="ls-link" href="{}">Run {}</a>', reverse("admin:sync_syncrun_change", args=[run_id]), run_id)


def page_of(run: SyncRun) -> str:
    """The address of the run's page."""
    return reverse("admin:sync_syncrun_change", args=[run.pk])
