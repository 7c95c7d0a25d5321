from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sources.ge.doubts import CONFIRMABLE, Doubt, Known, doubts, standing
from sync.sources.ge.reading import Parsed, read
from tests.sync.ge import files

ORG = Known(org="7QX")
STRICT = Known(org="7QX", footer_promised=True)
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


def stock(rows: list[files.Row], footer: files.Footer = True, feed: str = "stock:FG") -> Parsed:
    return read(feed, files.stock_csv(rows, footer))[0]


def loads(rows: list[files.Row], feed: str = "loads:history") -> Parsed:
    return read(feed, files.loads_xls(rows, history=feed == "loads:history"))[0]


def roster(rows: list[files.Row]) -> Parsed:
    return read("load:units", files.roster_csv(rows))[0]


def only(found: list[Doubt]) -> Doubt:
    assert len(found) == 1, found
    return found[0]


def test_a_good_day_raises_no_doubt() -> None:
    for feed, body in files.day_one().items():
        kind, _, number = feed.rpartition(":") if feed.startswith("load:units:") else (feed, "", "")
        known = Known(org="7QX", footer_promised=True, for_sale=1, part=number, announced=2, baseline=3, last_taken_at=NOON)
        assert doubts(kind, read(kind, body)[0], known=known, checksum=feed, others={"stock:STA": "other"}, taken_at=NOON) == []


def test_list_that_was_cut_off_is_incomplete_and_nobody_can_confirm_it() -> None:
    cut = stock(files.on_hand(4), footer=files.total(5, 0))
    assert only(doubts("stock:FG", cut, known=STRICT, filename="FG.xls")) == Doubt(
        "footer_mismatch",
        "FG.xls: The file is incomplete: it announces 5 serials, 4 were read.",
        "Download the list again and wait until it is complete.",
        confirmable=False,
    )


def test_total_row_that_was_promised_and_is_missing() -> None:
    found = only(doubts("stock:FG", stock(files.on_hand(4), footer=False), known=STRICT, filename="FG.xls"))
    assert (found.code, found.confirmable) == ("footer_missing", False)
    assert found.sentence == "FG.xls: The file is incomplete: its last row, the Total, is missing."


def test_total_row_that_was_not_promised_is_not_missed_but_believed_when_it_is_there() -> None:
    assert doubts("stock:FG", stock(files.on_hand(4), footer=False), known=ORG) == []
    assert only(doubts("stock:FG", stock(files.on_hand(4), footer=files.total(5, 0)), known=ORG)).code == "footer_mismatch"


def test_headings_alone_are_an_empty_list_that_a_manager_can_confirm() -> None:
    found = only(doubts("stock:STA", stock([], footer=False, feed="stock:STA"), known=STRICT, filename="STA.xls"))
    assert found == Doubt(
        "empty",
        "STA.xls: The export is empty. Nothing was changed.",
        "Confirm that it is really empty, or download it again.",
        confirmable=True,
    )


def test_empty_list_whose_total_says_zero_is_right_where_little_was_there() -> None:
    assert doubts("stock:STA", stock([], footer=files.total(0, 0)), known=Known(org="7QX", footer_promised=True, baseline=25)) == []


def test_list_without_a_row_that_announces_some_is_incomplete() -> None:
    assert only(doubts("stock:FG", stock([], footer=files.total(5, 0)), known=STRICT)).code == "footer_mismatch"


@pytest.mark.parametrize(
    ("before", "now", "doubted"),
    [(100, 49, True), (100, 50, False), (51, 25, True), (50, 25, False), (26, 0, True), (25, 0, False), (100, 200, False)],
)
def test_shrunken_means_both_more_than_half_and_more_than_25_rows(before: int, now: int, doubted: bool) -> None:
    known = Known(org="7QX", footer_promised=True, baseline=before)
    assert [each.code for each in doubts("stock:FG", stock(files.on_hand(now)), known=known)] == (["shrunken"] if doubted else [])


def test_shrunken_list_is_named_with_both_sizes() -> None:
    found = only(doubts("stock:FG", stock(files.on_hand(30)), known=Known(org="7QX", baseline=1500), filename="FG.xls"))
    assert found.sentence == "FG.xls: This export is much smaller than the last one: 30 rows instead of 1,500."
    assert found.hint == "Download it again. If so much has really gone, a manager can confirm it."
    assert found.confirmable


def test_limits_of_shrinking_are_the_connections() -> None:
    known = Known(org="7QX", baseline=100, shrink_percent=5, shrink_rows=2)
    assert only(doubts("stock:FG", stock(files.on_hand(90)), known=known)).code == "shrunken"


def test_same_content_in_two_slots_is_wrong_in_one_of_them() -> None:
    found = only(doubts("stock:STA", stock(files.on_hand(3)), known=ORG, checksum="abc", others={"stock:FG": "abc"}, filename="list.xls"))
    assert found == Doubt(
        "same_file",
        "list.xls: The same content came as the STA list and as the FG list; one of them is in the wrong place.",
        "Download the STA list again. If this one is right, a manager can confirm it.",
        confirmable=True,
    )


