"""How a business account keeps its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import Account
from inventory.models import StockSettings
from inventory.quantity import LARGEST

LONGEST_AHEAD = 3650
"""Days, of whatever is said so long before."""

MOST_ALERTS = 10
LIMITS = {
    "warn_days": (0, LONGEST_AHEAD),
    "stop_rows": (0, 1_000_000),
    "stop_percent": (0, 100),
    "stop_quantity": (0, int(LARGEST) - 1),
    "offender_times": (2, 1000),
    "offender_days": (1, 365),
}
"""From and to, both included."""

COLUMNS = ("open_pallets", "same_lot", "expiry_ends", "alert_days", *LIMITS)


def settings_of(account: Account | int) -> StockSettings:
    """The account's settings; the defaults, unsaved, where nobody has changed any."""
    pk = account if isinstance(account, int) else account.pk
    return StockSettings.objects.filter(account=pk).first() or StockSettings(account_id=pk)


def edit_settings(actor: Actor, **fields: Any) -> StockSettings:
    """Change what is given; the settings as stored then. Raises NotAllowed, ValidationError naming the field that is wrong."""
    actor.require("stock_settings.edit")
    foreign = fields.keys() - set(COLUMNS)
    if foreign:
        raise ValidationError(dict.fromkeys(sorted(foreign), "There is no such setting."))
    with transaction.atomic():
        # One at a time, the first of which makes the row.
        Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
        stored = settings_of(actor.account)
        before = state(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        stored.clean_fields(exclude={"account", "alert_days"})
        _check(stored)
        stored.alert_days = days_of(stored.alert_days)
        old, new = changed(before, state(stored))
        if new:
            stored.save()
            record(actor, entity="StockSettings", entity_id=stored.pk, action="CHANGE", before=old, after=new)
    return stored


def days_of(given: Iterable[Any]) -> list[int]:
    """Thresholds, each once and the longest first. Raises ValidationError for what can't be some."""
    days = [] if isinstance(given, str | bytes) or not isinstance(given, Iterable) else list(given)
    if not days or not all(isinstance(each, int) and not isinstance(each, bool) and 1 <= each <= LONGEST_AHEAD for each in days):
        raise ValidationError({"alert_days": f"Give one or several whole numbers of days from 1 to {LONGEST_AHEAD:,}."})
    if len(set(days)) > MOST_ALERTS:
        raise ValidationError({"alert_days": f"At most {MOST_ALERTS} numbers of days are possible."})
    return sorted(set(days), reverse=True)


def _check(settings: StockSettings) -> None:
    wrong = {}
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(settings, name) <= most:
            wrong[name] = f"Give a number from {least:,} to {most:,}."
    if wrong:
        raise ValidationError(wrong)
