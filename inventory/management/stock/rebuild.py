"""`manage.py stock rebuild`: a product whose figures contradict themselves becomes what its movements say."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory import rebuild
from inventory.api.integrity import shown
from inventory.management.stock.choosing import chosen
from inventory.management.stock.exits import CLEAN, ERROR, FOUND
from inventory.models import UnitKind, Warehouse
from inventory.rebuild import Plan

HELP = "show what batches and levels of a product would be by their movements, ask, and write it"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--product", required=True, metavar="SKU")
    parser.add_argument("--warehouse", metavar="CODE", help="only this warehouse")
    parser.add_argument("--yes", action="store_true", help="write without asking; with --json nothing is written otherwise")


def run(command: Any, account: Account, options: dict[str, Any]) -> int:
    actor, what = Actor.system(account, "command line"), chosen(account, options)
    plan = rebuild.preview(actor, **what)
    write = options["yes"] and not plan.problems
    if options["json"]:
        if write:
            plan = rebuild.rebuild(actor, **what, digest=plan.digest)
        command.print_json(shown(plan))
        return ERROR if plan.problems else CLEAN if plan.empty else FOUND
    if plan.empty:
        command.stdout.write(f"Everything of {what['product']} is as its movements say.")
        return CLEAN
    for line in _lines(plan):
        command.stdout.write(line)
    if plan.problems:
        command.stderr.write("The movements contradict themselves, so nothing can be rebuilt from them.")
        return ERROR
    if not options["yes"] and not _agreed():
        command.stdout.write("Nothing was written.")
        return FOUND
    rebuild.rebuild(actor, **what, digest=plan.digest)
    command.stdout.write(f"{what['product']} is what its movements say.")
    return FOUND


def _lines(plan: Plan) -> Iterator[str]:
    for batch in plan.batches:
        figures = (f"{name.replace('_', ' ')} {_said(batch.before[name])} → {_said(after)}" for name, after in batch.after.items())
        yield f"Batch {batch.batch}: {', '.join(figures)}"
    codes = dict(Warehouse.objects.filter(pk__in={level.warehouse for level in plan.levels}).values_list("pk", "code"))
    for level in plan.levels:
        kinds = [kind for kind in UnitKind.values if level.before.of(kind) != level.after.of(kind)]
        changes = [f"{level.before.of(kind)} → {level.after.of(kind)} {kind}" for kind in kinds]
        if level.quarantined:
            changes.append(f"quarantine lifted ({level.reason})")
        yield f"Level in {codes[level.warehouse]}: {', '.join(changes)}"
    yield from plan.problems


def _said(value: Any) -> str:
    return "none" if value is None else str(value)


def _agreed() -> bool:
    """What the person at the keyboard says; no where there is nobody."""
    try:
        return input("Write this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
