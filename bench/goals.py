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


def verdict(misses: Sequence[Miss]) -> str:
    """Goal reached, or not and why."""
    if not misses:
        return "goal reached"
    missed = "; ".join(miss.sentence for miss in misses)
    return f"GOAL MISSED: {missed}" if any(miss.binds for miss in misses) else f"goal reached, though {missed}"
