from __future__ import annotations

from typing import Any

import pytest

from bench.goals import of_page, of_sync, verdict

GOOD = {"scenario": "the same again", "ratio": 3.0, "statements": 49, "rowsWritten": 0, "changes": 0, "planMs": 200.0, "applyMs": 1000.0}


def test_goal_that_is_just_met_is_reached() -> None:
    assert verdict(of_sync(GOOD)) == "goal reached"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ratio": 3.01}, "GOAL MISSED: plan and apply took 3.01 times the floor; the goal is 3"),
        ({"statements": 50}, "GOAL MISSED: 50 statements; the goal is fewer than 50"),
        ({"rowsWritten": 1}, "GOAL MISSED: 1 rows and 0 changes were written though nothing had changed"),
        ({"planMs": 201.0}, "goal reached, though planning took 201 ms; 200 were hoped for"),
    ],
)
def test_missed_goal_is_said_in_words(wrong: dict[str, Any], sentence: str) -> None:
    assert verdict(of_sync({**GOOD, **wrong})) == sentence


def test_rows_of_a_next_day_are_no_miss() -> None:
    assert of_sync({**GOOD, "scenario": "next day", "rowsWritten": 449, "changes": 490}) == []


def test_page_whose_queries_grow_is_a_miss() -> None:
    assert verdict(of_page({"milliseconds": 299.9, "queriesFew": 6, "queriesMany": 6})) == "goal reached"
    assert [miss.binds for miss in of_page({"milliseconds": 300.0, "queriesFew": 6, "queriesMany": 7})] == [True, True]
