"""What the figures should be, and the words for those that are not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RATIO = 3.0
STATEMENTS = 50
PLAN_MS = 200.0
APPLY_MS = 1000.0
PAGE_MS = 300.0
TILL_RATIO = 6.0
DAY_RATIO = 6.0
STATEMENTS_OF_CHUNK = 60
RECONCILE_RATIOS = {"verify": 1.3, "correct 1 %": 4.0}
VERIFY_STATEMENTS = 5
LEVELS_OF_CHUNK = 100
STATEMENTS_OF_PASS, STATEMENTS_OF_PASS_CHUNK = 40, 22
WAIT_MS = 50.0
FLAT_MIB = 32.0
FINALE_RATIOS = {"first load": 2.5, "the same again": 1.5, "1 % changed": 1.7}
FINALE_MIB = 400.0
ODOO_RATIOS = {"all moves": 5.0, "all of them again": 3.0, "1 % corrected": 4.0}
ODOO_MIB = 400.0
SHORT_MS = {"stock only": 1000.0, "critical only": 500.0}
CALLED_MS = 500.0
CALLS_OF_ITEMS = 1.05
COMPARED_MS = 5000.0


@dataclass(frozen=True)
class Miss:
    """A goal that was not reached. What `binds` is a ratio or a count; seconds depend on the machine and are only reported."""

    sentence: str
    binds: bool = True


def of_sync(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of the GE sync."""
    found = []
    if line["ratio"] > RATIO:
        found.append(Miss(f"plan and apply took {line['ratio']} times the floor; the goal is {RATIO:g}"))
    if line["statements"] >= STATEMENTS:
        found.append(Miss(f"{line['statements']} statements; the goal is fewer than {STATEMENTS}"))
    if line["scenario"] == "the same again" and (line["rowsWritten"] or line["changes"]):
        found.append(Miss(f"{line['rowsWritten']} rows and {line['changes']} changes were written though nothing had changed"))
    if line["planMs"] > PLAN_MS:
        found.append(Miss(f"planning took {line['planMs']:.0f} ms; {PLAN_MS:.0f} were hoped for", binds=False))
    if line["applyMs"] > APPLY_MS:
        found.append(Miss(f"applying took {line['applyMs']:.0f} ms; {APPLY_MS:.0f} were hoped for", binds=False))
    return found


