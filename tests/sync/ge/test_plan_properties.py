"""What holds of every plan, whatever the lists say (docs/ge-rules.md, “One plan”)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.engine.tables import TablePlan
from sync.sources.ge.loadplan import KnownLoad
from sync.sources.ge.plan import EVERYTHING, Inputs, plan
from sync.sources.ge.rows import LoadRow, RosterRow, StockFeed, StockRow

BUCKETS = ("FG", "ASIS", "STA")
RANK = {bucket: rank for rank, bucket in enumerate(BUCKETS)}
SERIALS = [f"ZZ90000{number}" for number in range(6)]
MODELS = ["QTX10FRIDGE", "QTX-20WASHER", "QTX20WASHER", ""]
LOADS = ["7QX20260101000000", "7QX20260202000000", "7QX20260303000000"]


def row(model: str, serial: str, quantity: int, status: str) -> StockRow:
    key = model.replace("-", "")
    return StockRow(2, model, key, serial, serial.upper(), quantity, status, "Not Available" if status == "Reserved" else "")


units = st.builds(row, st.sampled_from(MODELS), st.sampled_from(SERIALS), st.just(1), st.sampled_from(["Available", "Reserved"]))
lines = st.builds(row, st.sampled_from(MODELS[:3]), st.just(""), st.integers(1, 9), st.sampled_from(["Available", "Reserved"]))
feeds = st.lists(st.one_of(units, lines), max_size=12).map(lambda rows: StockFeed(tuple(rows), None, (), (), 0, 0, len(rows)))
stocks = st.dictionaries(st.sampled_from(BUCKETS), feeds)
loads = st.lists(
    st.builds(
        LoadRow,
        number=st.sampled_from(LOADS),
        units=st.one_of(st.none(), st.integers(0, 4)),
        order_number=st.one_of(st.none(), st.sampled_from(["", "9000000001"])),
        sale_status=st.sampled_from(["FOR SALE", "SOLD"]),
        order_status=st.one_of(st.none(), st.sampled_from(["", "Picked", "Delivered"])),
    ),
    unique_by=lambda each: each.number,
)


def roster_row(number: str, serial: str) -> RosterRow:
    return RosterRow(2, number, "QTX10FRIDGE", "QTX10FRIDGE", serial, serial, 1, "7QX")


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    listed = draw(st.one_of(st.none(), loads))
    rosters: dict[str, list[RosterRow]] = {}
    known = {number: KnownLoad(draw(st.sampled_from(["", "Delivered"])), "") for number in draw(st.sets(st.sampled_from(LOADS)))}
    if listed is not None:
        for number in draw(st.sets(st.sampled_from(LOADS))):
            rosters[number] = [roster_row(number, serial) for serial in draw(st.lists(st.sampled_from([*SERIALS, ""]), max_size=4))]
    pairs = draw(st.lists(st.tuples(st.sampled_from(sorted(known)), st.sampled_from(SERIALS)), max_size=6)) if known else []
    return Inputs(
        scope=draw(st.sampled_from([EVERYTHING, "fg", "asis", "sta"])),
        stock=draw(stocks),
        loads=listed,
        rosters=rosters,
        with_held=frozenset(draw(st.sets(st.sampled_from(LOADS)))) & rosters.keys(),
        unread=frozenset(draw(st.sets(st.sampled_from(LOADS)))) - rosters.keys(),
        known_loads=known,
        known_rosters=pairs,
        rostered=frozenset(draw(st.sets(st.sampled_from(SERIALS)))),
        patient=draw(st.booleans()),
    )


def table(tables: Sequence[TablePlan], entity: str) -> list[dict[str, Any]]:
    found = next(each for each in tables if each.target.entity == entity)
    return [dict(zip(found.columns, values, strict=True)) for values in found.rows]


def key_of(bucket: str, each: StockRow) -> str:
    return f"unit {each.serial_key}" if each.serial_key else f"bulk {bucket} {each.model_key}"


def listing(stock: Mapping[str, StockFeed]) -> dict[str, set[str]]:
    """By key: the lists that have it."""
    found: dict[str, set[str]] = {}
    for bucket, feed in stock.items():
        for each in feed.rows:
            found.setdefault(key_of(bucket, each), set()).add(bucket)
    return found


@given(inputs(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_order_of_lists_loads_and_rosters_does_not_matter(given_: Inputs, chance: Any) -> None:
    def mixed(items: Any) -> list[Any]:
        found = list(items)
        chance.shuffle(found)
        return found

    other = replace(
        given_,
        stock=dict(mixed(given_.stock.items())),
        loads=None if given_.loads is None else mixed(given_.loads),
        rosters=dict(mixed((given_.rosters or {}).items())),
        known_loads=dict(mixed((given_.known_loads or {}).items())),
        known_rosters=mixed(given_.known_rosters),
    )
    assert plan(other) == plan(given_)


@given(inputs(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_order_of_rows_does_not_matter_where_no_serial_is_repeated(given_: Inputs, chance: Any) -> None:
    once: dict[str, StockFeed] = {}
    mixed: dict[str, StockFeed] = {}
    for bucket, feed in given_.stock.items():
        rows = [each for each in feed.rows if not each.serial_key]
        rows += {each.serial_key: each for each in feed.rows if each.serial_key}.values()
        once[bucket] = replace(feed, rows=tuple(rows))
        chance.shuffle(rows)
        mixed[bucket] = replace(feed, rows=tuple(rows))
    assert plan(replace(given_, stock=mixed)) == plan(replace(given_, stock=once))


@given(inputs())
@settings(max_examples=80, deadline=None)
def test_units_are_those_of_the_lists_each_once_where_the_highest_list_says(given_: Inputs) -> None:
    found = plan(given_)
    rows = table(found.tables, "unit")
    lists = listing(given_.stock)
    assert [each["stock_key"] for each in rows] == sorted(lists)
    for each in rows:
        assert each["bucket"] == max(lists[each["stock_key"]], key=RANK.__getitem__)
    assert sum(found.facts.listed.values()) == len(rows)
    assert found.facts.overlaps == sum(1 for buckets in lists.values() if len(buckets) > 1)


@given(inputs())
@settings(max_examples=80, deadline=None)
def test_every_row_is_a_unit_a_part_of_a_line_or_skipped(given_: Inputs) -> None:
    found = plan(given_)
    rows = [each for feed in given_.stock.values() for each in feed.rows]
    serials = [each for each in rows if each.serial_key]
    assert len(serials) - found.facts.skipped == sum(1 for each in table(found.tables, "unit") if each["serial_key"])
    for bucket, feed in given_.stock.items():
        assert found.facts.bulk_units[bucket] == sum(each.quantity for each in feed.rows if not each.serial_key)


@given(inputs())
@settings(max_examples=80, deadline=None)
def test_absence_removes_only_when_all_three_lists_count_in_a_sync_of_all(given_: Inputs) -> None:
    stock = next(each for each in plan(given_).tables if each.target.entity == "unit")
    (missing,) = stock.missing
    proof = given_.scope == EVERYTHING and set(given_.stock) == set(BUCKETS)
    assert missing.action == ("remove" if proof else "hold")
    if given_.scope == EVERYTHING:
        assert (missing.where, missing.ids) == (None, None)
    else:
        assert missing.where == ("bucket", [given_.scope.upper()])
    if not proof:
        assert missing.reason
    for was, now in stock.blocked:
        assert RANK[was] > RANK[now]
        assert was not in given_.stock
        assert now in given_.stock


@given(inputs())
@settings(max_examples=80, deadline=None)
def test_load_of_a_unit_lists_it_and_is_not_delivered(given_: Inputs) -> None:
    found = plan(given_)
    if given_.loads is None:
        assert [each.target.entity for each in found.tables] == ["unit"]
        assert "load" not in found.tables[0].columns
        return
    listed = {each.number: each for each in given_.loads}
    status = {number: each.order_status for number, each in (given_.known_loads or {}).items()}
    status.update({number: each.order_status for number, each in listed.items() if each.order_status is not None})
    on: dict[str, set[str]] = {}
    for number, rows in (given_.rosters or {}).items():
        if number in listed:
            for each in rows:
                if each.serial_key:
                    on.setdefault(each.serial_key, set()).add(number)
    for number, serial in given_.known_rosters:
        if number not in (given_.rosters or {}) or number not in listed or number in given_.with_held:
            on.setdefault(serial, set()).add(number)
    for unit in table(found.tables, "unit"):
        here = {number for number in on.get(unit["serial_key"] or "", set()) if status.get(number, "") != "Delivered"}
        best = max(here & listed.keys(), default=None) or max(here, default=None)
        assert unit["load"] == (best if unit["serial_key"] else None)
        twice = tuple(sorted(here & listed.keys(), reverse=True))
        assert found.facts.open_loads.get(unit["serial_key"] or "", ()) == (twice if len(twice) > 1 else ())


@given(inputs())
@settings(max_examples=80, deadline=None)
def test_rosters_make_lines_and_never_units(given_: Inputs) -> None:
    found = plan(replace(given_, stock={}))
    assert table(found.tables, "unit") == []
    if given_.loads is not None:
        keys = [each["line_key"] for each in table(found.tables, "roster")]
        assert len(keys) == len(set(keys))
        assert sum(each["quantity"] for each in table(found.tables, "roster")) == found.facts.roster_units
