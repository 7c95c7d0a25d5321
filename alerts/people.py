"""Who is told of alerts by mail: the verbs behind admin and API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import Member
from alerts.deliveries import wake
from alerts.digests import rendered
from alerts.errors import AddressTaken, NoAddress
from alerts.models import Delivery, DeliveryKind, Kind, Mode, Notice, Subscriber
from alerts.raising import one_at_a_time
from inventory.texts import line

OWN, OTHERS = "subscription.edit", "alert_settings.edit"
COLUMNS = ("name", "email", "active", "events")


def add_subscriber(actor: Actor, *, email: str, name: str = "", member: Member | None = None, **fields: Any) -> Subscriber:
    """Let mail be sent to this address; `fields` are active and events. A member may do so for themselves.

    Raises NotAllowed, AddressTaken, ValidationError naming the field that is wrong, Member.DoesNotExist for one of another account.
    """
    with transaction.atomic():
        one_at_a_time(actor.account)
        mine = None if member is None else Member.objects.get(pk=member.pk, account=actor.account)
        row = Subscriber(account=actor.account, member=mine)
        actor.require(operation_for(actor, row))
        if mine is not None and Subscriber.objects.filter(member=mine).exists():
            raise AddressTaken(f"{mine.user} gets mail already.")
        _set(row, {"email": email, "name": name or (str(mine.user) if mine else ""), **fields})
        row.save(force_insert=True)
        record(actor, entity="Subscriber", entity_id=row.pk, action="ADD", after=state(row))
    return row


def edit_subscriber(actor: Actor, subscriber: Subscriber, **fields: Any) -> Subscriber:
    """Change what is given of name, email, active and events; another address is taken to be right.

    Raises NotAllowed, AddressTaken, ValidationError naming the field that is wrong.
    """
    with transaction.atomic():
        one_at_a_time(actor.account)
        row = Subscriber.objects.select_related("member").get(pk=subscriber.pk, account=actor.account)
        actor.require(operation_for(actor, row))
        before = state(row)
        _set(row, fields)
        if row.email.lower() != before["email"].lower():
            row.bounced_at, row.bounce = None, ""
        old, new = changed(before, state(row))
        if new:
            row.save(update_fields=list(new))
            record(actor, entity="Subscriber", entity_id=row.pk, action="CHANGE", before=old, after=new)
        if not row.active:
            Notice.objects.filter(subscriber=row, digest__isnull=True).delete()
    return row


def address_is_right(actor: Actor, subscriber: Subscriber) -> Subscriber:
    """Send mail there again, although a mail server refused the address. Audited. Raises NotAllowed."""
    with transaction.atomic():
        row = Subscriber.objects.select_related("member").get(pk=subscriber.pk, account=actor.account)
        actor.require(operation_for(actor, row))
        if row.bounced_at is not None:
            record(actor, entity="Subscriber", entity_id=row.pk, action="UNBOUNCE", before={"bounce": row.bounce})
            row.bounced_at, row.bounce = None, ""
            row.save(update_fields=["bounced_at", "bounce"])
    return row


def remove_subscriber(actor: Actor, subscriber: Subscriber) -> None:
    """Send nothing more to this address; what was sent stays in the log. Audited. Raises NotAllowed."""
    with transaction.atomic():
        one_at_a_time(actor.account)
        row = Subscriber.objects.select_related("member").get(pk=subscriber.pk, account=actor.account)
        actor.require(operation_for(actor, row))
        Delivery.objects.filter(digest__subscriber=row).update(digest=None)
        record(actor, entity="Subscriber", entity_id=row.pk, action="DELETE", before=state(row))
        row.delete()


def send_test(actor: Actor, subscriber: Subscriber) -> Delivery:
    """Send this person a mail that says it is a test. Audited. Raises NotAllowed, NoAddress for one that refused mail."""
    with transaction.atomic():
        row = Subscriber.objects.select_related("member").get(pk=subscriber.pk, account=actor.account)
        actor.require(operation_for(actor, row))
        if row.bounced_at is not None:
            raise NoAddress(f"{row.email} refused mail.", hint="Correct the address, or say that it is right, first.")
        text, html = rendered("test", {"account": actor.account, "asked_by": actor.label, "to": row.email})
        delivery = Delivery.objects.create(
            account=actor.account,
            kind=DeliveryKind.TEST,
            subscriber=row,
            to=row.email,
            subject=f"Test of alerts of {' '.join(actor.account.name.split())}",
            text=text,
            html=html,
            due_at=timezone.now(),
            asked_by=actor.label[:200],
        )
        record(actor, entity="Subscriber", entity_id=row.pk, action="TEST", after={"delivery": delivery.pk})
        wake([delivery.pk])
    return delivery


def operation_for(actor: Actor, subscriber: Subscriber) -> str:
    """What somebody needs to be allowed to change it: everybody's own is theirs."""
    member = subscriber.member
    return OWN if member is not None and actor.user is not None and member.user_id == actor.user.pk else OTHERS


def events_of(given: Any) -> dict[str, str]:
    """Modes by kind, as they are stored. Raises ValidationError for what can't be some."""
    if not isinstance(given, Mapping):
        raise ValidationError({"events": "Give a mode for each kind, such as {“reorder”: “daily”}."})
    for kind, mode in given.items():
        if kind not in Kind.values:
            raise ValidationError({"events": f"There is no kind “{str(kind)[:40]}”. There are: {', '.join(Kind.values)}."})
        if mode not in Mode.values:
            raise ValidationError({"events": f"“{kind}” can be {', '.join(Mode.values)}, and nothing else."})
    return {str(kind): str(mode) for kind, mode in given.items()}


def _set(row: Subscriber, fields: Mapping[str, Any]) -> None:
    foreign = fields.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "There is no such field."))
    for name, value in fields.items():
        if name == "events":
            value = events_of(value)
        setattr(row, name, line(name, value) if isinstance(value, str) else value)
    row.clean_fields(exclude={"account", "member", "events"})
    taken = Subscriber.objects.filter(account=row.account_id, email__iexact=row.email).exclude(pk=row.pk)
    if taken.exists():
        raise AddressTaken(f"{row.email} is told already.", hint="Change what that address is told.")
