"""Decisions that are written and not carried out yet: the work of a worker, chunk by chunk, each in one transaction (docs/verify.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.acting import Actor
from accounts.errors import Problem, in_one_line
from accounts.roles import Role
from jobs import lease
from marketplaces.models import Decision, Difference, Shop, Verification, VerificationStatus
from marketplaces.verify import repairing, taking
from marketplaces.verify.adopting import Refused, adopt
from marketplaces.verify.importing import import_items

CAUSE = "verify"
CHUNK = 500

logger = logging.getLogger(__name__)


def carry_out(shop_id: int) -> str:
    """Task: carry out what was decided about a shop's differences. It may come twice and be killed anywhere.

    What can't be done is open again, with the reason as its outcome.
    """
    with lease.named(f"marketplaces.verify.{shop_id}") as held:
        if held is None:
            return "Another worker is at it."
        shop = Shop.objects.select_related("connection", "account").get(pk=shop_id)
        done = 0
        while not held.lost and (rows := list(_next(shop))):
            _chunk(shop, rows)
            done += len(rows)
        if not held.lost:
            done += repairing.repair(shop)
    return f"{done} decisions were carried out."


def pending() -> QuerySet[Difference]:
    """What was decided and not carried out."""
    return Difference.objects.filter(decision__in=_WORK, outcome="")


_WORK = (Decision.REPAIRED, Decision.TAKEN, Decision.ADOPTED, Decision.REMOVED)


def _next(shop: Shop) -> QuerySet[Difference]:
    """The next of them, those for which the shop has to be asked left for last."""
    rows = pending().filter(shop=shop).exclude(decision=Decision.REPAIRED).select_related("verification", "shop__connection")
    return rows.order_by("pk")[:CHUNK]


def _chunk(shop: Shop, rows: Sequence[Difference]) -> None:
    for who, theirs in groupby(sorted(rows, key=lambda row: row.decided_by), key=lambda row: row.decided_by):
        actor, mine = Actor(shop.account, None, Role.OWNER, who or "worker"), list(theirs)
        adopted = [row for row in mine if row.decision == Decision.ADOPTED]
        with_item = {row.item_id: row for row in adopted if row.item_id is not None}
        twice = [row for row in adopted if row.item_id is not None and with_item[row.item_id] is not row]
        _adopt(shop, with_item)
        reopen(twice, dict.fromkeys((row.pk for row in twice), "Another lot was decided to be this item at the same time."))
        _import(actor, shop, [row for row in adopted if row.item_id is None])
        for row in mine:
            if row.decision == Decision.TAKEN:
                _alone(row, partial(taking.take, actor, shop, row, fields=None, correlation=row.verification.correlation))
            elif row.decision == Decision.REMOVED:
                _alone(row, partial(taking.remove, row, shop, correlation=row.verification.correlation))


def _adopt(shop: Shop, wanted: dict[int, Difference]) -> None:
    if not wanted:
        return
    with transaction.atomic():
        rows = list(wanted.values())
        refused = adopt(shop, wanted, cause=CAUSE, correlation=rows[0].verification.correlation)
        reopen(rows, refused)
        _done([row for row in rows if row.pk not in refused], "The lot is the item's now.")


def _import(actor: Actor, shop: Shop, rows: Sequence[Difference]) -> None:
    if not rows:
        return
    with transaction.atomic():
        made, refused = import_items(actor, shop, rows, cause=CAUSE, correlation=rows[0].verification.correlation)
        reopen(rows, refused)
        done = [row for row in rows if row.pk not in refused]
        for row in done:
            row.item = made[row.pk]
            row.outcome = "A new item was made of it."
        Difference.objects.bulk_update(done, ["item", "outcome"], batch_size=CHUNK)


def _alone(row: Difference, verb: Callable[[], str]) -> None:
    try:
        with transaction.atomic():
            _done([row], verb())
    except Problem as problem:
        reopen([row], {row.pk: f"{problem.sentence} {problem.hint}".strip()})
    except ValidationError as error:
        reopen([row], {row.pk: in_one_line(error)})


def _done(rows: Sequence[Difference], outcome: str) -> None:
    Difference.objects.filter(pk__in=[row.pk for row in rows]).update(outcome=outcome[:500])


def reopen(rows: Sequence[Difference], refused: Refused) -> None:
    """Let those that could not be settled be decided again, unless a newer comparison has taken their place."""
    by_reason: dict[str, list[int]] = {}
    for row in rows:
        if row.pk in refused:
            by_reason.setdefault(f"Could not be done: {refused[row.pk]}"[:500], []).append(row.pk)
    newest = Verification.objects.filter(status=VerificationStatus.SUCCEEDED, shop=OuterRef("shop")).order_by("-pk").values("pk")[:1]
    for reason, pks in by_reason.items():
        mine = Difference.objects.filter(pk__in=pks)
        mine.exclude(verification=Subquery(newest)).update(decision=Decision.GONE, outcome=reason)
        mine.exclude(decision=Decision.GONE).update(decision=Decision.OPEN, decided_by="", decided_at=None, outcome=reason)
