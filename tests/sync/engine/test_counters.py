"""The sums that a plan has to come to before it is written (docs/engine.md, “Counters”)."""

from __future__ import annotations

import pytest

from sync.engine import counters
from sync.engine.compare import CHANGED, NEW, REMOVED, Count, Diff
from sync.engine.tables import TablePlan
from tests.sync.engine.shelf import PIECES


def diff(*counts: tuple[str, int], stored: int, listed: int) -> Diff:
    plan = TablePlan(PIECES, ("stock_key",), [(f"unit {number}",) for number in range(listed)])
    return Diff(plan, tuple(Count(kind, "", "", rows) for kind, rows in counts), stored, len(list(plan.rows)))


def test_sums_that_come_out_pass() -> None:
    counters.check([diff((NEW, 2), (REMOVED, 1), stored=5, listed=6)], [6], logged=3, in_log=3)


@pytest.mark.parametrize("after", [5, 7])
def test_rows_in_the_table_are_those_before_and_what_was_done(after: int) -> None:
    with pytest.raises(counters.Miscounted, match=f"unit: {after} rows are stored, 6 should be"):
        counters.check([diff((NEW, 2), (REMOVED, 1), stored=5, listed=6)], [after], logged=3, in_log=3)


def test_no_more_rows_differ_than_were_listed() -> None:
    with pytest.raises(counters.Miscounted, match="unit: more rows differ than were listed"):
        counters.check([diff((CHANGED, 3), stored=3, listed=2)], [3], logged=3, in_log=3)


def test_log_holds_what_was_written() -> None:
    with pytest.raises(counters.Miscounted, match="2 change rows are stored, 3 were written"):
        counters.check([diff((NEW, 3), stored=0, listed=3)], [3], logged=3, in_log=2)
