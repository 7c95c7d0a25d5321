"""A manager's word that an odd-looking document is right."""

from __future__ import annotations

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from sync.models import Connection, FeedConfirmation, FeedDocument, RunFeed


class NothingToConfirm(Problem):
    """Refused: nobody doubts that document so, or the doubt is one that nobody can put aside."""

    status = 409
    hint = "Look at the feeds again: another document may have come meanwhile."


def confirm(actor: Actor, connection: Connection, feed: str, checksum: str, code: str) -> FeedConfirmation:
    """Put the doubt `code` about the content `checksum` of `feed` aside, in this connection and for that content alone.

    Said twice it counts once. Raises NotAllowed, NothingToConfirm, Connection.DoesNotExist for one of another account.
    """
    actor.require("feed.confirm")
    row = Connection.objects.get(account=actor.account, pk=connection.pk)
    if not _doubted(row, feed, checksum, code):
        raise NothingToConfirm(f"No document of this content is waiting for a confirmation of “{code[:40]}”.")
    with transaction.atomic():
        said, new = FeedConfirmation.objects.get_or_create(
            connection=row,
            feed=feed,
            checksum=checksum,
            code=code,
            defaults={"account": actor.account, "confirmed_by": actor.label[:200]},
        )
        if new:
            after = {"connection": row.pk, "feed": feed, "code": code, "checksum": checksum}
            record(actor, entity="FeedConfirmation", entity_id=said.pk, action="CONFIRM", after=after)
    return said


def _doubted(connection: Connection, feed: str, checksum: str, code: str) -> bool:
    """Whether a run or an upload found that doubt, and a person may decide it."""
    if RunFeed.objects.filter(run__connection=connection, feed=feed, checksum=checksum, error_code=code, confirmable=True).exists():
        return True
    reports = FeedDocument.objects.filter(connection=connection, feed=feed, checksum=checksum).values_list("report", flat=True)
    return any(doubt["code"] == code and doubt["confirmable"] for report in reports for doubt in report.get("doubts", ()))
