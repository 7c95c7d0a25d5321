"""What is wrong now, looked up each minute and when a run has ended (docs/alerts.md).

Everything is found from the rows as they are, so that a signal that got lost, or a change by SQL, is no alert that never comes.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Account
from alerts import shelves, stockmatters, syncmatters
from alerts.raising import remind
from alerts.recipients import house_of


def look(account_id: int, now: datetime | None = None, *, at_most: int | None = None) -> bool:
    """Open and end what has to be in this account, and note who is to be reminded.

    A constant number of statements where nothing differs. False when more than `at_most` products would have to be opened or ended: these
    are left for another look.
    """
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return True
    now = now or timezone.now()
    house = house_of(account)
    # Days and hours in what is said are the account's.
    with timezone.override(ZoneInfo(account.time_zone)):
        syncmatters.look(house, now)
        stockmatters.look(house, now)
        done = shelves.look(house, now, at_most=at_most)
    remind(house, now)
    return done
