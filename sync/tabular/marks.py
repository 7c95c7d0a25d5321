"""What a sheet's own records tell beside its values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Marks:
    """How far the filled cells of a sheet reach, and which hold formulas or errors. Places count from 0: (row, column)."""

    rows: int = 0
    columns: int = 0
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        """There is a filled cell at this place."""
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)
