"""The few lists in which a person reads what a run changed or would change."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Q


class Listed(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    GONE = "gone"
    HELD = "held"
    UNCONFIRMED = "unconfirmed"
    CONFLICTS = "conflicts"


_ENDINGS = {"_appeared": Listed.ADDED, "_migrated": Listed.MOVED, "_disappeared": Listed.GONE}
_CONFLICT = "conflict_"
_REMARKS = {"held": Listed.HELD, "unconfirmed": Listed.UNCONFIRMED}
"""Rows of a plan that change nothing: an input row that is held, a stored one that no list speaks of."""


def listed(type: str) -> Listed:
    """The list in which a change of this type is shown. Sources name their types so: item_appeared, load_disappeared, item_migrated."""
    if type.startswith(_CONFLICT):
        return Listed.CONFLICTS
    if type in _REMARKS:
        return _REMARKS[type]
    return next((name for ending, name in _ENDINGS.items() if type.endswith(ending)), Listed.CHANGED)


def in_list(name: Listed) -> Q:
    """The changes that `listed` puts into the list `name`, as a condition on their rows."""
    conflict = Q(type__startswith=_CONFLICT)
    if name is Listed.CONFLICTS:
        return conflict
    if name in _REMARKS.values():
        return Q(type=name)
    if name is Listed.CHANGED:
        return ~reduce(or_, (Q(type__endswith=ending) for ending in _ENDINGS), conflict | Q(type__in=_REMARKS))
    ending = next(ending for ending, ends in _ENDINGS.items() if ends is name)
    return Q(type__endswith=ending) & ~conflict
