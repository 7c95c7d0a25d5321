"""`manage.py stock selftest`: makes a drift of five packs on a test product and has it healed."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory.management.stock.exits import CLEAN, ERROR
from inventory.models import Cause
from inventory.reconcile.lines import opening
from inventory.reconcile.selftest import selftest

HELP = "make a drift of five packs on a test product, have it healed, and check how that was written down"


def arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(command: Any, account: Account, options: dict[str, Any]) -> int:
    steps = selftest(Actor.system(account, "command line"))
    passed = all(step.passed for step in steps)
    if options["json"]:
        command.print_json({"passed": passed, "steps": [asdict(step) for step in steps]})
    else:
        command.stdout.write(opening(Cause.SELFTEST, "Self-test"))
        for step in steps:
            command.stdout.write(f"{'passed' if step.passed else 'FAILED'}: {step.what}")
        command.stdout.write("Reconcile works." if passed else "Reconcile does not work as it should.")
    return CLEAN if passed else ERROR
