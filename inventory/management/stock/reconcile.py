"""`manage.py stock reconcile`: sets right what differs, here and now."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory.management.stock.choosing import chosen, narrowing
from inventory.management.stock.exits import CLEAN, ERROR, FOUND, INTERRUPTED
from inventory.models import RECONCILING, Cause, Reconciliation, ReconciliationStatus
from inventory.reconcile import dry_run, execute, start
from inventory.reconcile.answers import difference, of_drift, summary
from inventory.reconcile.lines import lines, opening

HELP = "set levels right that differ from their batches"
JSON_DRIFTS = 1000
POLL_SECONDS = 0.5


def arguments(parser: ArgumentParser) -> None:
    narrowing(parser)
    parser.add_argument("--dry-run", action="store_true", help="do all of it and roll it back")
    parser.add_argument("--limit-rows", type=int, metavar="N", help="write nothing and ask when more levels differ")
    parser.add_argument("--limit-qty", metavar="N", help="write nothing and ask when they differ by more, all unit kinds together")


def run(command: Any, account: Account, options: dict[str, Any]) -> int:
    actor = Actor.system(account, "command line")
    asked = {**chosen(account, options), "limits": {"rows": options["limit_rows"], "quantity": options["limit_qty"]}}
    if not options["json"]:
        command.stdout.write(opening(Cause.MANUAL, "Dry run" if options["dry_run"] else "Reconcile"))
    if options["dry_run"]:
        return _dry(command, actor, asked, options)
    reconciliation = start(actor, cause=Cause.MANUAL, **asked)
    try:
        _to_its_end(reconciliation)
    except KeyboardInterrupt:
        command.stderr.write(f"Reconciliation {reconciliation.pk} goes on without you; it may be cancelled.")
        return INTERRUPTED
    found = reconciliation.drifts.order_by("pk")
    if options["json"]:
        drifts = [difference(of_drift(drift)) for drift in found[:JSON_DRIFTS]]
        command.print_json({**summary(reconciliation), "drifts": drifts})
    else:
        for line in lines(map(of_drift, found.iterator(chunk_size=1000))):
            command.stdout.write(line)
        command.stdout.write(f"Reconciliation {reconciliation.pk}: {reconciliation.message}")
    if reconciliation.status == ReconciliationStatus.FAILED:
        return ERROR
    clean = reconciliation.status == ReconciliationStatus.SUCCEEDED and not reconciliation.counters["drifted"]
    return CLEAN if clean else FOUND


def _dry(command: Any, actor: Actor, asked: dict[str, Any], options: dict[str, Any]) -> int:
    would = dry_run(actor, cause=Cause.MANUAL, **asked)
    if options["json"]:
        drifts = list(map(difference, would.differences))
        command.print_json({"counters": would.figures.as_json(), "stopped": would.stopped, "drifts": drifts})
    else:
        for line in lines(would.differences):
            command.stdout.write(line)
        command.stdout.write(f"{would.sentence} It was a dry run: all of it was rolled back.")
    return FOUND if would.figures.drifted else CLEAN


def _to_its_end(reconciliation: Reconciliation) -> None:
    """Work on the pass here, unless a worker was faster; then wait for that."""
    while True:
        execute(reconciliation.pk)
        reconciliation.refresh_from_db()
        if reconciliation.status not in RECONCILING:
            return
        time.sleep(POLL_SECONDS)
