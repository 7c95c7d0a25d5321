from __future__ import annotations

from typing import Any

import pytest

from bench.goals import of_day, of_finale, of_odoo, of_page, of_reconcile, of_sync, of_till, verdict

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


TILL = {"scenario": "till sales booked", "lines": 100_000, "ratio": 6.0, "statements": 1420, "chunks": 20, "repeated": 0}
VERIFY = {"scenario": "verify", "database": "PostgreSQL", "ratio": 1.3, "statements": 5, "corrected": 0, "grownMiB": 32.0}
CORRECT = {**VERIFY, "scenario": "correct 1 %", "ratio": 4.0, "statements": 260, "corrected": 1000, "longestWaitMs": 49.9}


@pytest.mark.parametrize(("line", "misses"), [(TILL, of_till), (VERIFY, of_reconcile), (CORRECT, of_reconcile)])
def test_goals_of_the_ledger_that_are_just_met_are_reached(line: dict[str, Any], misses: Any) -> None:
    assert verdict(misses(line)) == "goal reached"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({**TILL, "ratio": 6.01}, "GOAL MISSED: booking took 6.01 times the floor; the goal is 6"),
        ({**TILL, "statements": 1421}, "GOAL MISSED: 1421 statements; the goal is 1420"),
        ({**TILL, "scenario": "the same again", "repeated": 99_999}, "GOAL MISSED: only 99999 of 100000 lines were known again"),
        ({**VERIFY, "ratio": 1.31}, "GOAL MISSED: it took 1.31 times the bare query; the goal is 1.3"),
        ({**VERIFY, "ratio": 1.31, "database": "SQLite"}, "goal reached, though it took 1.31 times the bare query; the goal is 1.3"),
        ({**CORRECT, "ratio": 4.01}, "GOAL MISSED: it took 4.01 times the bare query; the goal is 4"),
        ({**CORRECT, "statements": 261}, "GOAL MISSED: 261 statements; the goal is 260"),
        ({**CORRECT, "grownMiB": 32.1}, "GOAL MISSED: memory grew by 32.1 MiB; the goal is 32"),
        ({**CORRECT, "longestWaitMs": 50.0}, "goal reached, though a sale waited 50 ms; 50 were hoped for"),
    ],
)
def test_missed_goal_of_the_ledger_is_said_in_words(line: dict[str, Any], sentence: str) -> None:
    misses = of_till if "lines" in line else of_reconcile
    assert verdict(misses(line)) == sentence


LOAD = {"scenario": "the same again", "ratio": 1.5, "rowsWritten": 0, "changes": 0, "peakMiB": 400.0}
SHORT = {"scenario": "critical only", "oursMs": 499, "peakMiB": 120.0}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (LOAD, "goal reached"),
        (SHORT, "goal reached"),
        ({**LOAD, "ratio": 1.51}, "GOAL MISSED: it took 1.51 times the floor; the goal is 1.5"),
        ({**LOAD, "scenario": "first load", "ratio": 2.51}, "GOAL MISSED: it took 2.51 times the floor; the goal is 2.5"),
        ({**LOAD, "scenario": "1 % changed", "ratio": 1.71}, "GOAL MISSED: it took 1.71 times the floor; the goal is 1.7"),
        ({**LOAD, "rowsWritten": 1}, "GOAL MISSED: 1 rows and 0 changes were written though nothing had changed"),
        ({**LOAD, "peakMiB": 400.6}, "GOAL MISSED: 401 MiB at most; the goal is 400"),
        ({**SHORT, "oursMs": 500}, "goal reached, though 500 ms of our own; 500 were hoped for"),
    ],
)
def test_goals_of_finale_s_loads(line: dict[str, Any], sentence: str) -> None:
    assert verdict(of_finale(line)) == sentence


MOVES = {"scenario": "all of them again", "ratio": 3.0, "rowsWritten": 0, "changes": 0, "peakMiB": 400.0}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (MOVES, "goal reached"),
        ({**MOVES, "ratio": 3.01}, "goal reached, though it took 3.01 times the floor; 3 are hoped for"),
        ({**MOVES, "changes": 1}, "GOAL MISSED: 0 rows and 1 changes were written though nothing had changed"),
        ({**MOVES, "scenario": "all moves", "rowsWritten": 7, "peakMiB": 401.0}, "GOAL MISSED: 401 MiB at most; the goal is 400"),
    ],
)
def test_goals_of_odoo_s_moves(line: dict[str, Any], sentence: str) -> None:
    assert verdict(of_odoo(line)) == sentence


def test_day_of_a_till_is_judged_by_its_first_reading_and_by_what_the_second_writes() -> None:
    day = {"scenario": "one day of a till", "ratio": 6.0, "inserted": 99_000, "updated": 0, "removed": 0}
    assert of_day(day) == of_day({**day, "scenario": "the same again", "inserted": 0, "ratio": 20.0}) == []
    assert "6.01 times the floor" in of_day({**day, "ratio": 6.01})[0].sentence
    assert "nothing had changed" in of_day({**day, "scenario": "the same again"})[0].sentence
