"""What is to be sent next, from what a shop should show and what it has been told. Pure (docs/push.md).

One step at a time: after each the difference is looked at again, so a step that was lost, refused or overtaken changes only the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplaces.lots import Refusal, Wanted
from marketplaces.models import Priority


@dataclass(frozen=True)
class Told:
    """What a shop has been told of an item. `lot_id` is blank while it has no lot; `retiring` is a lot that is being replaced."""

    lot_id: str = ""
    retiring: str = ""
    quantity: int = 0
    identity: Mapping[str, Any] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    reread: bool = False


@dataclass(frozen=True)
class Nothing:
    """They agree."""


@dataclass(frozen=True)
class Read:
    """The told quantity is in doubt: read the lot before anything is sent."""


@dataclass(frozen=True)
class Create:
    """Make a lot of `wanted`."""

    wanted: Wanted


@dataclass(frozen=True)
class Update:
    """Move the quantity by `difference`, or set it to `absolute` where that is given (the difference is then what that makes), and set
    `fields`."""

    difference: int = 0
    absolute: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Retire:
    """The lot can't become what is wanted: another one takes its place. Nothing is sent by this step."""


@dataclass(frozen=True)
class Delete:
    """Delete the lot; `retiring` when it is the replaced one."""

    lot_id: str
    retiring: bool = False


Step = Nothing | Read | Create | Update | Retire | Delete | Refusal


@dataclass(frozen=True)
class Rules:
    """What a shop does. `keeps_empty`: a lot that is sold out stays and is filled again. `sets_quantities`: zero is set, not moved to."""

    keeps_empty: bool = False
    sets_quantities: bool = False


def plan(told: Told, wanted: Wanted | Refusal, *, offered: int, gone: bool, rules: Rules) -> Step:
    """The next step for an item of which `offered` pieces are for sale.

    `gone`: it is archived or kept off the shop, so that its lot is to be deleted. A refusal never keeps a shop from being told of less.
    """
    if gone:
        return _close(told)
    if told.lot_id and told.reread and (offered or rules.keeps_empty):
        return Read()
    if offered == 0:
        return _sold_out(told, wanted, rules)
    if isinstance(wanted, Refusal):
        if told.lot_id and offered < told.quantity:
            return Update(difference=offered - told.quantity)
        return wanted
    if not told.lot_id:
        return Create(wanted)
    if told.identity != wanted.identity:
        # Hidden first: for a moment both lots would be for sale, and a piece could be sold twice.
        if told.fields.get("hidden") is not True:
            return Update(fields={"hidden": True})
        # One lot retires at a time: the one before would be forgotten at the shop.
        return Delete(told.retiring, retiring=True) if told.retiring else Retire()
    return _changed(told, wanted) or _close_retiring(told)


def _close(told: Told) -> Step:
    return Delete(told.lot_id) if told.lot_id else _close_retiring(told)


def _close_retiring(told: Told) -> Step:
    return Delete(told.retiring, retiring=True) if told.retiring else Nothing()


def _sold_out(told: Told, wanted: Wanted | Refusal, rules: Rules) -> Step:
    if not told.lot_id:
        return _close_retiring(told)
    if not rules.keeps_empty:
        return Delete(told.lot_id)
    if isinstance(wanted, Refusal) or told.identity != wanted.identity:
        changes: dict[str, Any] = {}
    else:
        changes = differing(told.fields, wanted.fields)
    if not told.quantity and not changes:
        return _close_retiring(told)
    zero = 0 if rules.sets_quantities and told.quantity else None
    return Update(difference=-told.quantity, absolute=zero, fields=changes)


def _changed(told: Told, wanted: Wanted) -> Step | None:
    difference = wanted.quantity - told.quantity
    changes = differing(told.fields, wanted.fields)
    return Update(difference=difference, fields=changes) if difference or changes else None


def differing(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are wanted otherwise than they were told; None is told of what is not known. A lot is shown again only if it was
    hidden by us, or may have been."""
    return {
        name: value
        for name, value in wanted.items()
        if (name not in told or told[name] != value) and not (name == "hidden" and value is False and told.get("hidden", False) is False)
    }


def priority_of(step: Step) -> Priority:
    """How urgent a step is: what keeps a piece from being sold twice comes first."""
    if isinstance(step, Delete | Read):
        return Priority.LESS
    if isinstance(step, Create | Retire):
        return Priority.MORE
    if isinstance(step, Update):
        if step.difference < 0 or step.fields.get("hidden") is True:
            return Priority.LESS
        if step.difference > 0 or "hidden" in step.fields:
            return Priority.MORE
        return Priority.PRICE if "price" in step.fields else Priority.TEXTS
    return Priority.TEXTS


def told_after(told: Told, step: Step, *, created_fields: frozenset[str] = frozenset()) -> Told:
    """What the shop has been told once `step` was done; a lot that was made still lacks its id."""
    if isinstance(step, Create):
        fields = {name: value for name, value in step.wanted.fields.items() if name in created_fields}
        return Told(lot_id="", retiring=told.retiring, quantity=step.wanted.quantity, identity=step.wanted.identity, fields=fields)
    if isinstance(step, Update):
        quantity = told.quantity + step.difference if step.absolute is None else step.absolute
        return Told(told.lot_id, told.retiring, quantity, told.identity, {**told.fields, **step.fields}, told.reread)
    if isinstance(step, Delete):
        return Told(told.lot_id, "", told.quantity, told.identity, told.fields) if step.retiring else Told(retiring=told.retiring)
    if isinstance(step, Retire):
        return Told(retiring=told.lot_id)
    return told
