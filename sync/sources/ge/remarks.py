"""Collecting what has to be held and what has to be pointed out while a list is read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sync.engine.source import Held
from sync.sources.ge.rows import Warning_

if TYPE_CHECKING:
    from sync.sources.ge.cells import Fault
    from sync.sources.ge.columns import Line

MOST_WARNINGS = 50
"""Of one code; the rest is counted in a closing one."""


class Remarks:
    """The held rows and warnings of one list, in the order of its rows."""

    def __init__(self) -> None:
        self._held: list[Held] = []
        self._warnings: list[Warning_] = []
        self._counts: Counter[str] = Counter()

    def hold(self, line: Line, code: str, sentence: str) -> None:
        """This row is not applied. `sentence` names the row and what to do."""
        self._held.append(Held(line.number, code, sentence, line.raw()))

    def hold_cell(self, line: Line, column: str, fault: Fault) -> None:
        """This row is not applied because of one of its cells."""
        self.hold(line, fault.code, f"Row {line.number}, column {line.titles[column]}: {fault.saying}")

    def warn(self, code: str, sentence: str, row: int | None = None) -> None:
        """Something to look at."""
        self._counts[code] += 1
        if self._counts[code] <= MOST_WARNINGS:
            self._warnings.append(Warning_(code, sentence, row))

    @property
    def held(self) -> tuple[Held, ...]:
        return tuple(self._held)

    @property
    def warnings(self) -> tuple[Warning_, ...]:
        more = [
            Warning_(code, f"{count - MOST_WARNINGS:,} more rows have the same remark as the first {MOST_WARNINGS}.")
            for code, count in self._counts.items()
            if count > MOST_WARNINGS
        ]
        return (*self._warnings, *more)
