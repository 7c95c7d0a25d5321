"""What syncs changed of a unit, load or conflict, told on its page."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import Account
from inventory.admin.story import Event, told_by
from sync.changetypes import in_words
from sync.models import SyncChange


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
