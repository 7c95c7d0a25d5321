"""Counts of what an outside system has in a warehouse, for systems that can tell."""

from __future__ import annotations

import hashlib
from typing import Protocol

from django.utils.module_loading import import_string

from accounts.acting import Actor
from accounts.errors import Problem
from inventory.models import Count, Warehouse
from sync.feedproblem import FeedProblem
from sync.models import Connection
from sync.systems import system


class NotCounted(Problem):
    """Refused: this system does not say how much there is of anything."""


class Proposed(Protocol):
    """A count that waits, and the names of products there that could not be in it."""

    @property
    def count(self) -> Count: ...
    @property
    def left_out(self) -> tuple[str, ...]: ...


def propose(actor: Actor, connection: Connection, warehouse: Warehouse, *, key: str = "") -> Proposed:
    """Let the system say what is in a warehouse: a count of it waits for approval, as the opening where nothing is booked there yet.

    With a `key` it is entered once, and every repetition answers with the first. Calls the other side, so never within a transaction.
    Raises NotAllowed, NotCounted, what the client raises, and what entering a count raises.
    """
    verb = system(connection.system).counts_stock
    if not verb:
        raise NotCounted(f"“{connection}” does not tell how much there is.", hint="Enter a count by hand, or upload one.")
    # As long as a key of a count may be, whatever the caller's is.
    source_key = f"proposed:{connection.pk}:{hashlib.sha256(key.encode()).hexdigest()}" if key else None
    try:
        found: Proposed = import_string(verb)(actor, connection, warehouse, source_key)
    except FeedProblem as problem:
        raise NotCounted(problem.sentence, hint=problem.hint) from problem
    return found


def told(proposed: Proposed) -> str:
    """What was proposed, for people."""
    count, lines = proposed.count, proposed.count.lines.count()
    kind = "opening count" if count.opening else "count"
    said = f"The {kind} {count.pk} of {count.warehouse} waits for approval: {lines:,} {'line' if lines == 1 else 'lines'}."
    if proposed.left_out:
        more = " …" if len(proposed.left_out) > 5 else ""
        said += f" Not in it, because they are not matched or no whole number: {', '.join(proposed.left_out[:5])}{more}."
    return said
