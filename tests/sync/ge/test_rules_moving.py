"""Units that go from one bucket to another: the same row, with all that belongs to it (docs/ge-rules.md, “Moves”)."""

from __future__ import annotations

import pytest

from inventory import units as notes
from inventory.models import Unit
from sync.models import SyncChange
from tests.sync.ge.files import Row, listed, load, unit
from tests.sync.ge.shop import Shop, changes, changes_of, make_shop, types

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"
REST: dict[str, list[Row]] = {
    "FG": [unit("QTX10FRIDGE", "ZZ900001")],
    "ASIS": [unit("QTX10FRIDGE", "ZZ900101")],
    "STA": [unit("QTX10FRIDGE", "ZZ900201", "Reserved")],
}
"""Units that stay where they are."""


def with_unit(*buckets: str, status: str = "Available") -> dict[str, list[Row]]:
    """The lists of a day on which the unit ZZ900777 is in `buckets`."""
    return {bucket: [*rows, unit("QTX30RANGE", "ZZ900777", status)] if bucket in buckets else rows for bucket, rows in REST.items()}


@pytest.mark.parametrize(
    ("was", "now"),
    [("ASIS", "STA"), ("STA", "ASIS"), ("FG", "STA"), ("STA", "FG"), ("FG", "ASIS"), ("ASIS", "FG")],
)
def test_unit_moves_and_stays_the_same_row(was: str, now: str) -> None:
    shop = make_shop()
    shop.day(**with_unit(was))
    before = shop.unit("ZZ900777")
    run = shop.day(**with_unit(now))
    after = shop.unit("ZZ900777")
    assert changes(run) == [("item_migrated", "ZZ900777", was, now)]
    assert (after.pk, after.bucket, after.first_seen_at) == (before.pk, now, before.first_seen_at)
    assert (run.stats["migratedItems"], run.stats["migrated"]) == (1, {f"{was}-{now}": 1})
    assert changes(shop.sync()) == []


def test_move_is_told_as_the_bucket_field_with_both_sides() -> None:
    shop = make_shop()
    shop.day(**with_unit("ASIS"))
    change = SyncChange.objects.get(run=shop.day(**with_unit("STA")))
    assert (change.field, change.group, change.old, change.new) == ("bucket", "STA", "ASIS", "STA")


def test_move_with_another_status_is_one_move_with_a_row_for_each_field() -> None:
    shop = make_shop()
    shop.day(**with_unit("ASIS"))
    run = shop.day(**with_unit("STA", status="Reserved"))
    assert changes(run) == [
        ("item_migrated", "ZZ900777", "ASIS", "STA"),
        ("item_reserved", "ZZ900777", "Available", "Reserved"),
        ("item_message_changed", "ZZ900777", "", "Not Available"),
    ]
    assert (run.stats["migratedItems"], run.stats["updatedItems"]) == (1, 0)


def test_unit_in_the_asis_and_the_staged_list_is_staged() -> None:
    shop = make_shop()
    shop.day(**with_unit("ASIS"))
    run = shop.day(**with_unit("ASIS", "STA"))
    assert changes(run) == [("item_migrated", "ZZ900777", "ASIS", "STA")]
    assert (run.stats["overlaps"], run.stats["totalGEItems"]) == (1, 4)


def test_new_unit_in_the_asis_and_the_staged_list_appears_staged() -> None:
    shop = make_shop()
    run = shop.day(**with_unit("ASIS", "STA"))
    assert shop.on_hand()["ZZ900777"] == "STA"
    assert types(run) == {"item_appeared": 4}
    assert (run.stats["newItems"], run.stats["overlaps"]) == (4, 1)


@pytest.mark.parametrize(
    ("lists", "where"), [(("FG", "STA"), "STA"), (("FG", "ASIS"), "ASIS"), (("FG", "ASIS", "STA"), "STA"), (("ASIS", "STA"), "STA")]
)
def test_unit_that_several_lists_have_is_where_the_last_of_them_says(lists: tuple[str, ...], where: str) -> None:
    shop = make_shop()
    run = shop.day(**with_unit(*lists))
    assert shop.on_hand()["ZZ900777"] == where
    assert run.stats["overlaps"] == 1
    assert run.counters["skipped"] == len(lists) - 1
    assert Unit.objects.filter(serial_key="ZZ900777").count() == 1


