"""What a sheet's own records tell beside its values."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.tabular import problems

TEXT_LIMIT = 200_000_000
"""Characters."""


@dataclass
class Marks:
    """How far the filled cells of a sheet reach, and which hold formulas or errors. Places count from 0: (row, column)."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        """There is a filled cell at this place."""
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)
        self.cells += 1


def bounded_texts(longest: int, cells: int) -> None:
    """Refuses a workbook whose longest shared text (in characters), repeated in each of its cells, would fill the memory.

    Raises FeedProblem zip_bomb.
    """
    if longest * cells > TEXT_LIMIT:
        raise problems.zip_bomb("a very long text may be repeated in every cell")
