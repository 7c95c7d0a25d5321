"""`manage.py stock integrity`: every invariant, and what breaks it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory import integrity
from inventory.api.integrity import IntegrityReportSerializer
from inventory.management.stock.exits import CLEAN, FOUND

HELP = "check every invariant of the ledger, and keep a report"


def arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(command: Any, account: Account, options: dict[str, Any]) -> int:
    report = integrity.check(Actor.system(account, "command line"))
    code = FOUND if report.offenders else CLEAN
    if options["json"]:
        command.print_json(IntegrityReportSerializer(report).data)
        return code
    for answer in report.checks:
        said = answer["note"] or ("holds" if not answer["offenders"] else f"{answer['offenders']} break it")
        command.stdout.write(f"{answer['invariant']:>4}  {answer['holds']} {said[:1].upper()}{said[1:].rstrip('.')}.")
        for offender in answer["sample"]:
            command.stdout.write(f"      {offender['label']}: {offender['trouble']}")
        if answer["offenders"] > len(answer["sample"]):
            command.stdout.write(f"      … and {answer['offenders'] - len(answer['sample'])} more.")
    command.stdout.write(integrity.in_words(report))
    return code
