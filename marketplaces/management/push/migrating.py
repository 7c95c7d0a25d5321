"""`manage.py push --pending-from FILE`: a table of changes that were queued elsewhere and never sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.acting import Actor
from inventory.csvtable import RowProblem
from marketplaces import pending
from marketplaces.management.push.exits import CLEAN, ERROR, FOUND


def run(command: Any, actor: Actor, path: str, options: dict[str, Any]) -> int:
    """Apply the file and say of each row what became of it; the exit code."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.", returncode=ERROR) from error
    changes, problems = pending.read(content)
    applied = pending.apply(actor, changes, dry_run=options["dry_run"])
    rows = [*map(_problem, problems), *applied.said]
    rows.sort(key=lambda each: each.row)
    refused = len(problems) + applied.refused
    counts = {**applied.counts, "refused": refused} if refused else dict(applied.counts)
    if options["json"]:
        said = [{"row": each.row, "outcome": each.outcome.value, "item": each.item, "sentence": each.sentence} for each in rows]
        command.print_json({"dry_run": options["dry_run"], "counts": counts, "rows": said})
    else:
        for each in rows:
            command.stdout.write(f"{each.row:>6}  {each.outcome.value:<9}  {each.item}{': ' if each.item else ''}{each.sentence}")
        numbers = ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "no rows"
        command.stdout.write(f"{numbers}.{' It was a dry run: nothing was written.' if options['dry_run'] else ''}")
    return FOUND if refused else CLEAN


def _problem(problem: RowProblem) -> pending.Said:
    return pending.Said(problem.row, pending.Outcome.REFUSED, "", f"{problem.column}: {problem.sentence}")
