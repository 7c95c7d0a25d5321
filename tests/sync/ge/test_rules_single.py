"""Syncs of one list: they add, change and move, and never remove (docs/ge-rules.md, “Single syncs”)."""

from __future__ import annotations

import pytest

from inventory.models import ScanSession
from sync.models import RunFeed, Status, Unconfirmed, Verdict
from tests.sync.ge import files
from tests.sync.ge.files import Row, listed, load, total, unit
from tests.sync.ge.shop import changes, make_shop, types

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"
FIRST: dict[str, list[Row]] = {
    "FG": [unit("QTX10FRIDGE", "ZZ900001"), unit("QTX20WASHER", "ZZ900002")],
    "ASIS": [unit("QTX10FRIDGE", "ZZ900101"), unit("QTX20WASHER", "ZZ900102")],
    "STA": [unit("QTX10FRIDGE", "ZZ900201", "Reserved"), unit("QTX20WASHER", "ZZ900202", "Reserved")],
}
READS = {
    "fg": {"stock:FG"},
    "asis": {"stock:ASIS", "loads:open", "loads:history"},
    "sta": {"stock:STA"},
    "inventory": {"stock:FG", "stock:ASIS", "stock:STA", "loads:open", "loads:history"},
}


@pytest.mark.parametrize("scope", READS)
def test_sync_reads_the_lists_of_its_scope_and_no_others(scope: str) -> None:
    shop = make_shop()
    shop.stock(**FIRST)
    shop.loads()
    run = shop.sync(scope)
    verdict = Verdict.COMPLETE if scope == "inventory" else Verdict.PARTIAL
    assert dict(RunFeed.objects.filter(run=run).values_list("feed", "verdict")) == dict.fromkeys(READS[scope], verdict)


@pytest.mark.parametrize("scope", ["fg", "asis", "sta"])
def test_unit_that_the_list_leaves_out_is_kept_unconfirmed(scope: str) -> None:
    shop = make_shop()
    shop.day(**FIRST)
    bucket = scope.upper()
    shop.stock(**{bucket: FIRST[bucket][1:]})
    run = shop.sync(scope)
    missing = FIRST[bucket][0][1]
    assert (run.status, changes(run)) == (Status.SUCCEEDED, [])
    assert shop.on_hand()[missing] == bucket
    assert list(Unconfirmed.objects.values_list("label", "reason")) == [
        (missing, f"The {bucket} list does not have it, and the other lists were not read.")
    ]


@pytest.mark.parametrize("scope", ["fg", "asis", "sta"])
def test_units_of_the_other_buckets_are_not_counted(scope: str) -> None:
    shop = make_shop()
    shop.day(**FIRST)
    run = shop.sync(scope)
    assert (run.stats["totalGEItems"], run.stats["unchangedItems"], run.stats["heldItems"]) == (2, 2, 0)
    assert run.counters["processed"] == 2


def test_new_unit_is_added() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(FG=[*FIRST["FG"], unit("QTX30RANGE", "ZZ900003")])
    assert changes(shop.sync("fg")) == [("item_appeared", "ZZ900003", None, None)]


def test_changed_unit_is_changed() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(ASIS=[("QTX10FRIDGE", "ZZ900101", "", "Reserved", ""), FIRST["ASIS"][1]])
    assert changes(shop.sync("asis")) == [("item_reserved", "ZZ900101", "Available", "Reserved")]


def test_unit_moves_to_staged() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(STA=[*FIRST["STA"], ("QTX10FRIDGE", "ZZ900101", "", "Available", "")])
    assert changes(shop.sync("sta")) == [("item_migrated", "ZZ900101", "ASIS", "STA")]


def test_unit_moves_from_fg_to_asis() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(ASIS=[*FIRST["ASIS"], unit("QTX10FRIDGE", "ZZ900001")])
    assert changes(shop.sync("asis")) == [("item_migrated", "ZZ900001", "FG", "ASIS")]


