"""Whatever is done in whatever order: after every step the ledger agrees with itself (LEDGER_HISTORIES=1000 looks longer)."""

from __future__ import annotations

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inventory.ledger.histories import VERBS, History
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db

HISTORIES = int(os.environ.get("LEDGER_HISTORIES", "20"))
FIRST = [("buy", 9, 0, 3), ("buy", 9, 1, 7)]
"""Something to begin with, so that histories have more to do than to be refused."""

digits = st.integers(0, 9)
steps = st.tuples(st.sampled_from([*VERBS, "buy", "sell"]), digits, digits, digits)


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, min_size=5, max_size=25))
def test_random_histories_keep_every_invariant(history: list[tuple[str, int, int, int]]) -> None:
    with transaction.atomic():
        told = History()
        for step in [*FIRST, *history]:
            told.step(*step)
            prove(told.shop.account)
        transaction.set_rollback(True)
