"""What a till's run says it came to, also when it was put down and taken up again: pure."""

from __future__ import annotations

from sync.engine.compare import CHANGED, NEW, REMOVED, Count, Diff
from sync.engine.tables import TablePlan
from sync.facts.tables import FACTS
from sync.sources.pos import telling


def test_a_run_that_was_put_down_tells_of_all_that_it_wrote() -> None:
    plan = TablePlan(FACTS, (), [])
    first = Diff(plan, (Count(NEW, "", "", 7), Count(CHANGED, "", "", 2), Count(REMOVED, "", "", 1)), 4, 12)
    # Its last slice compares again, and finds nothing left to do.
    last = Diff(plan, (), 10, 12)
    written = {"inserted": 7, "updated": 2, "moved": 0, "revived": 0, "removed": 1}
    said = "12 lines: 7 new, 2 changed, 1 gone. 10 changes."
    assert telling.sentence([], [first], preview=False, changes=10) == said
    assert telling.sentence([], [last], preview=False, changes=10, written=written) == said
    assert telling.sentence([], [last], preview=False, changes=0) == "12 lines: all as before. 0 changes."
    told = {"listed": 12, "new": 7, "changed": 2, "gone": 1, "unchanged": 3}
    assert telling.figures("sales", {}, [first])["details"] == {"fact": told}
    assert telling.figures("sales", {}, [last], written)["details"] == {"fact": told}
