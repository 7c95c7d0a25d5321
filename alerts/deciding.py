"""What people do with alerts: acknowledge them, and decide about those that were held back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import Entry, record, record_many
from alerts.errors import NotOpen
from alerts.models import Alert, AlertState, Kind, Tell
from alerts.raising import AT_ONCE, REVIEW, one_at_a_time, tell
from alerts.recipients import house_of


def acknowledge(actor: Actor, alerts: Collection[int]) -> int:
    """Note that somebody has seen these: nobody is reminded of them, and they stay open until they are over. How many were not seen before.

    Ids of other accounts, and of alerts that are over, count for nothing. Audited. Raises NotAllowed.
    """
    actor.require("alert.acknowledge")
    done = 0
    wanted = sorted(set(alerts))
    for start in range(0, len(wanted), AT_ONCE):
        with transaction.atomic():
            one_at_a_time(actor.account)
            rows = Alert.objects.filter(account=actor.account, pk__in=wanted[start : start + AT_ONCE], state=AlertState.OPEN)
            fresh = rows.filter(acknowledged_at__isnull=True)
            pks = list(fresh.order_by("pk").values_list("pk", flat=True))
            Alert.objects.filter(pk__in=pks).update(acknowledged_at=timezone.now(), acknowledged_by=actor.label[:200], remind_at=None)
            record_many(actor, [Entry("Alert", pk, "ACKNOWLEDGE") for pk in pks])
            done += len(pks)
    return done


def approve(actor: Actor, review: Alert) -> int:
    """What was held back is right: open it, and tell it as one digest; how many. Audited.

    Raises NotAllowed, NotOpen, Alert.DoesNotExist for one of another account.
    """
    actor.require("alert.approve")
    now = timezone.now()
    house, opened = house_of(actor.account), 0
    held = Alert.objects.filter(account=actor.account, review=review, state=AlertState.HELD).order_by("pk")
    remind_at = None if house.rules.remind_after is None or not house.rules.remind_times else now + house.rules.remind_after
    while True:
        with transaction.atomic():
            one_at_a_time(actor.account)
            try:
                _undecided(actor, review)
            except NotOpen:
                if not opened:
                    raise
                # Somebody else has decided about the rest meanwhile.
                return opened
            part = list(held.values_list("pk", "kind")[:AT_ONCE])
            if len(part) < AT_ONCE:
                # With the last of them: what a worker that dies leaves can be approved still.
                _decide(actor, review, AlertState.CLOSED, "APPROVE", f"Approved by {actor.label}.", now)
            Alert.objects.filter(pk__in=[pk for pk, _ in part]).update(state=AlertState.OPEN, remind_at=remind_at)
            tell(house, ((pk, kind, 0) for pk, kind in part), Tell.OPENED, now)
        opened += len(part)
        if len(part) < AT_ONCE:
            return opened


def dismiss(actor: Actor, review: Alert) -> int:
    """What was held back is not so: nobody is ever told of it, and it ends when its products are well again; how many. Audited.

    Raises NotAllowed, NotOpen, Alert.DoesNotExist for one of another account.
    """
    _decide(actor, review, AlertState.DISMISSED, "DISMISS", f"Dismissed by {actor.label}.", timezone.now())
    return Alert.objects.filter(review=review, state=AlertState.HELD).count()


def _decide(actor: Actor, review: Alert, state: AlertState, action: str, why: str, now: datetime) -> None:
    actor.require("alert.approve")
    with transaction.atomic():
        one_at_a_time(actor.account)
        row = _undecided(actor, review)
        row.state, row.ended_at, row.ended_why, row.remind_at = state, now, why[:300], None
        row.save(update_fields=["state", "ended_at", "ended_why", "remind_at"])
        row.notices.filter(digest__isnull=True).delete()
        record(actor, entity="Alert", entity_id=row.pk, action=action, after={"held": row.facts.get("held", 0)})


def _undecided(actor: Actor, review: Alert) -> Alert:
    """The review as it is now. Raises NotOpen, Alert.DoesNotExist for one of another account."""
    row = Alert.objects.get(pk=review.pk, account=actor.account)
    if not is_review(row) or row.state != AlertState.OPEN:
        raise NotOpen("There is nothing to decide here any more.", hint="Somebody has decided, or all of it is well again.")
    return row


def is_review(alert: Alert) -> bool:
    """Whether it stands for others that were held back."""
    return alert.kind == Kind.MASS_CHANGE and alert.subject == REVIEW
