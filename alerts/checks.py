"""System checks and the health page: mail leaves this installation, and somebody gets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning
from django.core.checks import register as register_check
from django.utils import timezone

from accounts.models import Account
from alerts.models import Delivery, DeliveryState, Subscriber
from alerts.recipients import mailable
from jobs import health


def check_mail(**_arguments: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.MAIL_CHANNEL == "console":
        hint = "Set SENDGRID_API_KEY, EMAIL_URL or EMAIL_HOST (docs/alerts.md)."
        found.append(Warning("Mail is only written to the program's log.", hint=hint, id="alerts.W001"))
    if not settings.SITE_URL:
        hint = "Set SITE_URL to the address under which people open Levelstock, for example https://stock.example.com."
        found.append(Warning("Mails can't link to this installation.", hint=hint, id="alerts.W002"))
    if "@localhost" in settings.DEFAULT_FROM_EMAIL and settings.MAIL_CHANNEL != "console":
        hint = "Set DEFAULT_FROM_EMAIL to an address of yours that may send mail."
        found.append(Warning("Mail would come from an address that does not exist.", hint=hint, id="alerts.W003"))
    return found


def examine(account: Account | None) -> Iterable[health.Check]:
    """Whether anybody is told, and whether mail goes out; for None nothing."""
    if account is None:
        return
    now = timezone.now()
    people = Subscriber.objects.filter(account=account)
    if not mailable(people).exists():
        yield health.Check("alerts", health.State.WARN, "Nobody gets mail of alerts. Say who gets what, under Alerts.", now)
    stuck = Delivery.objects.filter(account=account, state=DeliveryState.BLOCKED, resends__isnull=True).order_by("-pk")
    newest = stuck.values_list("sentence", flat=True).first()
    if newest is not None:
        yield health.Check("mail", health.State.BAD, f"{newest} {stuck.count()} deliveries wait for a person.", now)
    else:
        yield health.Check("mail", health.State.OK, "No mail or request waits for a person.", now)


def register() -> None:
    register_check(check_mail, Tags.security, deploy=True)
    health.register(examine)
