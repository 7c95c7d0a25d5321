"""What syncs changed of a row, and which line of an outside system a booking came from, told on its page."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import Account
from inventory.admin.story import Event, told_by
from inventory.models import Purchase, Sale
from sync.changetypes import in_words
from sync.models import SourceFact, SyncChange

BOOKED: dict[str, type[Sale] | type[Purchase]] = {"sale": Sale, "purchase": Purchase}
"""What facts are booked as, under the names that pages have for it."""


@told_by
def changes(account: Account, entity: str, entity_id: int, most: int) -> Iterator[Event]:
    """The newest changes of the row, `most` at most."""
    rows = SyncChange.objects.filter(account=account, entity=entity, entity_id=entity_id).order_by("-id")[:most]
    for change in rows.only("at", "type", "field", "old", "new", "run_id"):
        yield Event(
            change.at,
            in_words(change.type),
            change.old or "",
            change.new or "",
            by=f"Run {change.run_id}",
            link=reverse("admin:sync_syncrun_change", args=[change.run_id]),
            differs=bool(change.field),
        )


@told_by
def came_from(account: Account, entity: str, entity_id: int, most: int) -> Iterator[Event]:
    """The line of an outside system that a sale or purchase was booked for. A query for either, none for other rows."""
    if entity not in BOOKED:
        return
    key = BOOKED[entity].objects.filter(account=account, pk=entity_id).values_list("source_key", flat=True).first()
    if not key:
        return
    # The two halves of a transfer have its key, and what they are behind it.
    named = {key, key.removesuffix(":out"), key.split(":in:")[0]}
    for fact in SourceFact.objects.filter(account=account, external_id__in=named).select_related("connection").defer("raw")[:most]:
        yield Event(
            fact.first_seen_at,
            f"{fact.get_kind_display()} told by {fact.connection}",
            new=f"{fact.document} {fact.external_id}".strip(),
            by=str(fact.connection),
            link=reverse("admin:sync_sourcefact_change", args=[fact.pk]),
        )
