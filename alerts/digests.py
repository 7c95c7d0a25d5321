"""Everything one recipient is told at once: what is due is gathered into one mail or request (docs/alerts.md)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Account
from alerts import shelves
from alerts.deliveries import wake, without_query
from alerts.kinds import MANNERS, SUPPLY_KINDS, counted
from alerts.models import Alert, Delivery, DeliveryKind, Digest, Kind, Notice, Subscriber, Tell, Webhook
from alerts.quiet import release, window
from alerts.raising import one_at_a_time
from alerts.recipients import House, Told, house_of
from inventory.models import Supply, SupplyState

SHOWN = 20
"""Of each kind so many are shown, and the rest is counted."""

MOST_IN_REQUEST = 500
"""So many alerts are in a webhook's request; the rest is counted."""

TITLES = {Tell.OPENED: "New", Tell.REMINDED: "Still open", Tell.RECOVERED: "Recovered"}


@dataclass(frozen=True)
class Section:
    """Alerts of one kind of which the same is told. `rows` are the first of them."""

    tell: Tell
    kind: Kind
    total: int
    rows: tuple[dict[str, Any], ...]

    @property
    def title(self) -> str:
        return f"{TITLES[self.tell]}: {MANNERS[self.kind].many}"

    @property
    def is_stock(self) -> bool:
        return self.kind in SUPPLY_KINDS

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def compose_due(now: datetime) -> int:
    """Gather what is due for everybody into one digest each, and have it sent; how many. Nothing in an account's quiet hours."""
    pending = Notice.objects.filter(digest__isnull=True, due_at__lte=now)
    composed = 0
    for account in Account.objects.filter(pk__in=pending.values("account")).order_by("pk"):
        house = house_of(account)
        if release(now, house.hours) > now:
            continue
        told = {each.key: each for each in house.told}
        for key in pending.filter(account=account).order_by("subscriber", "webhook").values_list("subscriber", "webhook").distinct():
            if key in told:
                composed += _compose(house, told[key], now)
            else:
                # Who is not told any more does not hear of it later either.
                pending.filter(account=account, subscriber=key[0], webhook=key[1]).delete()
    return composed


def _compose(house: House, told: Told, now: datetime) -> int:
    with transaction.atomic():
        one_at_a_time(house.account)
        whom = {"subscriber_id": told.subscriber_id, "webhook_id": told.webhook_id}
        began = window(now, house.hours)
        if Digest.objects.filter(window=began, **whom).exists():
            return 0
        digest = Digest.objects.create(account=house.account, window=began, **whom)
        mine = Notice.objects.filter(account=house.account, digest__isnull=True, due_at__lte=now, **whom)
        if not mine.update(digest=digest):
            # Another worker was first.
            digest.delete()
            return 0
        _once_each(digest)
        with timezone.override(ZoneInfo(house.account.time_zone)):
            delivery = _delivery(house, digest, told)
        delivery.save(force_insert=True)
        wake([delivery.pk])
    return 1


def _once_each(digest: Digest) -> None:
    """After a long night, an alert's first word stands for its reminders too."""
    earlier = Notice.objects.filter(digest=digest, alert=OuterRef("alert")).filter(
        Q(tell=Tell.OPENED) | Q(tell=Tell.REMINDED, number__lt=OuterRef("number"))
    )
    Notice.objects.filter(Exists(earlier), digest=digest, tell=Tell.REMINDED).delete()


def _delivery(house: House, digest: Digest, told: Told) -> Delivery:
    found = sections(digest)
    digest.counts = {f"{each.tell.value}.{each.kind.value}": each.total for each in found}
    digest.save(update_fields=["counts"])
    delivery = Delivery(
        account=house.account, kind=DeliveryKind.DIGEST, digest=digest, due_at=timezone.now(), subject=subject_of(house.account, found)
    )
    if told.webhook_id is not None:
        hook = Webhook.objects.get(pk=told.webhook_id)
        delivery.webhook, delivery.by_mail, delivery.to = hook, False, without_query(hook.url)
        delivery.text = request_body(house.account, digest, delivery.correlation)
        return delivery
    assert told.subscriber_id is not None
    person = Subscriber.objects.get(pk=told.subscriber_id)
    delivery.subscriber, delivery.to = person, person.email
    delivery.text, delivery.html = rendered("digest", {"account": house.account, "sections": found, "subscriber": person})
    return delivery


