"""Whatever is done in whatever order: the report stays empty, and there is nothing to rebuild (LEDGER_HISTORIES=1000 looks longer)."""

from __future__ import annotations

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inventory import rebuild
from inventory.models import Batch
from tests.inventory.integrity.breaking import broken, by_hand
from tests.inventory.ledger.histories import VERBS, History
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db

HISTORIES = int(os.environ.get("LEDGER_HISTORIES", "4"))
FIRST = [("buy", 9, 0, 3), ("buy", 9, 1, 7)]

digits = st.integers(0, 9)
steps = st.lists(st.tuples(st.sampled_from([*VERBS, "buy", "sell"]), digits, digits, digits), min_size=15, max_size=40)
# Shrinking a history of forty steps takes longer than reading it.
phases = [Phase.explicit, Phase.reuse, Phase.generate]
few = settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck), phases=phases)

BACKDATED = {"I7"}
"""Histories let goods expire by putting their date back, which makes sales of the last second sales of expired goods."""


@few
@given(steps)
def test_a_report_after_anything_is_empty(history: list[tuple[str, int, int, int]]) -> None:
    with transaction.atomic():
        told = History()
        for step in [*FIRST, *history]:
            told.step(*step)
        assert broken(told.shop.account).keys() - BACKDATED == set()
        assert rebuild.preview(told.shop.actor, told.shop.tea).empty
        transaction.set_rollback(True)


@few
@given(steps, st.sampled_from(["received", "sold", "written_off", "moved_out", "broken", "voided", "gained", "remaining"]))
def test_any_column_that_was_overwritten_is_rebuilt(history: list[tuple[str, int, int, int]], column: str) -> None:
    with transaction.atomic():
        told = History()
        for step in [*FIRST, *history]:
            told.step(*step)
        before = list(Batch.objects.order_by("pk").values())
        by_hand(f"UPDATE inventory_batch SET {column} = {column} + 7000")
        plan = rebuild.preview(told.shop.actor, told.shop.tea)
        rebuild.rebuild(told.shop.actor, told.shop.tea, digest=plan.digest)
        assert list(Batch.objects.order_by("pk").values()) == before
        prove(told.shop.account)
        transaction.set_rollback(True)
