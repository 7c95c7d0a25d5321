"""Signals that end in a push: of verbs and bulk writes, and of a plain save from anywhere else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from inventory.models import Item
from marketplaces.push.requesting import request


def on_items_changed(*, account_id: int, item_ids: Sequence[int], cause: str, correlation: uuid.UUID, **_signal: Any) -> None:
    """Signal items_changed: in the transaction that changed them."""
    request(item_ids, cause, account_id=account_id, correlation=correlation)


def on_item_saved(*, instance: Item, raw: bool = False, **_signal: Any) -> None:
    """Signal post_save of an item: whoever saved it. One that a verb has announced already is announced once more, which costs little."""
    if not raw:
        request([instance.pk], "saved", account_id=instance.account_id)
