"""Levels of a warehouse that follows an outside system."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from inventory import mirror
from inventory.ledger.counters import Counters, Key
from inventory.linking import link
from inventory.models import DirtyKey, Level, Movement, MovementKind, Unit
from tests.build import make_account, make_actor
from tests.inventory.build import make_bulk, make_unit, make_warehouse
from tests.inventory.ledger.build import make_place, make_product

pytestmark = pytest.mark.django_db


class TestUnits:
    @pytest.fixture(autouse=True)
    def _fridges(self) -> None:
        self.account = make_account()
        self.place = make_warehouse(self.account)
        self.fridge = make_product(self.account, "QTX10FRIDGE", name="Fridge", unit_kind="units")
        make_unit(self.place, "ZZ1", bucket="FG")
        make_unit(self.place, "ZZ2", bucket="ASIS")
        make_unit(self.place, "ZZ3", bucket="ASIS", status="Reserved")
        make_unit(self.place, "ZZ4", bucket="STA", status="Reserved")
        make_unit(self.place, "ZZ5", bucket="FG", gone_at=timezone.now())
        make_bulk(self.place, "QTX10FRIDGE", 3)
        link(Unit.objects.all())

    def level(self) -> tuple[Decimal, Decimal]:
        row = Level.objects.get(product=self.fridge, warehouse=self.place)
        return row.units, row.reserved_units

    def test_level_counts_what_is_on_hand_in_the_buckets_that_count(self) -> None:
        assert mirror.follow_units(self.account) == 1
        assert self.level() == (6, 1)

    def test_movement_says_what_changed(self) -> None:
        mirror.follow_units(self.account)
        Unit.objects.filter(serial="ZZ1").update(gone_at=timezone.now())
        mirror.follow_units(self.account)
        lines = list(Movement.objects.order_by("id").values_list("kind", "level_delta", "level_after", "batch"))
        assert lines == [(MovementKind.SNAPSHOT, 6, 6, None), (MovementKind.SNAPSHOT, -1, 5, None)]

    def test_reserving_moves_nothing(self) -> None:
        mirror.follow_units(self.account)
        Unit.objects.filter(serial="ZZ1").update(status="Reserved")
        assert mirror.follow_units(self.account) == 1
        assert self.level() == (6, 2)
        assert Movement.objects.count() == 1

    def test_nothing_changed_takes_one_statement_and_writes_nothing(self, django_assert_num_queries: object) -> None:
        mirror.follow_units(self.account)
        before = list(Level.objects.values())
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert mirror.follow_units(self.account) == 0
        assert list(Level.objects.values()) == before

    def test_other_buckets_by_the_warehouse_s_own_choice(self) -> None:
        self.place.level_buckets = "STA, FG"
        self.place.save()
        mirror.follow_units(self.account)
        assert self.level() == (2, 1)

    def test_no_bucket_counts_nothing(self) -> None:
        self.place.level_buckets = ""
        self.place.save()
        assert mirror.follow_units(self.account) == 0

    def test_last_unit_gone_leaves_a_level_of_none(self) -> None:
        mirror.follow_units(self.account)
        Unit.objects.update(gone_at=timezone.now())
        mirror.follow_units(self.account)
        assert self.level() == (0, 0)


def test_mirror_is_not_noted_for_reconcile() -> None:
    account = make_account()
    place, tea = make_warehouse(account), make_product(account)
    mirror.set_levels(make_actor(account), {Key(tea.pk, place.pk): mirror.Snapshot(Counters(packs=Decimal(4)))})
    assert not DirtyKey.objects.exists()


def test_mirror_without_units_is_left_to_its_own_system() -> None:
    account = make_account()
    place, tea = make_warehouse(account), make_product(account)
    mirror.set_levels(make_actor(account), {Key(tea.pk, place.pk): mirror.Snapshot(Counters(Decimal(0), Decimal(4), Decimal(0)))})
    assert mirror.follow_units(account) == 0
    assert Level.objects.get().packs == 4


def test_available_of_a_mirror_may_be_negative() -> None:
    account = make_account()
    place, tea = make_warehouse(account), make_product(account)
    mirror.set_levels(make_actor(account), {Key(tea.pk, place.pk): mirror.Snapshot(Counters(packs=Decimal(-4)))})
    assert Level.objects.get().packs == -4


def test_no_snapshot_is_written_to_a_ledger() -> None:
    account = make_account()
    place, tea = make_place(account), make_product(account)
    with pytest.raises(ValueError, match="keeps a ledger"):
        mirror.set_levels(make_actor(account), {Key(tea.pk, place.pk): mirror.Snapshot(Counters(packs=Decimal(4)))})
    assert not Level.objects.exists()
