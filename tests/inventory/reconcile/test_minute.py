"""What has just been written is proved within a minute."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from inventory.models import Cause, DirtyKey, Movement, Reconciliation, StockSettings
from inventory.reconcile import clock, dirty
from tests.inventory.ledger.build import Shop, make_place
from tests.inventory.reconcile.build import Store, corrections, make_level, off_by


def note(store: Store, *products: object) -> None:
    for product in products:
        DirtyKey.objects.create(account=store.account, product=product, warehouse=store.place, cause=Cause.API, noted_at=timezone.now())


def queued() -> list[tuple[str, tuple[int, ...]]]:
    return [(row.task["func"], row.task["args"]) for row in OrmQ.objects.order_by("pk")]


def test_a_level_that_was_noted_is_set_right_and_forgotten(store: Store) -> None:
    one, other = store.more(2)
    off_by(one, store.place, 3)
    off_by(other, store.place, 3)
    note(store, one)
    assert dirty.heal(store.account.pk) == "1 levels proved, 1 of them set right."
    assert (store.counters(one).packs, store.counters(other).packs) == (10, 13)
    assert Movement.objects.get().cause == "scheduled_minute"
    assert not DirtyKey.objects.exists()


def test_what_agrees_is_forgotten_without_a_write(store: Store) -> None:
    note(store, *store.more(3))
    assert dirty.heal(store.account.pk) == "3 levels proved, 0 of them set right."
    assert corrections(store) == []
    assert not DirtyKey.objects.exists()


def test_a_level_that_is_written_again_meanwhile_stays_noted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    [product] = store.more(1)
    note(store, product)
    original = dirty.set_right

    def set_right(*arguments: object, **about: object) -> object:
        DirtyKey.objects.update(noted_at=timezone.now())
        return original(*arguments, **about)  # type: ignore[arg-type]

    monkeypatch.setattr(dirty, "set_right", set_right)
    dirty.heal(store.account.pk)
    assert DirtyKey.objects.count() == 1


def test_keys_of_mirrors_and_of_nothing_are_forgotten(store: Store) -> None:
    mirror = make_place(store.account, "FAR")
    mirror.mode = "mirror"
    mirror.save()
    make_level(store.tea, mirror, packs=5)
    note(store, store.tea)
    DirtyKey.objects.create(account=store.account, product=store.tea, warehouse=mirror, cause=Cause.API, noted_at=timezone.now())
    dirty.heal(store.account.pk)
    assert not DirtyKey.objects.exists()


def test_more_drift_than_hooks_can_make_is_left_to_a_pass_that_may_stop(store: Store) -> None:
    StockSettings.objects.create(account=store.account, stop_rows=2)
    products = store.more(3)
    for product in products:
        off_by(product, store.place, 1)
    note(store, *products)
    said = dirty.heal(store.account.pk)
    run = Reconciliation.objects.get()
    assert said == f"Too many of 3 levels differ. Reconciliation {run.pk} looks at all of them."
    assert corrections(store) == []
    assert not DirtyKey.objects.exists()


def test_the_tick_sends_those_accounts_to_the_workers_that_have_something_to_prove(store: Store) -> None:
    clock.tick()
    assert queued() == []
    note(store, store.tea)
    clock.tick()
    assert queued() == [("inventory.reconcile.dirty.heal", (store.account.pk,))]


def test_a_sale_notes_its_level_and_finds_it_proved(db: None) -> None:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    assert DirtyKey.objects.count() == 1
    assert dirty.heal(shop.account.pk) == "1 levels proved, 0 of them set right."
    assert shop.packs == 6
