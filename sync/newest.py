"""Whether something new has come in since somebody looked."""

from __future__ import annotations

from typing import NamedTuple

from accounts.models import Account
from sync.models import SyncRun

LOOKED_AT = 20
"""Runs that can be going on at once in one account; of these the one that ended last is the newest."""


class Newest(NamedTuple):
    """`run` is the id of the run that ended last, None before the first; `word` differs after each end."""

    run: int | None
    word: str


def newest(account: Account) -> Newest:
    """The run of `account` that ended last. One query for a few rows, so it may be asked every few seconds."""
    recent = SyncRun.objects.filter(account=account).order_by("-id").values_list("finished_at", "pk")[:LOOKED_AT]
    ended = max(((at, pk) for at, pk in recent if at is not None), default=None)
    if ended is None:
        return Newest(None, "none")
    at, pk = ended
    return Newest(pk, f"{pk}-{at.timestamp():.6f}")
