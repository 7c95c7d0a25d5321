"""Lists of thousands of rows: compared whole, and written with as many statements as short ones."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.models import Unit
from tests.sync.ge.files import Row, listed, load, on_hand, unit
from tests.sync.ge.shop import Shop, make_shop, types

pytestmark = pytest.mark.django_db

ROWS = 2500
LOAD = "7QX20260203091500"
LIMITS: dict[str, Any] = {"brake_removed_rows": 5000, "brake_changed_rows": 5000, "patient": False}


def stocked() -> Shop:
    """2,500 units in each bucket."""
    shop = make_shop(**LIMITS)
    run = shop.day(
        FG=on_hand(ROWS, first=1),
        ASIS=on_hand(ROWS, first=100_001),
        STA=on_hand(ROWS, first=200_001, status="Reserved"),
        loads=[load(LOAD, units=ROWS)],
        rosters={LOAD: [listed(LOAD, row[0], row[1]) for row in on_hand(ROWS, first=100_001)]},
    )
    assert run.stats["newItems"] == 3 * ROWS
    assert run.stats["itemsInLoads"] == ROWS
    return shop


def test_nothing_beyond_the_first_thousands_is_overlooked() -> None:
    shop = stocked()
    assert Unit.objects.count() == 3 * ROWS
    again = shop.sync()
    assert (again.stats["unchangedItems"], again.changes_logged) == (3 * ROWS, 0)
    # The very last unit of each list: gone from FG, reserved in ASIS, moved from STA to FG.
    last_staged = unit(on_hand(1, first=200_000 + ROWS)[0][0], f"ZZ{200_000 + ROWS}", "Reserved")
    run = shop.day(
        FG=[*on_hand(ROWS - 1, first=1), last_staged],
        ASIS=[*on_hand(ROWS - 1, first=100_001), *on_hand(1, first=100_000 + ROWS, status="Reserved")],
        STA=on_hand(ROWS - 1, first=200_001, status="Reserved"),
        loads=[load(LOAD, units=ROWS)],
    )
    assert types(run) == {"item_disappeared": 1, "item_reserved": 1, "item_message_changed": 1, "item_migrated": 1}
    assert run.stats["unchangedItems"] == 3 * ROWS - 3


def changed(quantity: int) -> dict[str, list[Row]]:
    """A day on which so many units each came, went, moved, and were reserved."""
    return {
        "FG": [*on_hand(ROWS - quantity, first=1 + quantity), *on_hand(quantity, first=900_001), *on_hand(quantity, first=200_001)],
        "ASIS": [*on_hand(quantity, first=100_001, status="Reserved"), *on_hand(ROWS - quantity, first=100_001 + quantity)],
        "STA": on_hand(ROWS - quantity, first=200_001 + quantity, status="Reserved"),
    }


def test_number_of_statements_does_not_grow_with_the_number_of_changes() -> None:
    shop = stocked()
    few = shop.day(**changed(3), loads=[load(LOAD, units=ROWS)])
    many = shop.day(**changed(300), loads=[load(LOAD, units=ROWS)])
    # Gone, new, moved with status and message, reserved with message: seven rows for each.
    assert (few.changes_logged, many.changes_logged) == (7 * 3, 7 * 297)
    assert many.stats["dbStatements"] == few.stats["dbStatements"] < 50
