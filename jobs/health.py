"""How the installation does: checks that apps register, asked by the health page, the API and whoever watches it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from accounts.models import Account

logger = logging.getLogger(__name__)


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """One answer: `state` is "ok", "warn" (somebody should look) or "bad" (it does not work), `as_of` when that was true."""

    name: str
    state: State
    sentence: str
    as_of: datetime


Examine = Callable[[Account | None], Iterable[Check]]

_registered: list[Examine] = []


def register(examine: Examine) -> None:
    """Ask `examine` too; for ready(). It gets the account whose member asks, and None for what concerns the whole installation."""
    if examine not in _registered:
        _registered.append(examine)


def checks(account: Account | None) -> list[Check]:
    """All checks, the database first. Never raises for a database that is gone: what could not be asked is a bad check that says so."""
    found: list[Check] = []
    for examine in (database, *_registered):
        try:
            found.extend(examine(account))
        except DatabaseError as error:
            logger.warning("A health check could not be made: %s.", type(error).__name__)
            found.append(Check(examine.__name__, State.BAD, "Could not be checked, because the database does not answer.", timezone.now()))
    return found


def database(_account: Account | None) -> Iterable[Check]:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    yield Check("database", State.OK, "The database answers.", timezone.now())


def is_up(found: Iterable[Check]) -> bool:
    """Whether none of `found` is bad; of `checks(None)` it says whether the installation works."""
    return all(check.state != State.BAD for check in found)
