"""How far each feed of an Odoo connection was read, by Odoo's own clock (docs/odoo.md, “Pull procedure”)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from sync.models import Connection, Cursor

ORDERED = "orders/ordered"
"""Stands beside the cursor of orders while purchases are booked as ordered: without it they have to be read from the beginning."""


def window_start(connection: Connection, feed: str, overlap: timedelta) -> datetime | None:
    """From which change on a feed is read now: a little before what was seen last. None: from the beginning."""
    read_to = position(connection, feed)
    return None if read_to is None else (read_to - overlap).replace(microsecond=0)


def is_known(connection: Connection, feed: str) -> bool:
    return Cursor.objects.filter(connection=connection, feed=feed).exists()


def move_on(connection: Connection, feed: str, read_to: datetime | None, *, beginning: datetime | None = None) -> None:
    """The feed was read and applied to the end of its window. Never back; a window in which nothing came moves nothing.

    `beginning` is how far the feed was read when the run began: where it was set back meanwhile, it stays there. Within the transaction
    that closes the run.
    """
    if read_to is None:
        Cursor.objects.filter(connection=connection, feed=feed).update(complete_at=timezone.now())
        return
    row, made = Cursor.objects.select_for_update(of=("self",)).get_or_create(
        connection=connection,
        feed=feed,
        defaults={"account_id": connection.account_id, "read_to": read_to, "complete_at": timezone.now()},
    )
    if not made and (beginning is None or row.read_to >= beginning):
        row.read_to, row.complete_at = max(row.read_to, read_to), timezone.now()
        row.save(update_fields=["read_to", "complete_at"])


def position(connection: Connection, feed: str) -> datetime | None:
    """How far the feed was read; None where it will be read from the beginning."""
    return Cursor.objects.filter(connection=connection, feed=feed).values_list("read_to", flat=True).first()


def set_back(connection: Connection, feed: str, read_to: datetime) -> None:
    """Let the next window begin as if the feed had been read to there only. Never forward. Within the caller's transaction."""
    Cursor.objects.filter(connection=connection, feed=feed, read_to__gt=read_to).update(read_to=read_to)


def forget(connection: Connection, feed: str) -> None:
    """Let a feed be read from the beginning the next time. What is stored stays, and is recognised."""
    Cursor.objects.filter(connection=connection, feed=feed).delete()