def sections(digest: Digest) -> list[Section]:
    """What a digest speaks of: news first, then what is still open, then what is over; in the order of kinds. Three statements."""
    notices = Notice.objects.filter(digest=digest)
    totals = notices.order_by().values_list("tell", "alert__kind").annotate(number=Count("pk"))
    place = Window(RowNumber(), partition_by=[F("tell"), F("alert__kind")], order_by=F("alert_id").asc())
    first = notices.annotate(place=place).filter(place__lte=SHOWN).select_related("alert").order_by("alert_id")
    rows: dict[tuple[str, str], list[Alert]] = {}
    for notice in first:
        rows.setdefault((notice.tell, notice.alert.kind), []).append(notice.alert)
    _refresh([alert for (tell, kind), alerts in rows.items() if tell == Tell.REMINDED and kind in SUPPLY_KINDS for alert in alerts])
    order = list(MANNERS)
    found = [
        Section(Tell(tell), Kind(kind), number, tuple(_row(alert) for alert in rows.get((tell, kind), ()))) for tell, kind, number in totals
    ]
    return sorted(found, key=lambda each: (Tell.values.index(each.tell), order.index(each.kind)))


def _refresh(alerts: Iterable[Alert]) -> None:
    """A reminder says how much is there now, not when it began."""
    wanted = {alert.product_id: alert for alert in alerts}
    rows = Supply.objects.filter(~Q(state=SupplyState.FINE), product__in=list(wanted)) if wanted else Supply.objects.none()
    for supply in rows.select_related("product__vendor"):
        now = shelves.seen(supply)
        alert = wanted[supply.product_id]
        alert.facts, alert.sentence = dict(now.facts), now.sentence


def _row(alert: Alert) -> dict[str, Any]:
    return {"title": alert.title, "sentence": alert.sentence, "facts": alert.facts, "url": address(alert.page)}


def address(page: str) -> str:
    """A page's address for mails; empty where nobody has said under which address this installation is reached."""
    return f"{settings.SITE_URL}{page}" if settings.SITE_URL and page else ""


def subject_of(account: Account, found: Iterable[Section]) -> str:
    """One line: the alert where it is one, else how many of what."""
    listed = list(found)
    if len(listed) == 1 and listed[0].total == 1:
        only = listed[0]
        prefix = "" if only.tell is Tell.OPENED else f"{TITLES[only.tell]}: "
        return _line(f"{prefix}{only.rows[0]['title']}")
    words = {Tell.OPENED: "", Tell.REMINDED: "still ", Tell.RECOVERED: "recovered: "}
    parts = [f"{words[each.tell]}{counted(each.kind, each.total)}" for each in listed]
    return _line(f"{account.name}: {', '.join(parts)}")


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def rendered(name: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """A mail as text and as HTML."""
    where = {**context, "site": settings.SITE_URL, "settings_url": address("/admin/alerts/subscriber/")}
    text = render_to_string(f"alerts/mail/{name}.txt", where).strip()
    return f"{text}\n", render_to_string(f"alerts/mail/{name}.html", where)


def request_body(account: Account, digest: Digest, name: uuid.UUID) -> str:
    """What a webhook is sent (docs/alerts.md)."""
    notices = Notice.objects.filter(digest=digest).select_related("alert").order_by("pk")
    alerts = [
        {
            "id": each.alert_id,
            "tell": each.tell,
            "kind": each.alert.kind,
            "title": each.alert.title,
            "sentence": each.alert.sentence,
            "facts": each.alert.facts,
            "url": address(each.alert.page),
            "openedAt": each.alert.opened_at.isoformat(),
            "endedAt": each.alert.ended_at and each.alert.ended_at.isoformat(),
        }
        for each in notices[:MOST_IN_REQUEST]
    ]
    total = notices.count()
    body = {"id": str(name), "type": "alerts", "account": account.slug, "total": total, "more": total - len(alerts), "alerts": alerts}
    return json.dumps(body, ensure_ascii=False)
