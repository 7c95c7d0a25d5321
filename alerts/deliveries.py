"""Sending what was composed: each delivery is noted before it goes out, and closed with what came of it (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from alerts import mail, webhooks
from alerts.errors import NotResendable
from alerts.models import Delivery, DeliveryKind, DeliveryState, Notice, Subscriber
from alerts.outcome import Outcome
from alerts.recipients import mailable
from jobs import lease
from jobs.queue import enqueue

DELIVER = "alerts.deliveries.deliver"
LEASE_SECONDS = 300
"""Longer than any one mail or request takes."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""Between tries; after the last one it is given up."""

MOST_ATTEMPTS = len(PAUSES) + 1
AT_ONCE = 500
UNFINISHED = (DeliveryState.WAITING, DeliveryState.SENDING)


def wake(pks: Iterable[int]) -> None:
    """Let a worker send these. Several wake-ups of one do no harm."""
    for pk in pks:
        enqueue(DELIVER, pk)


def sweep() -> None:
    """Every minute: wake what is due, and settle what a dead worker left.

    A mail that was being sent may have gone out: it is unknown, and never sent again by itself. A request is sent again, since by its name
    the other side knows that it had it, until its workers have died of it too often.
    """
    dead = Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lt=Now())
    dead.filter(by_mail=True).update(
        state=DeliveryState.UNKNOWN,
        lease_until=None,
        code="killed",
        sentence="The program was stopped while the mail was handed over: it may have been sent or not.",
        hint="Ask whether it has come; if not, send it again.",
    )
    dead.filter(by_mail=False, attempt__gte=MOST_ATTEMPTS).update(
        state=DeliveryState.FAILED,
        lease_until=None,
        code="killed",
        sentence="The program was stopped again and again while the request was sent.",
        hint="Look into the worker's log, then send it again.",
    )
    dead.filter(by_mail=False).update(state=DeliveryState.WAITING, lease_until=None, due_at=Now())
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=Now()).order_by("due_at", "pk")
    wake(due.values_list("pk", flat=True)[:AT_ONCE])


def deliver(pk: int) -> None:
    """Send one delivery, if it is due and nobody else is at it."""
    ready = Q(state=DeliveryState.WAITING, due_at__lte=Now())
    fence = lease.claim(Delivery, pk, seconds=LEASE_SECONDS, extra_where=ready, changes={"state": DeliveryState.SENDING})
    if fence is None:
        return
    row = Delivery.objects.select_related("subscriber", "webhook", "account").get(pk=pk)
    outcome = _withheld(row) or (mail.send(row) if row.by_mail else webhooks.send(row))
    with transaction.atomic():
        _close(row, fence, outcome)


def _withheld(row: Delivery) -> Outcome | None:
    """Why it is not sent at all."""
    if settings.DISABLE_EXTERNAL_CALLS:
        return Outcome(DeliveryState.SKIPPED, "external_calls_off", "Not sent: outside calls are switched off here.")
    if row.kind != DeliveryKind.DIGEST or row.resend_of_id is not None:
        return None
    if row.by_mail and (row.subscriber is None or not mailable(Subscriber.objects.filter(pk=row.subscriber.pk)).exists()):
        return Outcome(DeliveryState.SKIPPED, "not_told", "Not sent: this person gets no mail any more.")
    if not row.by_mail and (row.webhook is None or not row.webhook.active):
        return Outcome(DeliveryState.SKIPPED, "not_told", "Not sent: the webhook is switched off.")
    return None


def _close(row: Delivery, fence: int, outcome: Outcome) -> None:
    now, state = timezone.now(), outcome.state
    due = None
    if state is DeliveryState.WAITING:
        tried = row.attempt - 1
        state, due = (DeliveryState.FAILED, None) if tried >= len(PAUSES) else (state, now + PAUSES[tried])
    values = {
        "state": state,
        "due_at": due,
        "code": outcome.code[:40],
        "sentence": outcome.sentence[:1000],
        "hint": ("It was tried too often; send it again by hand." if state is DeliveryState.FAILED else outcome.hint)[:500],
        "message_id": outcome.message_id,
        "sent_at": now if state is DeliveryState.SENT else None,
        "tries": [*row.tries, {"at": now.isoformat(), "state": outcome.state.value, "sentence": outcome.sentence[:300]}],
        "lease_until": None,
    }
    # A sweep may have called it unknown meanwhile; this is the one who knows.
    mine = Delivery.objects.filter(pk=row.pk, fence=fence, state__in=[DeliveryState.SENDING, DeliveryState.UNKNOWN])
    if not mine.update(**values):
        return
    if state is DeliveryState.BOUNCED and row.subscriber_id is not None:
        bounced(row.subscriber_id, outcome.sentence)
    if state is DeliveryState.SENT and row.kind == DeliveryKind.ORDER:
        from alerts.ordermail import was_sent

        was_sent(row)


def bounced(subscriber_id: int, sentence: str) -> None:
    """The address takes no mail: none is sent there until somebody says that it is right. What waits for it is dropped."""
    Subscriber.objects.filter(pk=subscriber_id).update(bounced_at=timezone.now(), bounce=sentence[:500])
    Notice.objects.filter(subscriber=subscriber_id, digest__isnull=True).delete()


def resend(actor: Actor, delivery: Delivery) -> Delivery:
    """Send the same once more, as a new delivery to where the recipient is now; the new one. Audited.

    Raises NotAllowed, NotResendable, Delivery.DoesNotExist for one of another account.
    """
    actor.require("delivery.resend")
    with transaction.atomic():
        row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk, account=actor.account)
        if row.state in UNFINISHED:
            raise NotResendable("This one is not finished yet.", hint="It is sent by itself; look again in a minute.")
        if row.resends.filter(state__in=UNFINISHED).exists():
            # A button that is pressed twice, or a request that comes twice, is one.
            raise NotResendable("This one is being sent again already.", hint="Look at the deliveries in a minute.")
        if not row.by_mail and row.webhook is None:
            raise NotResendable("The webhook it was for is not there any more.")
        person = row.subscriber
        if person is not None and person.bounced_at is not None:
            raise NotResendable(f"{person.email} refused mail.", hint="Correct the address, or say that it is right, first.")
        again = Delivery.objects.create(
            account=row.account,
            kind=row.kind,
            subscriber=person,
            webhook=row.webhook,
            order=row.order,
            by_mail=row.by_mail,
            to=_where(row),
            subject=row.subject,
            text=row.text,
            html=row.html,
            attachments=row.attachments,
            due_at=timezone.now(),
            asked_by=actor.label[:200],
            resend_of=row,
            # By it a webhook's other side can tell that it had this before.
            correlation=row.correlation,
        )
        record(actor, entity="Delivery", entity_id=again.pk, action="RESEND", after={"to": again.to, "of": row.pk})
        wake([again.pk])
    return again


def _where(row: Delivery) -> str:
    if row.subscriber is not None:
        return row.subscriber.email
    return without_query(row.webhook.url) if row.webhook is not None else row.to


def without_query(url: str) -> str:
    """An address as it may be shown: a query may hold a secret."""
    return url.partition("?")[0].partition("#")[0][:500]