def test_two_lists_without_a_row_may_be_the_same() -> None:
    nothing = stock([], footer=files.total(0, 0))
    assert doubts("stock:STA", nothing, known=STRICT, checksum="abc", others={"stock:FG": "abc"}) == []


def test_list_whose_serials_are_stored_elsewhere_looks_like_that_list() -> None:
    known = Known(org="7QX", overlap={"FG": 16, "STA": 4}, stored=600)
    found = only(doubts("stock:STA", stock(files.on_hand(30)), known=known, filename="list.xls"))
    assert found.code == "wrong_slot"
    assert found.sentence == "list.xls: This looks like the FG list, not the STA list: 16 of its 30 serials are stored in FG."
    assert found.hint == "Download the STA list again and put it here. If this one is right, a manager can confirm it."
    assert found.confirmable


def test_half_of_the_serials_coming_from_elsewhere_is_an_ordinary_day() -> None:
    assert doubts("stock:STA", stock(files.on_hand(30)), known=Known(org="7QX", overlap={"FG": 15, "STA": 15}, stored=600)) == []


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (0, "This does not look like the FG list: of the 100 serials stored in FG, none is in it."),
        (1, "This does not look like the FG list: of the 100 serials stored in FG, only 1 is in it."),
        (9, "This does not look like the FG list: of the 100 serials stored in FG, only 9 are in it."),
    ],
)
def test_list_that_knows_almost_none_of_what_is_stored_is_another_one(known: int, sentence: str) -> None:
    found = only(doubts("stock:FG", stock(files.on_hand(100)), known=Known(org="7QX", overlap={"FG": known}, stored=100)))
    assert (found.code, found.sentence) == ("wrong_slot", sentence)


def test_a_tenth_known_is_enough() -> None:
    assert doubts("stock:FG", stock(files.on_hand(100)), known=Known(org="7QX", overlap={"FG": 10}, stored=100)) == []


@pytest.mark.parametrize(("listed", "stored"), [(24, 600), (100, 24)])
def test_fewer_than_25_serials_prove_nothing(listed: int, stored: int) -> None:
    assert doubts("stock:FG", stock(files.on_hand(listed)), known=Known(org="7QX", overlap={"FG": 0}, stored=stored)) == []


def test_fewer_than_25_serials_in_another_bucket_prove_nothing() -> None:
    assert doubts("stock:FG", stock(files.on_hand(24)), known=Known(org="7QX", overlap={"STA": 24})) == []


def test_serials_in_lower_case_and_repeated_ones_count_once() -> None:
    rows = [files.unit("QTX10FRIDGE", f"zz{number:06d}") for number in range(1, 25)] + [files.unit("QTX10FRIDGE", "ZZ000001")]
    assert doubts("stock:FG", stock(rows), known=Known(org="7QX", overlap={"STA": 24})) == []


def test_older_list_than_the_one_in_use() -> None:
    known = Known(org="7QX", last_taken_at=NOON, zone=ZoneInfo("America/Chicago"))
    found = only(doubts("stock:FG", stock(files.on_hand(3)), known=known, taken_at=NOON - timedelta(hours=1), filename="FG.xls"))
    assert found.code == "older"
    assert found.sentence == "FG.xls: This list was taken at 2026-02-03 05:00:00, before the one of 2026-02-03 06:00:00 that is in use."
    assert found.confirmable
    assert doubts("stock:FG", stock(files.on_hand(3)), known=known, taken_at=NOON) == []


def test_list_of_another_warehouse() -> None:
    found = only(doubts("loads:history", loads([files.load("9ZZ20260203091500")]), known=Known(org="9ZZ"), filename="history.xls"))
    assert found.code == "wrong_organisation"
    assert (
        found.sentence
        == "history.xls: This file is for another warehouse: load 9ZZ20260203091500 belongs to 7QX, this connection reads 9ZZ."
    )
    assert not found.confirmable


def test_roster_of_another_warehouse() -> None:
    rows = [files.listed("9ZZ20260203091500", "QTX10FRIDGE", "ZZ900101")]
    assert only(doubts("load:units", roster(rows), known=ORG)).code == "wrong_organisation"


def test_no_load_for_sale_is_believed_when_the_history_has_none_either() -> None:
    nothing = loads([], "loads:open")
    assert doubts("loads:open", nothing, known=Known(org="7QX", baseline=60, for_sale=0)) == []


def test_no_load_for_sale_against_a_history_that_has_some() -> None:
    found = only(doubts("loads:open", loads([], "loads:open"), known=Known(org="7QX", for_sale=9), filename="open.xls"))
    assert found.code == "empty"
    assert found.sentence == "open.xls: The list of loads for sale is empty, but the load history has 9 loads for sale."
    assert found.confirmable


