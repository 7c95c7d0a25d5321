"""`manage.py stock verify`: what differs, without writing anything."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory.management.stock.choosing import chosen, narrowing
from inventory.management.stock.exits import CLEAN, FOUND
from inventory.models import Cause
from inventory.reconcile import verify
from inventory.reconcile.answers import difference
from inventory.reconcile.lines import lines, opening

HELP = "say which levels differ from their batches; writes nothing"
PAGE = 1000


def arguments(parser: ArgumentParser) -> None:
    narrowing(parser)


def run(command: Any, account: Account, options: dict[str, Any]) -> int:
    actor = Actor.system(account, "command line")
    page = verify(actor, limit=PAGE, **chosen(account, options))
    classes = {name.value: number for name, number in sorted(page.classes.items())}
    if options["json"]:
        answer = {
            "scanned": page.scanned,
            "drifted": page.drifted,
            "classes": classes,
            "next": page.next,
            "drifts": list(map(difference, page.drifts)),
        }
        command.print_json(answer)
        return FOUND if page.drifted else CLEAN
    command.stdout.write(opening(Cause.MANUAL, "Verify"))
    for line in lines(page.drifts):
        command.stdout.write(line)
    if page.next is not None:
        command.stdout.write(f"… and {page.drifted - len(page.drifts)} more.")
    if page.drifted:
        by_class = ", ".join(f"{number} {name}" for name, number in classes.items())
        command.stdout.write(f"{page.drifted} of {page.scanned} levels differ: {by_class}.")
        return FOUND
    command.stdout.write(f"All {page.scanned} levels agree with their batches.")
    return CLEAN
