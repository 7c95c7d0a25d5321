"""Rows that can't be staged: the run fails with a word, and its worker goes on."""

from __future__ import annotations

import pytest

from sync.models import Status
from tests.sync.engine.shelf import make_keeper, put

pytestmark = pytest.mark.django_db(transaction=True)

A, B = ("A1", "FG", "Free", ""), ("B2", "ASIS", "Free", "")


def test_run_whose_rows_can_not_be_staged_fails_and_the_next_one_works() -> None:
    keeper = make_keeper()
    put(A, A)
    run = keeper.sync()
    assert run.status == Status.FAILED
    assert run.finished_at is not None
    assert "IntegrityError" in run.message
    assert keeper.stock() == {}
    put(A, B)
    assert keeper.sync().status == Status.SUCCEEDED
    assert keeper.stock() == {"A1": "FG", "B2": "ASIS"}
