from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.feedproblem import FeedProblem
from sync.models import Connection
from sync.sources.odoo import pages
from sync.sources.odoo.options import Options, options_of
from sync.sources.odoo.pages import Asked, Page
from sync.sources.odoo.versions import FIELDS, Version

SINCE = datetime(2026, 3, 1, 4, 10, tzinfo=UTC)
MOVE_FIELDS = {each.name for each in FIELDS["stock.move"]}


def options(**settings: object) -> Options:
    return options_of(Connection(name="Odoo", system="odoo", settings={"database": "freshmart", **settings}))


def domain(feed: str, version: int, there: set[str] | None = None, **settings: object) -> list[object]:
    return pages.domain_of(feed, options(**settings), Version(version), MOVE_FIELDS if there is None else there)


def test_part_names_the_window_and_the_record_it_goes_on_after() -> None:
    asked = Asked(datetime(2026, 3, 1, 9, 10, tzinfo=timezone(timedelta(hours=5))), 512)
    assert asked.part == "2026-03-01 04:10:00/512"
    assert Asked.of(asked.part) == Asked(SINCE, 512)
    assert (Asked().part, Asked.of("/0"), Asked.of("")) == ("/0", Asked(), Asked())


@pytest.mark.parametrize("part", ["yesterday/0", "2026-03-01T04:10:00Z/0", "/x"])
def test_part_that_is_none_is_refused(part: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Asked.of(part)


def test_window_has_a_lower_bound_that_means_the_same_in_all_versions() -> None:
    assert pages.window_of("products", Version(17), SINCE) == [["write_date", ">=", "2026-03-01 04:10:00"]]
    assert pages.window_of("products", Version(17), None) == []


def test_product_s_window_looks_at_its_template_in_16() -> None:
    assert pages.window_of("products", Version(16), SINCE) == [
        "|",
        ["write_date", ">=", "2026-03-01 04:10:00"],
        ["product_tmpl_id.write_date", ">=", "2026-03-01 04:10:00"],
    ]


def test_orders_with_a_changed_line_count_as_changed() -> None:
    assert pages.window_of("orders", Version(19), SINCE, {9, 4}) == [
        "|",
        ["write_date", ">=", "2026-03-01 04:10:00"],
        ["id", "in", [4, 9]],
    ]


def test_vendors_are_read_as_a_whole() -> None:
    assert pages.window_of("vendors", Version(19), SINCE) == []


def test_storable_products_are_asked_for_in_the_words_of_the_version() -> None:
    assert domain("products", 17, {"type"}) == [["type", "=", "product"]]
    assert domain("products", 18, {"type", "is_storable"}) == [["is_storable", "=", True]]
    assert domain("products", 19, {"type", "is_storable"}, products_filter="all") == []


def test_partner_is_a_vendor_by_its_orders_too() -> None:
    assert domain("vendors", 19, {"supplier_rank"}) == [["supplier_rank", ">", 0]]
    assert domain("vendors", 19, {"supplier_rank", "purchase_line_ids"}) == [
        "|",
        ["supplier_rank", ">", 0],
        ["purchase_line_ids", "!=", False],
    ]


def test_moves_are_done_ones_by_the_usages_of_their_locations() -> None:
    assert domain("purchases", 19) == [
        ["state", "=", "done"],
        "&",
        ["location_id.usage", "=", "supplier"],
        ["location_dest_id.usage", "=", "internal"],
    ]
    for feed in pages.MOVE_FEEDS:
        asked = domain(feed, 19)
        assert asked[0] == ["state", "=", "done"]
        assert not {"location_id", "location_dest_id"} & {str(term[0]) for term in asked if isinstance(term, list)}


@pytest.mark.parametrize(
    ("there", "marks"),
    [
        ({"scrapped"}, [["scrapped", "=", True]]),
        ({"scrapped", "scrap_id"}, ["|", ["scrapped", "=", True], ["scrap_id", "!=", False]]),
        ({"scrap_id"}, [["scrap_id", "!=", False]]),
    ],
)
def test_wastage_and_adjustments_are_told_apart_by_what_the_version_has(there: set[str], marks: list[object]) -> None:
    loss = [["location_id.usage", "=", "internal"], ["location_dest_id.usage", "=", "inventory"]]
    assert domain("wastage", 18, there) == [["state", "=", "done"], "&", *loss, *marks]
    assert domain("adjustments", 18, there)[-len(marks) - 1 :] == ["!", *marks]


def test_wastage_is_not_guessed_where_nothing_tells_it() -> None:
    with pytest.raises(FeedProblem, match="scrap_id"):
        domain("wastage", 19, {"state"})


def _depth(terms: list[object]) -> int:
    """How many conditions a domain comes to: each operator joins two into one."""
    left = 0
    for term in reversed(terms):
        if isinstance(term, list):
            left += 1
        elif term in ("&", "|"):
            assert left >= 2
            left -= 1
        else:
            assert (term, left >= 1) == ("!", True)
    return left


@given(
    feed=st.sampled_from(sorted(pages.MODELS)),
    version=st.integers(16, 21),
    there=st.sets(st.sampled_from(["scrapped", "scrap_id", "purchase_line_ids"]), min_size=1),
    also=st.sets(st.integers(1, 99)),
)
def test_every_domain_is_complete_in_prefix_form(feed: str, version: int, there: set[str], also: set[int]) -> None:
    asked = pages.domain_of(feed, options(), Version(version), there | {"scrap_id"})
    assert _depth([*asked, *pages.window_of(feed, Version(version), SINCE, also), ["id", ">", 0]]) >= 1


def test_page_is_kept_with_what_belongs_to_it() -> None:
    page = Page("purchases", Version(18), [{"id": 4, "write_date": "2026-03-01 04:10:40"}], {7: {"id": 7}}, {13: 1}, {1: "1", 2: "12"})
    again = Page.read(page.body())
    assert again == page
    assert again.newest == datetime(2026, 3, 1, 4, 10, 40, tzinfo=UTC)


def test_report_says_whether_there_may_be_more() -> None:
    rows = [{"id": 4, "write_date": "2026-03-01 04:10:40"}, {"id": 9, "write_date": "2026-03-01 04:10:39"}]
    page = Page("products", Version(19), rows)
    assert pages.report(page, 2) == {"rows": 2, "last_id": 9, "newest": "2026-03-01T04:10:40+00:00", "full": True}
    assert pages.report(page, 3)["full"] is False
    assert pages.report(Page("products", Version(19), []), 3) == {"rows": 0, "last_id": 0, "newest": "", "full": False}


@pytest.mark.parametrize("rows", [[{"id": 5}], [{"id": 7}, {"id": 7}], [{"id": 8}, {"id": 7}], [{"id": False}], [{}], [4], [{"id": True}]])
def test_records_that_do_not_follow_each_other_are_not_believed(rows: list[object]) -> None:
    with pytest.raises(FeedProblem, match="don't get on"):
        pages.check("product.product", rows, 5)


def test_records_by_rising_id_are_believed() -> None:
    pages.check("product.product", [{"id": 6}, {"id": 9}], 5)
    pages.check("product.product", [], 5)