def test_no_load_for_sale_without_a_history_to_say_so() -> None:
    found = only(doubts("loads:open", loads([], "loads:open"), known=Known(org="7QX", baseline=9)))
    assert found.code == "empty"
    assert found.sentence == "The list of loads for sale is empty, and there is no good load history that says so too."


def test_lists_of_loads_that_differ_are_pointed_out_and_used() -> None:
    found = only(doubts("loads:open", loads([files.for_sale(files.FOR_SALE_LOAD)], "loads:open"), known=Known(org="7QX", for_sale=3)))
    assert (found.code, found.level) == ("open_differs", "warning")
    assert found.sentence == "The list of loads for sale has 1, the load history has 3 for sale."
    assert standing([found], set()) is None


def test_empty_history_where_there_were_loads() -> None:
    found = only(doubts("loads:history", loads([]), known=Known(org="7QX", baseline=45), filename="history.xls"))
    assert found.code == "empty"
    assert found.sentence == "history.xls: The load history is empty; 45 loads were in the last one."
    assert found.confirmable


def test_empty_history_of_a_warehouse_that_never_had_a_load() -> None:
    assert doubts("loads:history", loads([]), known=ORG) == []


def test_roster_of_another_load() -> None:
    rows = [files.listed(files.PICKED_LOAD, "QTX30RANGE", "ZZ900202")]
    found = only(doubts("load:units", roster(rows), known=Known(org="7QX", part=files.FOR_SALE_LOAD, announced=2)))
    assert (found.code, found.confirmable) == ("wrong_load", False)
    assert found.sentence == f"This is the roster of load {files.PICKED_LOAD}, not of {files.FOR_SALE_LOAD}."


def test_roster_without_a_unit_where_some_are_announced() -> None:
    found = only(doubts("load:units", roster([]), known=Known(org="7QX", part=files.FOR_SALE_LOAD, announced=60)))
    assert found.code == "empty"
    assert found.sentence == f"The roster of load {files.FOR_SALE_LOAD} has no unit; the load lists say that it has 60."


def test_roster_of_a_load_that_announces_none_may_be_empty() -> None:
    assert doubts("load:units", roster([]), known=Known(org="7QX", part=files.FOR_SALE_LOAD, announced=0)) == []


def test_what_nobody_can_confirm_comes_first() -> None:
    known = Known(org="7QX", footer_promised=True, baseline=100, last_taken_at=NOON)
    found = doubts("stock:FG", stock(files.on_hand(4), footer=files.total(5, 0)), known=known, taken_at=NOON - timedelta(days=1))
    assert [each.code for each in found] == ["footer_mismatch", "shrunken", "older"]


def test_confirmation_puts_one_doubt_aside_and_the_next_stands() -> None:
    known = Known(org="7QX", baseline=100, last_taken_at=NOON)
    found = doubts("stock:FG", stock(files.on_hand(4)), known=known, taken_at=NOON - timedelta(days=1))
    first = standing(found, set())
    second = standing(found, {"shrunken"})
    assert first is not None
    assert second is not None
    assert (first.code, second.code) == ("shrunken", "older")
    assert standing(found, {"shrunken", "older"}) is None


def test_confirmation_of_a_cut_off_list_counts_for_nothing() -> None:
    found = doubts("stock:FG", stock(files.on_hand(4), footer=files.total(5, 0)), known=STRICT)
    assert standing(found, {"footer_mismatch"}) == found[0]


@given(
    quantity=st.integers(0, 60),
    announced=st.none() | st.integers(0, 60),
    baseline=st.none() | st.integers(0, 200),
    here=st.integers(0, 60),
    elsewhere=st.integers(0, 60),
    stored=st.integers(0, 200),
    promised=st.booleans(),
    twin=st.booleans(),
)
def test_only_the_named_doubts_can_be_confirmed_and_each_says_what_to_do(
    quantity: int, announced: int | None, baseline: int | None, here: int, elsewhere: int, stored: int, promised: bool, twin: bool
) -> None:
    footer = False if announced is None else files.total(announced, 0)
    known = Known(org="7QX", footer_promised=promised, baseline=baseline, overlap={"FG": here, "STA": elsewhere}, stored=stored)
    found = doubts(
        "stock:FG",
        stock(files.on_hand(quantity), footer),
        known=known,
        checksum="abc",
        others={"stock:ASIS": "abc" if twin else "def"},
        filename="FG.xls",
    )
    assert all(each.confirmable == (each.code in CONFIRMABLE) for each in found)
    assert all(each.sentence.startswith("FG.xls: ") and each.sentence.endswith(".") and each.hint for each in found)
    assert len({each.code for each in found}) == len(found)
    if announced is not None and announced != quantity:
        assert found
        assert not found[0].confirmable
