from __future__ import annotations

from itertools import product

import pytest

from sync.models import FactKind
from sync.sources.odoo.classify import NOTHING, USAGES, Meaning, meaning
from sync.sources.odoo.pages import MOVE_FEEDS


@pytest.mark.parametrize(
    ("left", "came", "scrapped", "feed", "kind"),
    [
        ("supplier", "internal", False, "purchases", "purchase"),
        ("internal", "supplier", False, "vendor_returns", "vendor_return"),
        ("internal", "internal", False, "transfers", "transfer"),
        ("internal", "transit", False, "transfers", "transfer"),
        ("transit", "internal", False, "transfers", "transfer"),
        ("internal", "inventory", True, "wastage", "wastage"),
        ("internal", "inventory", False, "adjustments", "wastage"),
        ("inventory", "internal", False, "adjustments", "found"),
        ("internal", "production", False, "manufacturing", "consumption"),
        ("production", "internal", False, "manufacturing", "manufacture"),
        ("internal", "customer", False, "deliveries", "sale"),
        ("customer", "internal", False, "deliveries", "sale_return"),
    ],
)
def test_a_move_is_known_by_the_usages_of_its_locations(left: str, came: str, scrapped: bool, feed: str, kind: str) -> None:
    assert meaning(left, came, scrapped=scrapped) == Meaning(feed, FactKind(kind))


def test_every_pair_of_usages_has_one_answer_and_only_those_with_stock_of_ours_mean_something() -> None:
    for left, came, scrapped in product((*USAGES, "", "of a newer version"), (*USAGES, "", "of a newer version"), (True, False)):
        found = meaning(left, came, scrapped=scrapped)
        if "internal" not in (left, came) or {left, came} & {"view", "", "of a newer version"}:
            assert found == NOTHING
        else:
            assert found.feed in MOVE_FEEDS
            assert found.kind != FactKind.IGNORED


def test_scrapped_says_nothing_of_other_moves() -> None:
    for left, came in product(USAGES, USAGES):
        if (left, came) != ("internal", "inventory"):
            assert meaning(left, came, scrapped=True) == meaning(left, came)
