"""Who of an account is told, and when: its settings and its recipients, read together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from accounts.models import Account
from alerts.kinds import mode_of
from alerts.lifecycle import Rules
from alerts.models import AlertSettings, Mode, Notice, Subscriber, Tell, Webhook
from alerts.quiet import Hours, due


@dataclass(frozen=True)
class Told:
    """A recipient: one of the two ids is None. `events` are its modes by kind."""

    subscriber_id: int | None
    webhook_id: int | None
    events: dict[str, str]

    @property
    def key(self) -> tuple[int | None, int | None]:
        return self.subscriber_id, self.webhook_id


@dataclass(frozen=True)
class House:
    """How one account is told."""

    account: Account
    settings: AlertSettings
    told: tuple[Told, ...]

    @property
    def rules(self) -> Rules:
        hours = self.settings.remind_hours
        settle = timedelta(minutes=self.settings.settle_minutes)
        return Rules(settle, timedelta(hours=hours) if hours else None, self.settings.remind_times)

    @property
    def hours(self) -> Hours:
        row = self.settings
        return Hours(ZoneInfo(self.account.time_zone), row.digest_minutes, row.daily_at, row.quiet_from, row.quiet_until)

    def notices(self, alerts: Iterable[tuple[int, str, int]], tell: Tell, now: datetime) -> Iterator[Notice]:
        """A notice for everybody who is to hear of each of these alerts: id, kind, and which reminder it is."""
        # What is over has to stay over for a while before it is told.
        moment = now + self.rules.settle if tell is Tell.RECOVERED else now
        at = {mode: due(moment, mode, self.hours) for mode in (Mode.SOON, Mode.DAILY)}
        for pk, kind, number in alerts:
            for each in self.told:
                mode = mode_of(each.events, kind)
                if mode is not Mode.OFF:
                    yield Notice(
                        account=self.account,
                        alert_id=pk,
                        subscriber_id=each.subscriber_id,
                        webhook_id=each.webhook_id,
                        tell=tell,
                        number=number,
                        due_at=at[mode],
                    )


def settings_of(account: Account | int) -> AlertSettings:
    """The account's settings; the defaults, unsaved, where nobody has changed any."""
    pk = account if isinstance(account, int) else account.pk
    return AlertSettings.objects.filter(account=pk).first() or AlertSettings(account_id=pk)


def mailable(subscribers: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    """Those of them who get mail: not switched off, not bounced, and not of a member who has left."""
    return subscribers.filter(Q(member__isnull=True) | Q(member__active=True), active=True, bounced_at__isnull=True)


def house_of(account: Account) -> House:
    """Three statements."""
    people = mailable(Subscriber.objects.filter(account=account)).order_by("pk").values_list("pk", "events")
    hooks = Webhook.objects.filter(account=account, active=True).order_by("pk").values_list("pk", "events")
    told = [*(Told(pk, None, events) for pk, events in people), *(Told(None, pk, events) for pk, events in hooks)]
    return House(account, settings_of(account), tuple(told))
