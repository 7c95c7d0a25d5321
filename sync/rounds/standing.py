"""How each type stands: its newest run, how far it was read, and how many of its lines are held (docs/sync-all.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from accounts.errors import Problem
from accounts.models import Account
from sync import answers
from sync.facts import worklist
from sync.models import Connection, Cursor, FeedState, Kind, RunFeed, Status, SyncRun, Verdict
from sync.rounds.types import SYSTEMS, TYPES, Origin, SyncType
from sync.systems import SYSTEMS as REGISTERED

NEVER = "never"
"""The state of what no run has read yet."""
_FIRST = ("in_progress", "failed", "pending", "success")
"""Of several connections the one that says most about the type."""


@dataclass(frozen=True)
class Standing:
    """A type at one connection. `run` is the newest that reads it, alone or among others, and `state` what became of the type in it.

    `read_to` is how far all of it was read, by the outside system's clock; `parts` have marks of their own besides.
    """

    type: SyncType
    connection: Connection
    origin: Origin
    run: SyncRun | None
    state: str
    read_to: datetime | None
    complete_at: datetime | None
    parts: int
    valid_at: datetime | None
    held: int

    @property
    def status(self) -> str:
        return answers.WORDS.get(self.state, "pending")

    @property
    def message(self) -> str:
        return answers.message(self.run) if self.run else "Never read."


def offered(connection: Connection, scope: str) -> bool:
    """Whether this connection has something of the scope: some parts are switched on by a setting."""
    known = REGISTERED[connection.system]
    if scope not in known.scopes:
        return False
    try:
        if known.resolve is not None:
            known.resolve(connection, scope)
    except Problem:
        return False
    return True


def standings(account: Account) -> dict[str, list[Standing]]:
    """For each type how it stands at each connection that has it; an empty list where none does. Six queries."""
    systems = [key for key in SYSTEMS if key in REGISTERED]
    connections = list(Connection.objects.filter(account=account, system__in=systems, enabled=True).order_by("name", "pk"))
    runs, invalid = _runs(connections)
    cursors: dict[int, list[Cursor]] = defaultdict(list)
    for cursor in Cursor.objects.filter(connection__in=connections):
        cursors[cursor.connection_id].append(cursor)
    valid: dict[tuple[int, str], datetime] = {}
    for connection_id, feed, at in FeedState.objects.filter(connection__in=connections).values_list("connection", "feed", "valid_at"):
        valid[connection_id, feed] = at
    facts = worklist.held(account).filter(connection__in=connections)
    held = {(row[0], row[1]): row[2] for row in facts.values_list("connection", "feed").annotate(Count("pk"))}
    return {
        kind.key: [
            _standing(kind, each, kind.origin(each.system), runs, invalid, cursors[each.pk], valid, held)
            for each in connections
            if each.system in kind.systems and offered(each, kind.origin(each.system).scope)
        ]
        for kind in TYPES.values()
    }


def overall(found: Sequence[Standing]) -> str:
    """The one word for a type at several connections: pending where there is none."""
    words = {each.status for each in found}
    return next((word for word in _FIRST if word in words), "pending")


def _runs(connections: Sequence[Connection]) -> tuple[dict[tuple[int, str], SyncRun], set[tuple[int, str]]]:
    """The newest run of each scope of the connections, and which feeds these could not use."""
    scopes = {scope for kind in TYPES.values() for origin in kind.origins for scope in origin.scopes}
    rows = SyncRun.objects.filter(connection__in=connections, scope__in=scopes, kind=Kind.SYNC).order_by()
    newest = [row[2] for row in rows.values_list("connection", "scope").annotate(Max("pk"))]
    found = SyncRun.objects.filter(pk__in=newest).defer("stats", "details", "errors", "warnings")
    bad = RunFeed.objects.filter(run__in=newest, verdict=Verdict.INVALID).values_list("run", "feed")
    return {(run.connection_id, run.scope): run for run in found}, set(bad)


def _standing(
    kind: SyncType,
    connection: Connection,
    origin: Origin,
    runs: Mapping[tuple[int, str], SyncRun],
    invalid: set[tuple[int, str]],
    cursors: Iterable[Cursor],
    valid: Mapping[tuple[int, str], datetime],
    held: Mapping[tuple[int, str], int],
) -> Standing:
    mine = [each for each in cursors if each.feed.partition("/")[0] in origin.feeds]
    # The whole has a cursor of its own; of its parts some may long be silent.
    whole = [each for each in mine if each.feed in origin.feeds] or mine
    of_scopes = [runs[connection.pk, scope] for scope in origin.scopes if (connection.pk, scope) in runs]
    run = max(of_scopes, key=lambda each: each.pk, default=None)
    return Standing(
        type=kind,
        connection=connection,
        origin=origin,
        run=run,
        state=_state(run, any((run.pk, feed) in invalid for feed in origin.feeds) if run else False),
        read_to=min((each.read_to for each in whole), default=None),
        complete_at=min((each.complete_at for each in whole if each.complete_at), default=None),
        parts=sum("/" in each.feed for each in mine),
        valid_at=max((valid[connection.pk, feed] for feed in origin.feeds if (connection.pk, feed) in valid), default=None),
        held=sum(held.get((connection.pk, feed), 0) for feed in origin.feeds),
    )


def _state(run: SyncRun | None, unusable: bool) -> str:
    """A run that read several types and is partial may have read this one well."""
    if run is None:
        return NEVER
    if run.status == Status.PARTIAL and not unusable:
        return Status.SUCCEEDED
    return run.status
