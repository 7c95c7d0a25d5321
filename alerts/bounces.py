"""What a mail service tells later of a mail it had accepted (docs/alerts.md)."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from alerts.deliveries import bounced
from alerts.models import Delivery, DeliveryState

NOT_TAKEN = {
    "bounced": "The mail came back: its server does not take mail for this address.",
    "rejected": "The mail service does not send to this address any more.",
    "complained": "The recipient called the mail spam, so the mail service wants none sent there.",
}
"""Events by which an address is of no use, in words."""


def on_tracking(event: Any, **_signal: Any) -> None:
    """Signal `anymail.signals.tracking`. Events that come twice, or of mails that are not ours, change nothing."""
    sentence = NOT_TAKEN.get(event.event_type)
    key = _key(event)
    if sentence is None or key is None:
        return
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(key=key, state=DeliveryState.SENT).first()
        if row is None:
            return
        row.state, row.code, row.sentence = DeliveryState.BOUNCED, "address", sentence
        row.hint = "Correct the address, or say that it is right, before mail is sent there again."
        row.tries = (
            [*row.tries, {"at": event.timestamp.isoformat(), "state": row.state, "sentence": sentence}] if event.timestamp else row.tries
        )
        row.save(update_fields=["state", "code", "sentence", "hint", "tries"])
        if row.subscriber_id is not None:
            bounced(row.subscriber_id, sentence)


def _key(event: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str((event.metadata or {}).get("delivery", "")))
    except ValueError:
        return None