def test_unit_that_stays_in_two_lists_changes_nothing_again() -> None:
    shop = make_shop()
    shop.day(**with_unit("FG", "ASIS"))
    run = shop.sync()
    assert changes(run) == []
    assert run.stats["overlaps"] == 1


def test_overlap_that_ends_moves_the_unit_only_if_it_is_elsewhere() -> None:
    shop = make_shop()
    shop.day(**with_unit("FG", "STA"))
    assert changes(shop.day(**with_unit("STA"))) == []
    assert changes(shop.day(**with_unit("FG"))) == [("item_migrated", "ZZ900777", "STA", "FG")]


def test_moved_unit_keeps_load_order_number_notes_and_scans() -> None:
    shop = make_shop()
    roster = {LOAD: [listed(LOAD, "QTX30RANGE", "ZZ900777"), listed(LOAD, "QTX10FRIDGE", "ZZ900101")]}
    sold = load(LOAD, "SOLD", cso="9000000003", cso_status="Picked")
    shop.day(**with_unit("ASIS"), loads=[sold], rosters=roster)
    notes.note(shop.owner, shop.unit("ZZ900777"), "Dent on the left side.")
    scan = shop.scan(LOAD, "ZZ900777")
    run = shop.day(**with_unit("STA"), loads=[sold])
    after = shop.unit("ZZ900777")
    assert changes(run) == [("item_migrated", "ZZ900777", "ASIS", "STA")]
    assert after.bucket == "STA"
    assert after.load == shop.load(LOAD)
    assert after.order_number == "9000000003"
    assert after.local_notes == "Dent on the left side."
    assert list(after.scans.values_list("pk", flat=True)) == [scan.pk]


def test_load_that_moves_there_and_back_is_told_each_time() -> None:
    shop = make_shop()
    units = [unit("QTX30RANGE", f"ZZ9005{number:02d}") for number in range(60)]
    stays = [unit("QTX10FRIDGE", f"ZZ9006{number:02d}") for number in range(60)]
    staged = [unit("QTX20WASHER", f"ZZ9007{number:02d}") for number in range(61)]
    shop.day(ASIS=[*units, *stays], STA=staged)
    there = shop.day(ASIS=stays, STA=[*staged, *units])
    assert types(there) == {"item_migrated": 60}
    back = shop.day(ASIS=[*units, *stays], STA=staged)
    assert types(back) == {"item_migrated": 60}
    assert back.stats["migrated"] == {"STA-ASIS": 60}


class TestOrigin:
    """A staged unit still says where it came from."""

    def origin(self, shop: Shop) -> str:
        return shop.unit("ZZ900777").origin

    def test_is_the_bucket_of_a_unit_that_is_not_staged(self) -> None:
        shop = make_shop()
        shop.day(**with_unit("FG"))
        assert self.origin(shop) == "FG"
        shop.day(**with_unit("ASIS"))
        assert self.origin(shop) == "ASIS"

    def test_stays_when_the_unit_is_staged(self) -> None:
        shop = make_shop()
        shop.day(**with_unit("FG"))
        shop.day(**with_unit("STA"))
        assert self.origin(shop) == "FG"

    def test_of_a_unit_first_seen_staged_is_asis_when_a_roster_names_it(self) -> None:
        shop = make_shop()
        shop.day(**with_unit("STA"), loads=[load(LOAD)], rosters={LOAD: [listed(LOAD, "QTX30RANGE", "ZZ900777")]})
        assert self.origin(shop) == "ASIS"

    def test_of_a_unit_first_seen_staged_is_not_known_otherwise(self) -> None:
        shop = make_shop()
        shop.day(**with_unit("STA"))
        assert self.origin(shop) == ""

    def test_is_learned_when_the_unit_goes_back(self) -> None:
        shop = make_shop()
        shop.day(**with_unit("STA"))
        run = shop.day(**with_unit("ASIS"))
        assert self.origin(shop) == "ASIS"
        assert changes_of(run, "ZZ900777") == [("item_migrated", "STA", "ASIS")]