def of_page(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one page."""
    found = []
    if line["milliseconds"] >= PAGE_MS:
        found.append(Miss(f"{line['milliseconds']:.0f} ms; the goal is less than {PAGE_MS:.0f}"))
    if line["queriesFew"] != line["queriesMany"]:
        found.append(Miss(f"{line['queriesMany']} queries with many rows, {line['queriesFew']} with few; the number should not grow"))
    return found


def of_till(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of a till's sales."""
    found = []
    if line["ratio"] > TILL_RATIO:
        found.append(Miss(f"booking took {line['ratio']} times the floor; the goal is {TILL_RATIO:g}"))
    # Looking up what is known takes a few for every thousand lines.
    most = STATEMENTS_OF_CHUNK * line["chunks"] + 2 * (line["lines"] // 1000 + 10)
    if line["statements"] > most:
        found.append(Miss(f"{line['statements']} statements; the goal is {most}"))
    if line["scenario"] == "the same again" and line["repeated"] != line["lines"]:
        found.append(Miss(f"only {line['repeated']} of {line['lines']} lines were known again"))
    return found


def of_day(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of a till's day."""
    found = []
    if line["scenario"] == "one day of a till" and line["ratio"] > DAY_RATIO:
        found.append(Miss(f"the day took {line['ratio']} times the floor; the goal is {DAY_RATIO:g}"))
    if line["scenario"] == "the same again" and any(line[name] for name in ("inserted", "updated", "removed")):
        found.append(Miss("lines were written though nothing had changed"))
    return found


def of_reconcile(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of reconcile."""
    found = []
    goal = RECONCILE_RATIOS[line["scenario"]]
    # SQLite has to give the same answers, at its own pace.
    if line["ratio"] > goal:
        found.append(Miss(f"it took {line['ratio']} times the bare query; the goal is {goal:g}", binds=line["database"] == "PostgreSQL"))
    most = VERIFY_STATEMENTS
    if line["corrected"]:
        most = STATEMENTS_OF_PASS + STATEMENTS_OF_PASS_CHUNK * -(-line["corrected"] // LEVELS_OF_CHUNK)
    if line["statements"] > most:
        found.append(Miss(f"{line['statements']} statements; the goal is {most}"))
    if line["grownMiB"] > FLAT_MIB:
        found.append(Miss(f"memory grew by {line['grownMiB']} MiB; the goal is {FLAT_MIB:g}"))
    if line.get("longestWaitMs", 0) >= WAIT_MS:
        found.append(Miss(f"a sale waited {line['longestWaitMs']:.0f} ms; {WAIT_MS:.0f} were hoped for", binds=False))
    return found


def of_finale(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of Finale's loads."""
    found = []
    goal = FINALE_RATIOS.get(line["scenario"])
    if goal is not None and line["ratio"] > goal:
        found.append(Miss(f"it took {line['ratio']} times the floor; the goal is {goal:g}"))
    if line["scenario"] == "the same again" and (line["rowsWritten"] or line["changes"]):
        found.append(Miss(f"{line['rowsWritten']} rows and {line['changes']} changes were written though nothing had changed"))
    if line["peakMiB"] > FINALE_MIB:
        found.append(Miss(f"{line['peakMiB']:.0f} MiB at most; the goal is {FINALE_MIB:g}"))
    most = SHORT_MS.get(line["scenario"])
    if most is not None and line["oursMs"] >= most:
        found.append(Miss(f"{line['oursMs']} ms of our own; {most:.0f} were hoped for", binds=False))
    return found


def of_odoo(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of Odoo's moves."""
    found = []
    goal = ODOO_RATIOS[line["scenario"]]
    if line["ratio"] > goal:
        found.append(Miss(f"it took {line['ratio']} times the floor; {goal:g} are hoped for", binds=False))
    if line["scenario"] == "all of them again" and (line["rowsWritten"] or line["changes"]):
        found.append(Miss(f"{line['rowsWritten']} rows and {line['changes']} changes were written though nothing had changed"))
    if line["peakMiB"] > ODOO_MIB:
        found.append(Miss(f"{line['peakMiB']:.0f} MiB at most; the goal is {ODOO_MIB:g}"))
    return found


def of_push(line: Mapping[str, Any]) -> list[Miss]:
    """Misses of one line of the pushes."""
    found = []
    if line["scenario"] == "saved to called" and line["p95Ms"] >= CALLED_MS:
        found.append(Miss(f"p95 from save to call {line['p95Ms']:.0f} ms; the goal is less than {CALLED_MS:.0f}"))
    if line["scenario"] == "a paused shop goes on" and line["calls"] > CALLS_OF_ITEMS * line["items"]:
        found.append(Miss(f"{line['calls']} calls for {line['items']} items; the goal is {CALLS_OF_ITEMS * line['items']:.0f}"))
    if line["scenario"] == "a whole shop compared":
        if line["calls"] != 1:
            found.append(Miss(f"{line['calls']} calls for the list; the goal is 1"))
        if line["oursMs"] >= COMPARED_MS:
            found.append(Miss(f"{line['oursMs']:.0f} ms of our own; {COMPARED_MS:.0f} were hoped for"))
    return found


def verdict(misses: Sequence[Miss]) -> str:
    """Goal reached, or not and why."""
    if not misses:
        return "goal reached"
    missed = "; ".join(miss.sentence for miss in misses)
    return f"GOAL MISSED: {missed}" if any(miss.binds for miss in misses) else f"goal reached, though {missed}"
