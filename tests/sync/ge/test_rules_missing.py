"""What becomes of units that the lists leave out: gone only when all three could be believed (docs/ge-rules.md, “Presence and absence”)."""

from __future__ import annotations

import pytest

from sync.models import Status, Unconfirmed
from sync.sources.ge import source
from tests.sync.ge import files
from tests.sync.ge.files import Row, bulk, listed, load, total, unit
from tests.sync.ge.offering import Offering
from tests.sync.ge.shop import changes, make_shop, types

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"
FIRST: dict[str, list[Row]] = {
    "FG": [unit("QTX10FRIDGE", "ZZ900001"), unit("QTX20WASHER", "ZZ900002")],
    "ASIS": [unit("QTX10FRIDGE", "ZZ900101"), unit("QTX20WASHER", "ZZ900102"), bulk("QTXTRIMKIT", 5)],
    "STA": [unit("QTX10FRIDGE", "ZZ900201", "Reserved"), unit("QTX20WASHER", "ZZ900202", "Reserved")],
}
ONE_LESS: dict[str, list[Row]] = {bucket: rows[1:] for bucket, rows in FIRST.items()}
"""The day after: each list has lost its first unit."""
BROKEN = {
    "cut off": files.stock_csv([unit("QTX20WASHER", "ZZ900002")], total(2, 0)),
    "empty": files.stock_csv([], footer=False),
    "without its total": files.stock_csv([unit("QTX20WASHER", "ZZ900002")], footer=False),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("bucket", ["FG", "ASIS", "STA"])
def test_nothing_is_gone_while_one_list_can_not_be_believed(bucket: str, broken: str) -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(**ONE_LESS)
    shop.upload(f"stock:{bucket}", BROKEN[broken])
    run = shop.sync()
    assert run.status == Status.PARTIAL
    assert changes(run) == []
    assert shop.on_hand() == {
        "ZZ900001": "FG",
        "ZZ900002": "FG",
        "ZZ900101": "ASIS",
        "ZZ900102": "ASIS",
        "ZZ900201": "STA",
        "ZZ900202": "STA",
    }
    # All that the broken list had, and the one unit that each of the others has left out.
    assert run.stats["heldItems"] == len(FIRST[bucket]) + 2


def test_kept_units_are_told_with_the_list_that_is_to_blame() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.upload("stock:STA", BROKEN["cut off"])
    shop.sync()
    kept = dict(Unconfirmed.objects.values_list("label", "reason"))
    assert kept == dict.fromkeys(["ZZ900201", "ZZ900202"], "The STA list could not be used in this sync.")


def test_units_are_told_with_every_list_that_is_to_blame() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.upload("stock:STA", BROKEN["cut off"])
    shop.upload("stock:ASIS", files.stock_csv([], footer=False))
    shop.sync()
    assert set(Unconfirmed.objects.values_list("reason", flat=True)) == {"The ASIS and STA lists could not be used in this sync."}


def test_next_whole_sync_settles_what_was_kept() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(**ONE_LESS)
    shop.upload("stock:STA", BROKEN["cut off"])
    shop.sync()
    run = shop.day(**ONE_LESS)
    assert types(run) == {"item_disappeared": 3}
    assert not Unconfirmed.objects.exists()


def test_load_staged_while_the_staged_list_is_broken_is_kept_and_moves_later() -> None:
    shop = make_shop()
    roster = {LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101"), listed(LOAD, "QTX20WASHER", "ZZ900102")]}
    shop.day(**FIRST, loads=[load(LOAD)], rosters=roster)
    staged = [*FIRST["STA"], unit("QTX10FRIDGE", "ZZ900101", "Reserved"), unit("QTX20WASHER", "ZZ900102", "Reserved")]
    shop.stock(ASIS=[bulk("QTXTRIMKIT", 5)])
    shop.upload("stock:STA", files.stock_csv(staged, total(5, 0)))
    run = shop.sync()
    assert changes(run) == []
    assert (shop.on_hand()["ZZ900101"], run.stats["itemsInLoads"]) == ("ASIS", 2)
    shop.stock(STA=staged)
    whole = shop.sync()
    assert whole.stats["migrated"] == {"ASIS-STA": 2}
    assert whole.stats["deletedItems"] == 0


def test_what_the_good_lists_have_is_applied_beside_a_broken_one() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(FG=[*FIRST["FG"], unit("QTX30RANGE", "ZZ900003")])
    shop.upload("stock:STA", BROKEN["cut off"])
    run = shop.sync()
    assert changes(run) == [("item_appeared", "ZZ900003", None, None)]
    assert run.message.startswith("FG and ASIS were applied. STA was not: ")


def test_unit_that_seems_to_leave_the_broken_list_for_a_lower_one_stays() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(ASIS=[*FIRST["ASIS"], unit("QTX10FRIDGE", "ZZ900201")])
    shop.upload("stock:STA", BROKEN["cut off"])
    run = shop.sync()
    assert changes(run) == []
    assert shop.on_hand()["ZZ900201"] == "STA"
    reason = Unconfirmed.objects.get(label="ZZ900201").reason
    assert reason == "The ASIS list has it, but whether the STA list still has it is not known: that list was not read."


def test_unit_that_leaves_the_broken_list_for_a_higher_one_moves() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    shop.stock(STA=[*FIRST["STA"], unit("QTX10FRIDGE", "ZZ900101", "Reserved")])
    shop.upload("stock:ASIS", BROKEN["cut off"])
    run = shop.sync()
    assert ("item_migrated", "ZZ900101", "ASIS", "STA") in changes(run)


def test_empty_list_is_believed_when_its_total_says_so() -> None:
    shop = make_shop()
    shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001")], ASIS=[unit("QTX10FRIDGE", "ZZ900101")])
    run = shop.day(FG=[], ASIS=[unit("QTX10FRIDGE", "ZZ900101")])
    assert changes(run) == [("item_disappeared", "ZZ900001", None, None)]


def test_empty_list_that_a_manager_confirms_is_believed() -> None:
    shop = make_shop()
    shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001")], ASIS=[unit("QTX10FRIDGE", "ZZ900101")])
    shop.upload("stock:FG", BROKEN["empty"])
    assert [error["code"] for error in shop.sync().errors] == ["empty"]
    shop.confirm("stock:FG", "empty")
    run = shop.sync()
    assert run.status == Status.SUCCEEDED
    assert changes(run) == [("item_disappeared", "ZZ900001", None, None)]


def test_all_three_lists_empty_changes_nothing() -> None:
    shop = make_shop()
    shop.day(**FIRST)
    for bucket in FIRST:
        shop.upload(f"stock:{bucket}", BROKEN["empty"])
    run = shop.sync()
    assert (run.status, changes(run), len(shop.on_hand())) == (Status.PARTIAL, [], 6)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (files.SIGN_IN_PAGE, "html"),
        (
            files.csv_bytes(("Model #", "Inv Qty", "Availability Status", "Availability Message"), [("QTX10FRIDGE", "", "", "")]),
            "missing_column",
        ),
        (b"", "blank"),
    ],
    ids=["sign-in page", "column missing", "nothing"],
)
def test_nothing_is_gone_when_something_else_comes_in_place_of_a_list(content: bytes, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop()
    shop.day(**FIRST)
    lists = {f"stock:{bucket}": files.stock_csv(rows) for bucket, rows in ONE_LESS.items()}
    lists |= {"loads:open": files.csv_bytes(files.LOADS_OPEN, []), "loads:history": files.csv_bytes(files.LOADS_HISTORY, [])}
    monkeypatch.setattr(source, "client_for", lambda _: Offering({**lists, "stock:STA": content}))
    run = shop.sync()
    assert (run.status, [error["code"] for error in run.errors]) == (Status.PARTIAL, [code])
    assert changes(run) == []
    assert len(shop.on_hand()) == 6


def test_list_that_shrank_too_much_is_not_believed_until_a_manager_confirms_it() -> None:
    shop = make_shop(brake_removed_rows=100)
    many = files.on_hand(60)
    shop.day(FG=many)
    shop.stock(FG=many[:20])
    run = shop.sync()
    assert [error["code"] for error in run.errors] == ["shrunken"]
    assert (len(shop.on_hand()), changes(run)) == (60, [])
    shop.confirm("stock:FG", "shrunken")
    assert types(shop.sync()) == {"item_disappeared": 40}


def test_nothing_at_all_can_be_read() -> None:
    shop = make_shop()
    run = shop.sync()
    assert (run.status, run.applied_at) == (Status.FAILED, None)
    assert run.message.startswith("Nothing was changed. FG: No file has been uploaded for FG yet.")
    assert "The same holds for ASIS, STA, Loads for sale, Load history." in run.message
    assert {error["code"] for error in run.errors} == {"not_uploaded"}


class TestUnitsOnTheMove:
    """While a unit is in two lists, the lists were taken at different moments: an absence has to be seen twice."""

    OVERLAP = unit("QTX30RANGE", "ZZ900777")

    def test_absence_is_kept_once(self) -> None:
        shop = make_shop()
        shop.day(**FIRST)
        run = shop.day(FG=[*ONE_LESS["FG"], self.OVERLAP], ASIS=[*FIRST["ASIS"], self.OVERLAP], STA=FIRST["STA"])
        assert types(run) == {"item_appeared": 1}
        assert run.stats["heldItems"] == 1
        assert "ZZ900001" in shop.on_hand()
        assert Unconfirmed.objects.get().reason.startswith("No list has it, but units were on the move")

    def test_absence_that_is_seen_again_is_believed(self) -> None:
        shop = make_shop()
        shop.day(**FIRST)
        shop.day(FG=[*ONE_LESS["FG"], self.OVERLAP], ASIS=[*FIRST["ASIS"], self.OVERLAP], STA=FIRST["STA"])
        run = shop.sync()
        assert types(run) == {"item_disappeared": 1}
        assert not Unconfirmed.objects.exists()

    def test_unit_that_was_only_missed_is_as_before(self) -> None:
        shop = make_shop()
        shop.day(**FIRST)
        shop.day(FG=[*ONE_LESS["FG"], self.OVERLAP], ASIS=[*FIRST["ASIS"], self.OVERLAP], STA=FIRST["STA"])
        run = shop.day(FG=[*FIRST["FG"]], ASIS=[*FIRST["ASIS"], self.OVERLAP], STA=FIRST["STA"])
        assert changes(run) == []
        assert not Unconfirmed.objects.exists()

    def test_absence_counts_at_once_when_the_connection_is_not_patient(self) -> None:
        shop = make_shop(patient=False)
        shop.day(**FIRST)
        run = shop.day(FG=[*ONE_LESS["FG"], self.OVERLAP], ASIS=[*FIRST["ASIS"], self.OVERLAP], STA=FIRST["STA"])
        assert types(run) == {"item_appeared": 1, "item_disappeared": 1}