@pytest.mark.parametrize(("scope", "was"), [("asis", "STA"), ("fg", "STA"), ("fg", "ASIS")])
def test_unit_does_not_move_down_while_the_list_above_was_not_read(scope: str, was: str) -> None:
    shop = make_shop()
    shop.day(**FIRST)
    row, bucket = FIRST[was][0], scope.upper()
    shop.stock(**{bucket: [*FIRST[bucket], (row[0], row[1], "", "Available", "")]})
    run = shop.sync(scope)
    assert changes(run) == []
    assert shop.on_hand()[row[1]] == was
    assert Unconfirmed.objects.get().reason == (
        f"The {bucket} list has it, but whether the {was} list still has it is not known: that list was not read."
    )
    assert (run.stats["totalGEItems"], run.stats["unchangedItems"], run.stats["heldItems"]) == (3, 2, 1)


def test_unit_that_did_not_move_moves_with_the_next_sync_of_all() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(ASIS=[*FIRST["ASIS"], ("QTX10FRIDGE", "ZZ900201", "", "Reserved", "Not Available")], STA=FIRST["STA"][1:])
    shop.sync("asis")
    run = shop.sync()
    assert changes(run) == [("item_migrated", "ZZ900201", "STA", "ASIS")]
    assert not Unconfirmed.objects.exists()


def test_asis_sync_after_a_whole_one_doubles_nothing() -> None:
    shop = make_shop()
    roster = {LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900201"), listed(LOAD, "QTX20WASHER", "ZZ900202")]}
    shop.day(**FIRST, loads=[load(LOAD, "SOLD", cso="9000000001", cso_status="Picked")], rosters=roster)
    before = shop.on_hand()
    run = shop.sync("asis")
    assert changes(run) == []
    assert shop.on_hand() == before


def test_gone_unit_comes_back() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.day(**{**FIRST, "FG": FIRST["FG"][1:]})
    shop.stock(FG=FIRST["FG"])
    run = shop.sync("fg")
    assert types(run) == {"item_appeared": 1}
    assert run.stats["revivedItems"] == 1


def test_bad_list_changes_nothing() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.upload("stock:FG", files.stock_csv([FIRST["FG"][0]], total(2, 0)))
    run = shop.sync("fg")
    assert (run.status, run.applied_at) == (Status.FAILED, None)
    assert run.message.startswith("Nothing was changed. FG: ")
    assert len(shop.on_hand()) == 6


def test_asis_sync_with_a_bad_stock_list_still_brings_the_loads() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.upload("stock:ASIS", files.stock_csv([FIRST["ASIS"][0]], total(2, 0)))
    shop.loads(load(LOAD), rosters={LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101")]})
    run = shop.sync("asis")
    assert run.status == Status.PARTIAL
    assert changes(run) == [("load_appeared", LOAD, None, None)]
    assert run.stats["heldItems"] == 2


def test_asis_sync_does_not_take_a_load_for_gone() -> None:
    shop = make_shop()
    shop.day(**FIRST, loads=[load(LOAD)], rosters={LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101")]})
    shop.loads()
    shop.confirm("loads:history", "empty")
    run = shop.sync("asis")
    assert changes(run) == []
    assert shop.load(LOAD).not_reported_at is None
    assert shop.unit("ZZ900101").load == shop.load(LOAD)


@pytest.mark.parametrize("scope", ["fg", "sta"])
def test_fg_and_staged_syncs_leave_loads_and_their_sessions_alone(scope: str) -> None:
    shop = make_shop()
    shop.day(**FIRST, loads=[load(LOAD)], rosters={LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101")]})
    shop.loads(load(LOAD, "SOLD", cso="9000000001", cso_status="Delivered"))
    run = shop.sync(scope)
    assert changes(run) == []
    assert ScanSession.objects.get(load__number=LOAD).status == "active"
    assert run.details["loads"] == {"judged": False}
