"""Comparisons of a shop with what we know are started and worked on here, whatever door the wish came through (docs/verify.md)."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounts.acting import Actor
from accounts.errors import Problem
from inventory import moment
from jobs import lease
from jobs.queue import enqueue
from marketplaces import orders
from marketplaces.errors import AlreadyVerifying, CallsSwitchedOff
from marketplaces.models import Decision, Difference, Shop, Verification, VerificationStatus
from marketplaces.provider import provider_of
from marketplaces.push.spending import VERIFYING
from marketplaces.verify.found import Found, known_rows
from marketplaces.verify.writing import counters, differences, sentence
from sync.choosing import usable

EXECUTE = "marketplaces.verify.verifying.execute"
ACTIVE = (VerificationStatus.QUEUED, VerificationStatus.RUNNING)
MOST_ATTEMPTS = 3
"""A comparison that three workers died of is not given to a fourth."""
BATCH = 1000
_TRIES = 5

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the comparison over: this one writes nothing more."""


class GivenUp(Problem):
    """Needs a person: the comparison was taken over too often."""

    status = 500


def start(actor: Actor, shop: Shop) -> Verification:
    """Queue a comparison of the shop's whole list of lots with what we know. It changes nothing here or there.

    Raises NotAllowed, AlreadyVerifying, CallsSwitchedOff, ConnectionPaused, ConnectionDisabled, CredentialsUnreadable, Shop.DoesNotExist
    for one of another account.
    """
    actor.require("verification.start")
    row = Shop.objects.select_related("connection").get(pk=shop.pk, account=actor.account)
    usable(row.connection)
    if settings.DISABLE_EXTERNAL_CALLS:
        raise CallsSwitchedOff("Calls to the outside are switched off here, so no shop can be compared.")
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                made = Verification.objects.create(account=actor.account, shop=row, asked_by=actor.label[:200], queued_at=moment.now())
                wake(made.pk)
            return made
        except IntegrityError:
            active = Verification.objects.filter(shop=row, status__in=ACTIVE).first()
            if active is not None:
                raise AlreadyVerifying(
                    f"“{row}” is being compared already, since {active.queued_at:%H:%M} UTC.",
                    hint="Wait for it to end; its answer is as fresh as yours would be.",
                    details={"verification": active.pk},
                ) from None
            if not tries_left:
                raise
            # It ended between the two statements: the place is free now.
    raise AssertionError("the last try returns or raises")


def wake(pk: int) -> None:
    """Send the comparison to a worker. It may come there twice."""
    enqueue(EXECUTE, pk)


def execute(pk: int) -> str:
    """Work on a queued or abandoned comparison, unless another worker is at it. A task: it may come twice and be killed anywhere.

    Orders are read first, so that what was sold is no difference; then the list of lots is one call. All that it finds is written in one
    transaction with its end, and what earlier comparisons found and nobody decided is gone by that.
    """
    seconds = settings.RUN_LEASE_SECONDS
    fence = lease.claim(
        Verification,
        pk,
        seconds=seconds,
        extra_where=Q(status__in=ACTIVE),
        changes={"status": VerificationStatus.RUNNING, "started_at": Coalesce(F("started_at"), Now())},
    )
    if fence is None:
        return f"Verification {pk} needs no worker."
    run = Verification.objects.select_related("account", "shop__connection").get(pk=pk)
    with lease.hold(Verification, pk, fence, seconds=seconds, every=settings.RUN_BEAT_SECONDS):
        try:
            _until_closed(run)
        except LeaseLost:
            logger.warning("Verification %s was taken over by another worker; this one wrote nothing more.", pk)
            return f"Verification {pk} was lost to another worker."
    return f"Verification {pk} was worked on."


def _until_closed(run: Verification) -> None:
    """Work on it until it is closed, whatever happens, except when the database does not answer: then the lease runs out."""
    try:
        _work(run)
    except LeaseLost:
        raise
    except Problem as problem:
        _close(run, VerificationStatus.FAILED, message=problem.sentence[:500], hint=problem.hint[:500], code=problem.code[:40])
    except (OperationalError, InterfaceError, InternalError):
        logger.exception("The database failed verification %s; it is taken over when its lease has run out.", run.pk)
        raise
    except Exception as error:
        # The one place that closes a comparison.
        logger.exception("Verification %s broke.", run.pk)
        said = f"Something unexpected happened ({type(error).__name__})."
        _close(run, VerificationStatus.FAILED, message=said, hint="The operator finds the details in the log.", code="internal")


def _work(run: Verification) -> None:
    if run.attempt > MOST_ATTEMPTS:
        raise GivenUp(f"The worker stopped {MOST_ATTEMPTS} times while it was at this.", hint="Look into the worker's log.")
    shop = run.shop
    usable(shop.connection)
    unread = _import_orders(shop)
    since = moment.now()
    Verification.objects.filter(pk=run.pk, fence=run.fence).update(read_at=since)
    ours, retiring = known_rows(shop)
    with provider_of(shop).open(shop) as remote:
        found = Found.compare(shop, since, ours, retiring, remote.lots(VERIFYING))
    found.leave_out_unmanaged()
    if found.quantities_differ and not unread:
        # A sale made between the two calls explains the difference; its listing has then moved.
        unread = _import_orders(shop)
    found.leave_out_moving()
    _write(run, found, since, unread)


def _import_orders(shop: Shop) -> str:
    """Blank when the shop's orders are known now, else why they are not: a login without the right to read orders can still compare."""
    if orders.import_now(shop):
        return ""
    return Shop.objects.values_list("orders_problem", flat=True).get(pk=shop.pk) or "somebody else is reading them."


def _write(run: Verification, found: Found, since: datetime, unread: str) -> None:
    made = list(differences(run, found))
    counted = counters(found, made)
    said = sentence(counted) + (f" Its orders could not be read, so what was sold since may differ: {unread}" if unread else "")
    with transaction.atomic():
        # First of all, so that nobody takes it over before the commit.
        _own(run)
        Difference.objects.bulk_create(made, batch_size=BATCH)
        earlier = Difference.objects.filter(shop=run.shop, decision=Decision.OPEN).exclude(verification=run)
        earlier.update(decision=Decision.GONE, decided_at=Now(), outcome="The shop was compared again.")
        Shop.objects.filter(pk=run.shop_id).update(verified_at=since)
        _close(run, VerificationStatus.SUCCEEDED, counters=counted, message=said[:500])


def _own(run: Verification) -> None:
    if not Verification.objects.filter(pk=run.pk, fence=run.fence, status=VerificationStatus.RUNNING).update(fence=F("fence")):
        raise LeaseLost


def _close(run: Verification, status: VerificationStatus, **values: object) -> None:
    mine = Verification.objects.filter(pk=run.pk, fence=run.fence, status=VerificationStatus.RUNNING)
    if not mine.update(status=status, lease_until=None, worker="", finished_at=Now(), **values):
        raise LeaseLost
