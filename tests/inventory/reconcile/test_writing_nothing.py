"""Looking leaves every byte as it is."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from inventory import reconcile
from inventory.models import DriftClass, Level
from inventory.reconcile.correct import AT_ONCE
from inventory.snapshot import snapshot
from tests.inventory.ledger.build import in_days, make_product
from tests.inventory.reconcile.build import Store, break_batch, digest, make_batch, make_level, off_by, passed


def drifted(store: Store) -> None:
    """One level of each kind of drift, and a batch that has expired unnoticed."""
    first, second, third, *_ = store.more(15)
    off_by(first, store.place, 5)
    break_batch(make_batch(second, store.place, 4), sold=1)
    make_batch(third, store.place, 6, expires_at=in_days(-1))
    make_level(make_product(store.account, "QTX-CUP"), store.place, packs=12)
    make_batch(make_product(store.account, "QTX-MUG"), store.place, 3, "pallets")


def test_verify_leaves_the_database_as_it_is(store: Store) -> None:
    drifted(store)
    before = digest()
    assert reconcile.verify(store.actor).drifted == 5
    assert digest() == before


def test_a_dry_run_leaves_the_database_as_it_is_and_says_what_it_would_do(store: Store) -> None:
    drifted(store)
    before = digest()
    would = reconcile.dry_run(store.actor)
    assert digest() == before
    assert (would.figures.corrected, would.figures.quarantined, would.figures.expired, would.stopped) == (3, 1, 1, "")
    did = passed(store)
    assert {**would.figures.as_json()} == did.counters


def test_a_dry_run_says_that_it_would_have_stopped(store: Store) -> None:
    drifted(store)
    before = digest()
    would = reconcile.dry_run(store.actor, limits={"rows": 0})
    assert digest() == before
    assert would.sentence == "3 of 17 levels differ, more than 0."
    assert len(would.differences) == 4


def test_the_second_of_two_passes_writes_nothing_but_its_own_row(store: Store) -> None:
    drifted(store)
    passed(store)
    before = list(Level.objects.order_by("pk").values())
    second = passed(store)
    assert second.counters["corrected"] == 0
    assert list(Level.objects.order_by("pk").values()) == before


def test_the_database_refuses_what_a_verify_would_write(store: Store) -> None:
    store.stock(1)
    with pytest.raises(DatabaseError), snapshot():
        Level.objects.update(packs=3)


def test_drifts_are_read_page_by_page_in_the_order_of_their_keys(store: Store) -> None:
    products = store.more(5)
    for product in products:
        off_by(product, store.place, 1)
    seen, after = [], None
    while True:
        page = reconcile.verify(store.actor, after=after, limit=2)
        assert (page.drifted, page.classes) == (5, {DriftClass.MISMATCH: 5})
        seen += [each.product_id for each in page.drifts]
        after = page.next
        if after is None:
            break
    assert seen == [product.pk for product in products]
    assert AT_ONCE <= 500
