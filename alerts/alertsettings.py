"""How a business account is told of trouble."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from alerts.models import AlertSettings
from alerts.raising import one_at_a_time
from alerts.recipients import settings_of

LIMITS = {
    "digest_minutes": (0, 1440),
    "settle_minutes": (0, 1440),
    "remind_hours": (0, 720),
    "remind_times": (0, 30),
    "brake_products": (1, 1_000_000),
    "brake_percent": (0, 100),
    "stale_hours": (0, 8760),
    "budget_percent": (0, 100),
    "stuck_minutes": (5, 1440),
}
"""From and to, both included."""

COLUMNS = ("daily_at", "quiet_from", "quiet_until", *LIMITS)


def edit_settings(actor: Actor, **fields: Any) -> AlertSettings:
    """Change what is given; the settings as stored then. Raises NotAllowed, ValidationError naming the field that is wrong."""
    actor.require("alert_settings.edit")
    foreign = fields.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "There is no such setting."))
    with transaction.atomic():
        one_at_a_time(actor.account)
        stored = settings_of(actor.account)
        before = state(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        stored.clean_fields(exclude={"account"})
        _check(stored)
        old, new = changed(before, state(stored))
        if new:
            stored.save()
            record(actor, entity="AlertSettings", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored


def _check(settings: AlertSettings) -> None:
    wrong: dict[str, str] = {}
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(settings, name) <= most:
            wrong[name] = f"Give a number from {least:,} to {most:,}."
    if (settings.quiet_from is None) != (settings.quiet_until is None):
        missing = "quiet_from" if settings.quiet_from is None else "quiet_until"
        wrong[missing] = "Quiet hours need both a beginning and an end; leave both empty for none."
    elif settings.quiet_from is not None and settings.quiet_from == settings.quiet_until:
        wrong["quiet_until"] = "Beginning and end are the same; leave both empty for no quiet hours."
    if wrong:
        raise ValidationError(wrong)
