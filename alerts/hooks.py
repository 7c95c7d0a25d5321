"""Which programs are told of alerts: the verbs behind admin and API."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from alerts.deliveries import wake, without_query
from alerts.errors import AddressTaken
from alerts.models import Delivery, DeliveryKind, Notice, Webhook
from alerts.people import events_of
from alerts.raising import one_at_a_time
from alerts.webhooks import SECRET
from inventory.texts import line, named
from sync.secrets import Secrets
from sync.wire.errors import TargetRefused
from sync.wire.targets import check_written, parse_base_url

COLUMNS = ("name", "url", "active", "events")
HIDDEN = ("secrets", "url")
"""Not in the audit log: an address may hold a secret."""


def add_webhook(actor: Actor, *, name: str, url: str, **fields: Any) -> tuple[Webhook, str]:
    """Let a program be told; the webhook, and its secret, which is shown this once. `fields` are active and events. Audited.

    Raises NotAllowed, AddressTaken, ValidationError naming the field that is wrong.
    """
    actor.require("webhook.edit")
    secret = _secret()
    with transaction.atomic():
        one_at_a_time(actor.account)
        row = Webhook(account=actor.account)
        row.secrets = Secrets({SECRET: secret})
        _set(row, {"name": name, "url": url, **fields})
        row.save(force_insert=True)
        record(actor, entity="Webhook", entity_id=row.pk, action="ADD", after=_told(row))
    return row, secret


def edit_webhook(actor: Actor, webhook: Webhook, **fields: Any) -> Webhook:
    """Change what is given of name, url, active and events. Audited. Raises NotAllowed, AddressTaken, ValidationError."""
    actor.require("webhook.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        row = Webhook.objects.get(pk=webhook.pk, account=actor.account)
        before, url = _told(row), row.url
        _set(row, fields)
        old, new = changed(before, _told(row))
        if new or row.url != url:
            row.save(update_fields=list(COLUMNS))
            record(actor, entity="Webhook", entity_id=row.pk, action="CHANGE", before=old, after=new)
        if not row.active:
            Notice.objects.filter(webhook=row, digest__isnull=True).delete()
    return row


def renew_secret(actor: Actor, webhook: Webhook) -> str:
    """Sign with a new secret from now on; it is shown this once. Audited. Raises NotAllowed."""
    actor.require("webhook.edit")
    secret = _secret()
    with transaction.atomic():
        row = Webhook.objects.select_for_update().get(pk=webhook.pk, account=actor.account)
        row.secrets = Secrets({SECRET: secret})
        row.save(update_fields=["secrets"])
        record(actor, entity="Webhook", entity_id=row.pk, action="RENEW_SECRET")
    return secret


def remove_webhook(actor: Actor, webhook: Webhook) -> None:
    """Tell this program nothing more; what was sent stays in the log. Audited. Raises NotAllowed."""
    actor.require("webhook.edit")
    with transaction.atomic():
        one_at_a_time(actor.account)
        row = Webhook.objects.get(pk=webhook.pk, account=actor.account)
        Delivery.objects.filter(digest__webhook=row).update(digest=None)
        record(actor, entity="Webhook", entity_id=row.pk, action="DELETE", before=_told(row))
        row.delete()


def send_test(actor: Actor, webhook: Webhook) -> Delivery:
    """Send a request of the type “test”, which speaks of no alert. Audited. Raises NotAllowed."""
    actor.require("webhook.edit")
    with transaction.atomic():
        row = Webhook.objects.get(pk=webhook.pk, account=actor.account)
        name = uuid.uuid4()
        body = {"id": str(name), "type": "test", "account": actor.account.slug, "total": 0, "more": 0, "alerts": []}
        delivery = Delivery.objects.create(
            account=actor.account,
            kind=DeliveryKind.TEST,
            webhook=row,
            by_mail=False,
            to=without_query(row.url),
            subject="Test",
            text=json.dumps(body, ensure_ascii=False),
            due_at=timezone.now(),
            asked_by=actor.label[:200],
            correlation=name,
        )
        record(actor, entity="Webhook", entity_id=row.pk, action="TEST", after={"delivery": delivery.pk})
        wake([delivery.pk])
    return delivery


def _secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _told(row: Webhook) -> dict[str, Any]:
    return {**state(row, secret_fields=HIDDEN), "address": without_query(row.url)}


def _set(row: Webhook, fields: Mapping[str, Any]) -> None:
    foreign = fields.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "There is no such field."))
    values = dict(fields)
    if "name" in values:
        row.name = named("name", str(values.pop("name")), 200)
    if "url" in values:
        row.url = _url(str(values.pop("url")))
    if "events" in values:
        row.events = events_of(values.pop("events"))
    row.active = values.get("active", row.active)
    row.clean_fields(exclude={"account", "secrets", "events"})
    if Webhook.objects.filter(account=row.account_id, name=row.name).exclude(pk=row.pk).exists():
        raise AddressTaken(f"There is a webhook “{row.name}” already.")


def _url(text: str) -> str:
    url = line("url", text)
    try:
        check_written(parse_base_url(url.partition("?")[0]).host, settings.ALLOWED_TARGETS)
    except TargetRefused as refused:
        raise ValidationError({"url": f"{refused.sentence} {refused.hint}".strip()}) from refused
    return url
