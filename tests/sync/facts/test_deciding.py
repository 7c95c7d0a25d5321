"""What becomes of a fact: one answer for each, and always the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.facts.deciding import Books, Decision, Fact, Place, Warehouse, decide
from sync.models import FactKind, FactState

NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
SHOP, STORE, HALL = 1, 2, 3
SOAP, WAX, OLD_WAX, LEMONS = 11, 12, 13, 14

SALE = Fact(
    pk=1,
    external_id="POS:001:B7:1",
    kind=FactKind.SALE,
    product_there="",
    barcode="400 1",
    barcode_key="4001",
    place_there="001",
    place_to_there="",
    quantity=2000,
    happened_at=NOON,
    said_problem="",
    gone=False,
    revision=0,
    booked_revision=None,
    booked_kind="",
    product=None,
    warehouse=None,
    warehouse_to=None,
)
MOVE = SALE._replace(kind=FactKind.TRANSFER, barcode="", barcode_key="", product_there="7", place_there="shelf", place_to_there="hall")
BOOKS = Books(
    by_barcode={
        "4001": [(SOAP, True)],
        "4002": [(WAX, True), (OLD_WAX, False)],
        "4003": [(WAX, True), (SOAP, True)],
        "4004": [(OLD_WAX, False)],
    },
    by_product={"7": SOAP, "8": None},
    places={
        "001": Place(SHOP),
        "002": Place(None),
        "shelf": Place(STORE),
        "input": Place(STORE),
        "hall": Place(HALL),
        "quarantine": Place(STORE, counts=False),
    },
    warehouses={SHOP: Warehouse(ledger=True), STORE: Warehouse(ledger=True), HALL: Warehouse(ledger=False)},
    fractional={LEMONS: True},
    unmapped="unmapped_branch",
)
BOOKED = {"booked_revision": 0, "booked_kind": FactKind.SALE, "product": SOAP, "warehouse": SHOP, "revision": 1}


def test_known_line_is_booked() -> None:
    assert decide(SALE, BOOKS) == Decision(FactState.BOOKED, product=SOAP, warehouse=SHOP, book=True, at=NOON)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"place_there": "002"}, "unmapped_branch"),
        ({"place_there": "003"}, "unmapped_branch"),
        ({"barcode": "", "barcode_key": ""}, "missing_barcode"),
        ({"barcode": "9", "barcode_key": "9"}, "unknown_barcode"),
        ({"barcode": "4003", "barcode_key": "4003"}, "ambiguous_barcode"),
        ({"product_there": "8"}, "unmatched_product"),
        ({"product_there": "9"}, "unmatched_product"),
        ({"quantity": None}, "bad_quantity"),
        ({"happened_at": None}, "bad_date"),
        ({"quantity": 1500}, "fraction"),
        ({"said_problem": "duplicate_key"}, "duplicate_key"),
    ],
)
def test_line_that_cannot_be_booked_is_held_and_says_why(changed: dict[str, object], code: str) -> None:
    decision = decide(SALE._replace(**changed), BOOKS)
    assert (decision.state, decision.code, decision.book) == (FactState.HELD, code, False)
    assert decision.sentence.endswith((".", "then."))


def test_product_that_is_sold_no_more_gives_way() -> None:
    assert decide(SALE._replace(barcode_key="4002"), BOOKS).product == WAX


def test_archived_product_was_sold_all_the_same() -> None:
    assert decide(SALE._replace(barcode_key="4004"), BOOKS).product == OLD_WAX


def test_fraction_of_a_weighed_product_is_booked() -> None:
    books = replace(BOOKS, by_barcode={"4001": [(LEMONS, True)]})
    assert decide(SALE._replace(quantity=1500), books).book


def test_rule_says_which_product_is_meant() -> None:
    books = replace(BOOKS, rules={("barcode", "4003"): WAX})
    assert decide(SALE._replace(barcode_key="4003"), books).product == WAX


@pytest.mark.parametrize("named", [("barcode", "4001"), ("place", "001")])
def test_rule_keeps_a_line_from_being_booked(named: tuple[str, str]) -> None:
    decision = decide(SALE, replace(BOOKS, rules={named: None}))
    assert (decision.state, decision.code, decision.book) == (FactState.IGNORED, "rule", False)


def test_line_that_is_gone_is_taken_back() -> None:
    assert decide(SALE._replace(gone=True, **BOOKED), BOOKS) == Decision(FactState.VOID, product=SOAP, warehouse=SHOP, undo=True)


def test_line_that_is_gone_before_it_was_booked_is_void() -> None:
    assert decide(SALE._replace(gone=True), BOOKS) == Decision(FactState.VOID)


def test_booked_line_that_can_be_believed_no_more_stays_booked() -> None:
    decision = decide(SALE._replace(said_problem="bad_quantity", **BOOKED), BOOKS)
    assert (decision.state, decision.undo, decision.book) == (FactState.HELD, False, False)


def test_line_of_another_kind_by_now_is_taken_back_first() -> None:
    decision = decide(SALE._replace(kind=FactKind.SALE_RETURN, place_there="", place_to_there="001", **BOOKED), BOOKS)
    assert decision == Decision(FactState.WAITING, undo=True)


def test_what_happened_before_the_opening_is_history() -> None:
    opened = replace(BOOKS, warehouses={SHOP: Warehouse(ledger=True, opened_at=datetime(2031, 5, 2, tzinfo=UTC))})
    assert decide(SALE, opened) == Decision(FactState.HISTORY, product=SOAP, warehouse=SHOP)
    # What was booked is taken back by the ledger itself.
    assert decide(SALE._replace(**BOOKED), opened).book


@pytest.mark.parametrize(
    ("day_only", "seen", "state", "at"),
    [
        (True, datetime(2031, 5, 1, 18, tzinfo=UTC), FactState.BOOKED, datetime(2031, 5, 1, 9, tzinfo=UTC)),
        (True, datetime(2031, 5, 1, 8, tzinfo=UTC), FactState.HISTORY, None),
        (False, datetime(2031, 5, 1, 18, tzinfo=UTC), FactState.HISTORY, None),
    ],
)
def test_bill_without_a_time_on_the_day_of_the_opening_counts_by_when_it_was_first_seen(
    day_only: bool, seen: datetime, state: str, at: datetime | None
) -> None:
    opened = replace(BOOKS, warehouses={SHOP: Warehouse(ledger=True, opened_at=datetime(2031, 5, 1, 9, tzinfo=UTC))})
    bill = SALE._replace(happened_at=datetime(2031, 5, 1, tzinfo=UTC), day_only=day_only, first_seen_at=seen)
    decision = decide(bill, opened)
    assert (decision.state, decision.at) == (state, at)


def test_sale_in_a_mirror_is_history_and_not_booked() -> None:
    decision = decide(SALE._replace(place_there="hall"), BOOKS)
    assert (decision.state, decision.warehouse, decision.book) == (FactState.HISTORY, HALL, False)


def test_transfer_out_of_a_ledger_into_a_mirror_is_booked() -> None:
    decision = decide(MOVE, BOOKS)
    assert (decision.state, decision.warehouse, decision.warehouse_to) == (FactState.BOOKED, STORE, HALL)


def test_move_within_a_warehouse_is_ignored() -> None:
    assert decide(MOVE._replace(place_to_there="input"), BOOKS).code == "same_warehouse"


def test_move_to_a_place_that_does_not_count_leaves_the_stock() -> None:
    decision = decide(MOVE._replace(place_to_there="quarantine"), BOOKS)
    assert (decision.state, decision.warehouse, decision.warehouse_to) == (FactState.BOOKED, STORE, None)


def test_receipt_is_about_where_it_went() -> None:
    receipt = MOVE._replace(kind=FactKind.PURCHASE, place_there="vendors", place_to_there="shelf")
    assert decide(receipt, BOOKS).warehouse == STORE


facts = st.builds(
    Fact,
    pk=st.just(1),
    external_id=st.just("k"),
    kind=st.sampled_from([each.value for each in FactKind]),
    product_there=st.sampled_from(["", "7", "8", "9"]),
    barcode=st.just(""),
    barcode_key=st.sampled_from(["", "4001", "4002", "4003", "9"]),
    place_there=st.sampled_from(["", "001", "002", "shelf", "quarantine", "hall", "elsewhere"]),
    place_to_there=st.sampled_from(["", "001", "input", "hall", "elsewhere"]),
    quantity=st.sampled_from([None, 1000, 1500]),
    happened_at=st.sampled_from([None, NOON]),
    said_problem=st.sampled_from(["", "bad_key", "zero_quantity"]),
    gone=st.booleans(),
    revision=st.just(1),
    booked_revision=st.sampled_from([None, 0]),
    booked_kind=st.sampled_from(["", FactKind.SALE, FactKind.PURCHASE]),
    product=st.sampled_from([None, SOAP]),
    warehouse=st.sampled_from([None, SHOP, STORE]),
    warehouse_to=st.sampled_from([None, HALL]),
)


@given(facts)
@settings(max_examples=50)
def test_what_is_booked_names_a_product_and_a_warehouse_that_is_kept_here(fact: Fact) -> None:
    decision = decide(fact, BOOKS)
    if decision.book:
        assert decision.product is not None
        assert SHOP in (decision.warehouse, decision.warehouse_to) or STORE in (decision.warehouse, decision.warehouse_to)
    if decision.undo:
        assert fact.booked_revision is not None
    assert (decision.state == FactState.HELD) == bool(decision.sentence)
    assert decision.state != FactState.WAITING or decision.undo
