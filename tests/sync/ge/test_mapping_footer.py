"""The Total row is a proof that the list is whole, never a unit."""

from __future__ import annotations

import pytest

from sync.feedproblem import FeedProblem
from sync.sources.ge import mapping
from sync.sources.ge.mapping import Footer, StockFeed, check_empty, check_footer
from sync.tabular import read_table
from tests.sync.ge import files

UNITS = [files.unit("QTX10FRIDGE", "ZZ900001"), files.unit("QTX20WASHER", "ZZ900002"), files.bulk("QTXPARTKIT", 4)]


def stock(*rows: files.Row) -> StockFeed:
    return mapping.stock(read_table(files.csv_bytes(files.STOCK, rows), limit_bytes=1_000_000))


def told(problem: FeedProblem | None) -> tuple[str, str] | None:
    return None if problem is None else (problem.code, problem.sentence)


def test_a_fitting_footer() -> None:
    feed = stock(*UNITS, files.total(2, 4))
    assert feed.footer == Footer(2, 4)
    assert len(feed.rows) == 3
    assert check_footer(feed, promised=True) is None


@pytest.mark.parametrize("word", ["Total", "TOTAL", " total "])
def test_the_word_in_any_case(word: str) -> None:
    assert stock(*UNITS, (word, "2", "4", "", "")).footer == Footer(2, 4)


def test_blank_rows_after_the_footer() -> None:
    assert stock(*UNITS, files.total(2, 4), ("", "", "", "", ""), ("", "", "", " ", "")).footer == Footer(2, 4)


def test_fewer_serials_than_announced() -> None:
    assert told(check_footer(stock(*UNITS, files.total(5, 4)), promised=True)) == (
        "footer_mismatch",
        "The file is incomplete: it announces 5 serials, 2 were read.",
    )


def test_fewer_pieces_than_announced() -> None:
    assert told(check_footer(stock(*UNITS, files.total(2, 9)), promised=True)) == (
        "footer_mismatch",
        "The file is incomplete: it announces 9 units without serials, 4 were read.",
    )


def test_more_than_announced() -> None:
    assert told(check_footer(stock(*UNITS, files.total(1, 4)), promised=True)) == (
        "footer_mismatch",
        "The file does not add up: it announces 1 serials, 2 were read.",
    )


def test_a_mismatch_counts_even_where_no_footer_was_promised() -> None:
    assert told(check_footer(stock(*UNITS, files.total(5, 4)), promised=False)) is not None


def test_no_footer_where_one_was_promised() -> None:
    assert told(check_footer(stock(*UNITS), promised=True)) == (
        "footer_missing",
        "The file is incomplete: its last row, the Total, is missing.",
    )


def test_no_footer_where_none_was_promised() -> None:
    assert check_footer(stock(*UNITS), promised=False) is None


def test_a_footer_without_its_number_of_serials() -> None:
    assert told(check_footer(stock(*UNITS, files.total("", 4)), promised=True)) == (
        "footer_missing",
        "The Total row does not say how many serials there are.",
    )


def test_a_footer_that_was_cut_before_its_number_of_pieces() -> None:
    assert told(check_footer(stock(*UNITS, files.total(2, "")), promised=True)) == (
        "footer_missing",
        "The Total row does not say how many units without serials there are.",
    )


def test_a_footer_may_leave_out_pieces_when_there_are_none() -> None:
    assert check_footer(stock(*UNITS[:2], files.total(2, "")), promised=True) is None


def test_a_model_called_total_with_a_real_serial_is_a_unit() -> None:
    feed = stock(files.unit("TOTAL", "ZZ900009"), *UNITS, files.total(3, 4))
    assert feed.rows[0].serial == "ZZ900009"
    assert [(warning.row, warning.code) for warning in feed.warnings] == [(2, "model_total")]
    assert check_footer(feed, promised=True) is None


def test_a_model_called_total_with_a_real_serial_at_the_end_is_no_footer() -> None:
    feed = stock(*UNITS, files.unit("TOTAL", "ZZ900009"))
    assert feed.footer is None
    assert len(feed.rows) == 4


def test_a_total_row_that_others_follow_is_held() -> None:
    feed = stock(*UNITS, files.total(2, 4), files.unit("QTX10FRIDGE", "ZZ900003"), files.total(1, 0))
    assert [(held.row, held.code, held.sentence) for held in feed.held] == [
        (5, "total_not_last", "Row 5 is a Total row, but rows follow it; upload one list at a time.")
    ]
    assert check_footer(feed, promised=True) is not None


def test_an_empty_list() -> None:
    assert told(check_empty(stock())) == ("empty", "The export is empty. Nothing was changed.")


def test_an_empty_list_whose_footer_says_so() -> None:
    feed = stock(files.total(0, 0))
    assert (feed.rows_read, feed.footer) == (0, Footer(0, 0))
    assert check_empty(feed) is None
    assert check_footer(feed, promised=True) is None


def test_an_empty_list_whose_footer_announces_units() -> None:
    assert check_empty(stock(files.total(4, 0))) is not None
    assert check_empty(stock(files.total("", ""))) is not None


def test_a_list_with_rows_is_not_empty() -> None:
    assert check_empty(stock(*UNITS)) is None
