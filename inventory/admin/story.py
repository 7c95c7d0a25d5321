"""What happened to a unit, load or conflict: what the audit log says, and what the apps above tell, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import Account, AuditLog
from inventory.wording import moment

SHOWN = 100
"""So many events of each teller, and in all, are told; older ones are found in the logs."""


@dataclass(frozen=True)
class Event:
    """`by` is who or what did it, `link` the address of a page that says more."""

    at: datetime
    what: str
    old: str = ""
    new: str = ""
    by: str = ""
    link: str = ""
    differs: bool = False
    """Whether `old` and `new` are two values of the same thing, one of which may be empty."""


Teller = Callable[[Account, str, int, int], Iterable[Event]]
"""Called with the account, the entity ("unit", "load", "conflict"), the row's id and how many events are wanted at most."""

_tellers: list[Teller] = []


def told_by(teller: Teller) -> Teller:
    """Let `teller` add to every story. For apps above this one, when their admin is loaded."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def story(account: Account, entity: str, pk: int, *, audited_as: tuple[str, str]) -> list[Event]:
    """The newest SHOWN events of the row, in one query for the audit log and what each teller needs."""
    events = [event for teller in _tellers for event in teller(account, entity, pk, SHOWN)]
    name, row = audited_as
    for log in AuditLog.objects.filter(account=account, entity=name, entity_id=row).order_by("-id")[:SHOWN]:
        events += _audited(log)
    return sorted(events, key=attrgetter("at"), reverse=True)[:SHOWN]


def _audited(log: AuditLog) -> list[Event]:
    before, after = log.before or {}, log.after or {}
    action = log.action.replace("_", " ").capitalize()
    changed = [name for name in after if name in before]
    if not changed:
        return [Event(log.created_at, action, by=log.actor_label)]
    return [
        Event(log.created_at, _words(name), _text(before[name]), _text(after[name]), by=log.actor_label, differs=True) for name in changed
    ]


def _words(name: str) -> str:
    return name.replace("local_", "our ").replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    at = parse_datetime(value) if isinstance(value, str) and value[:1].isdigit() and "T" in value else None
    return moment(at) if at is not None else "" if value is None else str(value)
