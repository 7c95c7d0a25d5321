"""Forgetting how far a type was read, so that its next sync reads it from the beginning (docs/sync-all.md)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.audit import record
from sync import stuck
from sync.choosing import for_any
from sync.models import ACTIVE, Connection, Cursor, Status, SyncRun
from sync.rounds.types import Origin, SyncType, type_called
from sync.runs import AlreadyRunning
from sync.systems import system


@dataclass(frozen=True)
class Reset:
    """What a reset of a type of one connection has done, or would do. `cursors` of its parts are forgotten."""

    type: SyncType
    connection: Connection
    cursors: int
    done: bool = False

    @property
    def sentence(self) -> str:
        of = f"{self.type.label} of “{self.connection}”"
        again = "What is booked already is recognised by its number there: nothing is booked twice."
        if not self.cursors:
            return f"{of}: how far they were read is not known, so the next sync begins at the beginning anyway."
        if self.done:
            return f"{of} were reset. The next sync reads all of them from the beginning. {again}"
        return f"{of}: how far they were read is forgotten, and the next sync reads all of them from the beginning. {again}"


def look(actor: Actor, key: str, named: int | str | None = None) -> Reset:
    """What `reset` would do. Raises NotAllowed, UnknownType, UnknownConnection and ConnectionRequired."""
    actor.require("run.reset")
    kind = type_called(key)
    connection = for_any(actor.account, kind.systems, named)
    return Reset(kind, connection, cursors_of(connection, kind.origin(connection.system)).count())


def reset(actor: Actor, key: str, named: int | str | None = None) -> Reset:
    """Forget how far the type `key` was read with the connection that is `named`, or with the only one. Audited.

    What waits for a review of the same data was planned from where it had been read to, and is put aside. Raises NotAllowed, UnknownType,
    UnknownConnection, ConnectionRequired, and AlreadyRunning while a run is at it.
    """
    wanted = look(actor, key, named)
    origin = wanted.type.origin(wanted.connection.system)
    with transaction.atomic():
        # A run that is about to be queued refers to this row, and waits: it begins with what is left here.
        connection = Connection.objects.select_for_update(of=("self",)).get(pk=wanted.connection.pk)
        known = system(connection.system)
        of_these = SyncRun.objects.filter(connection=connection, dataset__in={known.dataset_of(scope) for scope in origin.scopes})
        active = of_these.filter(status__in=ACTIVE).first()
        if active is not None and not stuck.heal(active, actor):
            raise AlreadyRunning(active, origin.scope)
        said = f"{wanted.type.label} were reset by {actor.label}; nothing was written."
        of_these.filter(status=Status.NEEDS_REVIEW).update(status=Status.CANCELLED, message=said, finished_at=Now())
        rows = cursors_of(connection, origin)
        before = {each.feed: each.read_to.isoformat() for each in rows}
        rows.delete()
        record(actor, entity="Connection", entity_id=connection.pk, action="RESET", before=before, after={}, cause=wanted.type.key)
    return Reset(wanted.type, connection, len(before), done=True)


def cursors_of(connection: Connection, origin: Origin) -> QuerySet[Cursor]:
    """How far each part of it was read."""
    wanted = Q()
    for feed in origin.feeds:
        wanted |= Q(feed=feed) | Q(feed__startswith=f"{feed}/")
    return Cursor.objects.filter(wanted, connection=connection)
