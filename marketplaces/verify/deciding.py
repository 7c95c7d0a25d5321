"""What people decide about differences (docs/verify.md).

A decision is written first, and is carried out when its outcome is no longer blank: at once where that takes no call and few rows, else by
a worker, which may be killed anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from accounts.errors import Problem, in_one_line
from inventory.models import Item
from jobs.queue import enqueue
from marketplaces.errors import NotDecidable
from marketplaces.models import Decision, Difference, DifferenceKind
from marketplaces.verify import importing, taking
from marketplaces.verify.adopting import adopt
from marketplaces.verify.choices import DECISIONS, NoSuchChoice, choices_of

CARRY_OUT = "marketplaces.verify.carrying.carry_out"
ENTITY = "Difference"
CAUSE = "verify"
KINDS = {
    "repair": (DifferenceKind.DIFFERS, DifferenceKind.MISSING),
    "take": (DifferenceKind.DIFFERS, DifferenceKind.MISSING),
    "keep_off": (DifferenceKind.MISSING,),
    "adopt": (DifferenceKind.UNKNOWN_LOT,),
    "import_item": (DifferenceKind.UNKNOWN_LOT,),
    "remove": (DifferenceKind.DUPLICATE,),
    "ignore": tuple(DifferenceKind),
}
AT_ONCE = 50
"""More decisions than that are carried out by a worker."""


@dataclass(frozen=True)
class Decided:
    """How many differences were decided; `waiting` of them are carried out by a worker. `refused` says why, by the id of a difference."""

    decided: int
    waiting: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def decide(
    actor: Actor, difference: Difference, choice: str, *, item: Item | None = None, fields: Collection[str] | None = None
) -> Difference:
    """Settle one difference by one of the keys of `choices_of`; the difference as it is then. Audited.

    `item` says which one an unknown lot is, where several could be; `fields` which of those that differ are taken. A repair waits for a
    worker, since the shop's orders are read first. Raises NotAllowed, NoSuchChoice, NotDecidable, FollowsStock and what items.edit raises,
    Difference.DoesNotExist and Item.DoesNotExist for what is not the account's.
    """
    _allowed(actor, choice)
    with transaction.atomic():
        row = _rows(actor).select_for_update(of=("self",)).get(pk=difference.pk)
        if row.decision != Decision.OPEN:
            by = f" by {row.decided_by}" if row.decided_by else ""
            raise NotDecidable(f"It is settled already{by}: {row.get_decision_display().lower()}. {row.outcome}".strip())
        if choice not in {each.key for each in choices_of(row)}:
            raise NoSuchChoice(f"“{choice}” is no way out of this. There are: {', '.join(each.key for each in choices_of(row))}.")
        outcome = _outcome(actor, row, choice, item, fields)
        row.decision, row.decided_by, row.outcome = DECISIONS[choice], actor.label[:200], outcome[:500]
        Difference.objects.filter(pk=row.pk).update(
            decision=row.decision, decided_by=row.decided_by, outcome=row.outcome, decided_at=Now(), item=row.item_id
        )
        _audit(actor, [row], choice)
        if not outcome:
            enqueue(CARRY_OUT, row.shop_id)
    row.refresh_from_db()
    return row


def decide_many(actor: Actor, differences: QuerySet[Difference] | Iterable[int], choice: str) -> Decided:
    """Settle many differences alike. Each is settled or refused by itself. What is many, or needs the shop, is carried out by a worker:
    what it can't do is open again then, with the reason. Audited. Raises NotAllowed, NoSuchChoice."""
    _allowed(actor, choice)
    if isinstance(differences, QuerySet):
        differences = differences.filter(account=actor.account).order_by().values_list("pk", flat=True)
    wanted = sorted(set(differences))
    if choice == "keep_off" or (choice not in ("repair", "ignore") and len(wanted) <= AT_ONCE):
        return _one_by_one(actor, wanted, choice)
    decided, refused = 0, dict[int, str]()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        with transaction.atomic():
            rows = list(_rows(actor).filter(pk__in=part).select_for_update(of=("self",)).order_by("pk"))
            unfit = {row.pk: why for row in rows if (why := _unfit(row, choice))}
            fit = [row for row in rows if row.pk not in unfit]
            outcome = "Left as it is." if choice == "ignore" else ""
            _mark(actor, Difference.objects.filter(pk__in=[row.pk for row in fit]), choice, outcome)
            _audit(actor, fit, choice)
            if not outcome:
                _wake(fit)
        refused |= unfit | dict.fromkeys(set(part) - {row.pk for row in rows}, "There is no such difference.")
        decided += len(fit)
    return Decided(decided, 0 if choice == "ignore" else decided, refused)


