"""`manage.py stock expire`: books what has expired, and tells what soon will."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.models import Account
from inventory import expiry
from inventory.management.stock.exits import CLEAN
from inventory.models import Cause
from inventory.reconcile.lines import opening

HELP = "take what has expired out of the counters, and tell what soon will"


def arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(command: Any, account: Account, options: dict[str, Any]) -> int:
    if options["json"]:
        command.print_json({"message": expiry.expire(account.pk)})
        return CLEAN
    command.stdout.write(opening(Cause.BATCH_EXPIRY, "Expire"))
    command.stdout.write(expiry.expire(account.pk))
    return CLEAN
