"""Rows that can't be understood: what is kept of them and what they keep (docs/ge-rules.md, “Held rows”; see test_held_rows too)."""

from __future__ import annotations

import pytest

from sync.models import HeldRow, Status, Unconfirmed
from tests.sync.ge import files
from tests.sync.ge.files import Row, bulk, total, unit
from tests.sync.ge.shop import Shop, changes, make_shop, types

pytestmark = pytest.mark.django_db

FIRST: dict[str, list[Row]] = {
    "FG": [unit("QTX10FRIDGE", "ZZ900001"), unit("QTX20WASHER", "ZZ900002")],
    "ASIS": [unit("QTX10FRIDGE", "ZZ900101"), unit("QTX20WASHER", "ZZ900102"), bulk("QTXKIT", 5)],
    "STA": [unit("QTX10FRIDGE", "ZZ900201", "Reserved")],
}
NAMED: Row = ("=QTX", "ZZ900101", "", "Available", "")
"""The model is a formula; the serial says which unit it is."""
UNCLEAR: Row = ("", "", "5", "Available", "")
"""Neither serial nor model."""


def with_asis(*rows: Row, footer: Row, scope: str = "inventory", FG: list[Row] | None = None) -> Shop:
    """The first day, and then an ASIS list of these rows."""
    shop = make_shop()
    shop.day(**FIRST)
    if FG is not None:
        shop.stock(FG=FG)
    shop.upload("stock:ASIS", files.stock_csv(rows, footer))
    shop.sync(scope)
    return shop


def test_row_is_kept_with_its_sentence_and_the_rest_of_its_list_is_applied() -> None:
    shop = with_asis(NAMED, unit("QTX20WASHER", "ZZ900102", "Reserved"), bulk("QTXKIT", 5), footer=total(2, 5))
    run = shop.last
    assert run.status == Status.SUCCEEDED
    assert types(run) == {"item_reserved": 1, "item_message_changed": 1}
    held = HeldRow.objects.get()
    assert (held.feed, held.row, held.code) == ("stock:ASIS", 2, "formula")
    assert run.counters["held"] == 1
    assert dict(Unconfirmed.objects.values_list("label", "reason")) == {
        "ZZ900101": "Its row in the list is held, so nothing is known of it better than before."
    }


def test_nothing_is_gone_while_a_row_does_not_tell_what_it_is_about() -> None:
    shop = with_asis(FIRST["ASIS"][0], UNCLEAR, footer=total(1, 5), FG=FIRST["FG"][1:])
    assert changes(shop.last) == []
    assert dict(Unconfirmed.objects.values_list("label", "reason")) == dict.fromkeys(
        ["ZZ900001", "ZZ900102", "QTXKIT"], "The ASIS list had rows that do not tell what they are about; they are held."
    )


def test_row_that_tells_nothing_concerns_only_its_own_bucket_in_a_sync_of_one_list() -> None:
    shop = with_asis(FIRST["ASIS"][0], UNCLEAR, footer=total(1, 5), scope="asis")
    assert changes(shop.last) == []
    assert set(Unconfirmed.objects.values_list("label", flat=True)) == {"ZZ900102", "QTXKIT"}


def test_row_that_is_held_again_keeps_its_age() -> None:
    shop = with_asis(NAMED, unit("QTX20WASHER", "ZZ900102"), bulk("QTXKIT", 5), footer=total(2, 5))
    before = HeldRow.objects.get()
    shop.sync()
    assert HeldRow.objects.get().first_held_at == before.first_held_at


def test_unit_whose_row_on_a_roster_is_held_keeps_its_load() -> None:
    number = "7QX20260203091500"
    shop = make_shop()
    roster = [files.listed(number, row[0], row[1]) for row in FIRST["ASIS"][:2]]
    shop.day(**FIRST, loads=[files.load(number)], rosters={number: roster})
    spoilt = [("7QX", "QTX10FRIDGE", "=A1", "1", number), roster[1]]
    run = shop.day(**FIRST, loads=[files.load(number)], rosters={number: spoilt})
    assert changes(run) == []
    assert shop.unit("ZZ900101").load == shop.load(number)
    assert shop.load(number).roster.count() == 2
    assert run.counters["held"] == 1
    assert shop.load(number).roster_stale is True
    run = shop.day(**FIRST, loads=[files.load(number)], rosters={number: roster[1:]})
    assert shop.load(number).roster_stale is False
    assert changes(run) == [("item_load_changed", "ZZ900101", number, None)]
