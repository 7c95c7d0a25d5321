"""Moving in with a full shop: all unknown lots become known at once, after a look at the numbers (docs/verify.md)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from accounts.acting import Actor
from accounts.audit import record
from jobs.queue import enqueue
from marketplaces.errors import NotDecidable
from marketplaces.models import Decision, Difference, DifferenceKind, Shop, Verification, VerificationStatus
from marketplaces.verify.deciding import CARRY_OUT


@dataclass(frozen=True)
class MovingIn:
    """What the newest comparison would have done with the lots that we don't know: `adopted` are those that are one item without doubt,
    `imported` become new items, of `asked` a person says which item they are, `untranslated` need a mapping or a hand first."""

    verification: Verification
    adopted: int
    imported: int
    asked: int
    untranslated: int


def preview(actor: Actor, shop: Shop) -> MovingIn:
    """The numbers, by the newest comparison. Raises NotAllowed, NotDecidable when there was none, Shop.DoesNotExist."""
    actor.require("verification.view")
    newest = _newest(actor, shop)
    numbers = _unknown(newest).aggregate(
        adopted=Count("pk", filter=_ONE),
        asked=Count("pk", filter=_SEVERAL),
        imported=Count("pk", filter=_NONE & _TRANSLATED),
        untranslated=Count("pk", filter=_NONE & ~_TRANSLATED),
    )
    return MovingIn(newest, **numbers)


def adopt_all(actor: Actor, shop: Shop) -> int:
    """Have every unknown lot that is one item without doubt adopted; how many. A worker does it. Audited.

    Raises NotAllowed, NotDecidable when the shop was never compared, Shop.DoesNotExist.
    """
    actor.require("difference.decide")
    return _decide(actor, _newest(actor, shop), _ONE, "ADOPT_ALL")


def import_all(actor: Actor, shop: Shop) -> int:
    """Have an item made of every unknown lot that is like none of ours; how many. Otherwise as `adopt_all`."""
    actor.require("difference.decide")
    actor.require("item.import")
    return _decide(actor, _newest(actor, shop), _NONE & _TRANSLATED, "IMPORT_ALL")


_ONE = Q(item__isnull=False)
_SEVERAL = Q(item__isnull=True) & ~Q(candidates=[])
_NONE = Q(item__isnull=True, candidates=[])
_TRANSLATED = ~Q(lot__part_number="") & ~Q(lot__color_id=None) & ~Q(lot__condition="")


def _newest(actor: Actor, shop: Shop) -> Verification:
    row = Shop.objects.get(pk=shop.pk, account=actor.account)
    newest = row.verifications.filter(status=VerificationStatus.SUCCEEDED).order_by("-pk").first()
    if newest is None:
        raise NotDecidable(f"“{row}” was never compared.", hint="Compare it first.")
    return newest


def _unknown(verification: Verification) -> QuerySet[Difference]:
    return Difference.objects.filter(verification=verification, kind=DifferenceKind.UNKNOWN_LOT, decision=Decision.OPEN)


@transaction.atomic
def _decide(actor: Actor, newest: Verification, which: Q, action: str) -> int:
    # Carried out by a worker, chunk by chunk: blank outcomes are what is left to do.
    number = _unknown(newest).filter(which).update(decision=Decision.ADOPTED, decided_by=actor.label[:200], decided_at=Now(), outcome="")
    record(actor, entity="Verification", entity_id=newest.pk, action=action, after={"lots": number}, correlation=newest.correlation)
    if number:
        enqueue(CARRY_OUT, newest.shop_id)
    return number
