"""What became so far of the lines that a decision set free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count
from django.http import HttpRequest

from sync.admin.factaddresses import number_of
from sync.facts import worklist
from sync.models import Connection, FactState, SourceFact

PACE = 1000
"""Milliseconds between two looks at lines that are being booked."""


@dataclass(frozen=True)
class Progress:
    """What became so far of the lines that a decision set free."""

    freed: int
    waiting: int
    held: int
    states: Sequence[tuple[str, int]] = ()

    @property
    def settled(self) -> int:
        return max(self.freed - self.waiting - self.held, 0)


def freed_by(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("freed", "since", "wide") if request.GET.get(name)}


def progress_of(request: HttpRequest, connection: Connection, about: str, value: str) -> Progress | None:
    """How far the lines are that the address says were set free; None where it says nothing of that."""
    freed, since = number_of(request.GET.get("freed")), number_of(request.GET.get("since"))
    if not freed or since is None:
        return None
    wanted = worklist.touched(connection.pk, about, value)
    rows = SourceFact.objects.filter(wanted, account=connection.account_id).order_by()
    if request.GET.get("wide") != "1":
        rows = rows.filter(connection=connection)
    open_ones = rows.filter(state__in=[FactState.WAITING, FactState.HELD]).values_list("state").annotate(Count("pk"))
    found = dict(open_ones)
    progress = Progress(freed, found.get(FactState.WAITING, 0), found.get(FactState.HELD, 0))
    if progress.waiting:
        return progress
    try:
        at = datetime.fromtimestamp(since, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    # Read once, when they are done: what names it is not indexed among booked lines.
    ended = dict(rows.filter(tried_at__gte=at).values_list("state").annotate(Count("pk")))
    words = {state.value: str(state.label).lower() for state in FactState}
    return Progress(freed, 0, found.get(FactState.HELD, 0), [(words[state], number) for state, number in sorted(ended.items())])