def _mark(actor: Actor, rows: QuerySet[Difference], choice: str, outcome: str) -> int:
    values: dict[str, Any] = {"decision": DECISIONS[choice], "decided_by": actor.label[:200], "decided_at": Now(), "outcome": outcome}
    # An adopted lot without an item is one that an item is to be made of.
    return rows.update(**values, **({"item": None} if choice == "import_item" else {}))


def _wake(rows: Iterable[Difference]) -> None:
    for shop_id in sorted({row.shop_id for row in rows}):
        enqueue(CARRY_OUT, shop_id)


def _one_by_one(actor: Actor, ids: Collection[int], choice: str) -> Decided:
    decided, refused = 0, dict[int, str]()
    found = {row.pk: row for row in _rows(actor).filter(pk__in=ids)}
    for pk in ids:
        if pk not in found:
            refused[pk] = "There is no such difference."
            continue
        try:
            decide(actor, found[pk], choice)
            decided += 1
        except Problem as problem:
            refused[pk] = f"{problem.sentence} {problem.hint}".strip()
        except ValidationError as error:
            refused[pk] = in_one_line(error)
    return Decided(decided, 0, refused)


def _allowed(actor: Actor, choice: str) -> None:
    actor.require("difference.decide")
    if choice not in DECISIONS:
        raise NoSuchChoice(f"“{choice}” is no way out. There are: {', '.join(DECISIONS)}.")
    if choice == "import_item":
        actor.require("item.import")


def _rows(actor: Actor) -> QuerySet[Difference]:
    return Difference.objects.filter(account=actor.account).select_related("verification", "shop__connection")


def _unfit(row: Difference, choice: str) -> str:
    """Why the difference can't be settled so; blank when it may be tried."""
    if row.decision != Decision.OPEN:
        return "It is settled already."
    if row.kind not in KINDS[choice]:
        return f"“{choice}” is no way out of this: {row.get_kind_display().lower()}."
    if choice == "adopt" and row.item_id is None:
        return _unclear(row)
    return ""


def _unclear(row: Difference) -> str:
    return "Several items could be this lot. Choose one." if row.candidates else "No item here is like this lot. Make an item of it."


def _outcome(actor: Actor, row: Difference, choice: str, item: Item | None, fields: Collection[str] | None) -> str:
    """Carry it out, and say what was done; blank when a worker has to."""
    shop, correlation = row.shop, row.verification.correlation
    if choice == "ignore":
        return "Left as it is."
    if choice == "repair":
        return ""
    if choice == "take":
        return taking.take(actor, shop, row, fields=fields, correlation=correlation)
    if choice == "keep_off":
        return taking.off(actor, shop, row, correlation=correlation)
    if choice == "remove":
        return taking.remove(row, shop, correlation=correlation)
    if choice == "import_item":
        made, refused = importing.import_items(actor, shop, [row], cause=CAUSE, correlation=correlation)
        _none(refused)
        row.item = made[row.pk]
        return "A new item was made of it."
    if item is not None:
        row.item = Item.objects.get(pk=item.pk, account=actor.account)
    if row.item_id is None:
        raise NotDecidable(_unclear(row), hint="Name the item that the lot is.")
    _none(adopt(shop, {row.item_id: row}, cause=CAUSE, correlation=correlation))
    return "The lot is the item's now."


def _none(refused: dict[int, str]) -> None:
    for sentence in refused.values():
        raise NotDecidable(sentence)


def _audit(actor: Actor, rows: Collection[Difference], choice: str) -> None:
    record_many(
        actor,
        [Entry(ENTITY, row.pk, choice.upper(), after={"shop": str(row.shop), "lot": row.lot_id, "item": row.item_id}) for row in rows],
        correlation=next(iter(rows)).verification.correlation if rows else None,
    )
