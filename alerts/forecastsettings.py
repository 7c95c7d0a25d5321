"""What suggestions are for: how long an order is to last, how safe a shelf is to be."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import Account
from alerts.models import ForecastSettings

LIMITS = {
    "cover_days": (1, 365),
    "lead_days": (0, 365),
    "service_percent": (50, 99),
    "history_days": (90, 730),
    "ahead_days": (0, 90),
}
"""From and to, both included."""


def settings_of(account: Account | int) -> ForecastSettings:
    """The account's settings; the defaults, unsaved, where nothing was ever stored."""
    pk = account if isinstance(account, int) else account.pk
    return ForecastSettings.objects.filter(account=pk).first() or ForecastSettings(account_id=pk)


def edit_settings(actor: Actor, **fields: Any) -> ForecastSettings:
    """Change what is given; the settings as stored then. A worker works out all forecasts anew at once.

    Raises NotAllowed, ValidationError naming the field that is wrong.
    """
    actor.require("forecast.edit")
    foreign = fields.keys() - set(LIMITS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "There is no such setting."))
    with transaction.atomic():
        # One at a time, the first of which makes the row.
        Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
        stored = settings_of(actor.account)
        before = state(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        stored.clean_fields(exclude={"account"})
        wrong = {
            name: f"Give a number from {least} to {most}."
            for name, (least, most) in LIMITS.items()
            if not least <= getattr(stored, name) <= most
        }
        if wrong:
            raise ValidationError(wrong)
        old, new = changed(before, state(stored))
        if new:
            # The next look takes all products for changed.
            stored.ran_at = None
            stored.save()
            record(actor, entity="ForecastSettings", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored
