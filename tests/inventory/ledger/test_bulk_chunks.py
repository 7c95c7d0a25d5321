"""In which transactions facts are booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inventory.ledger.bulkchunks import Work, chunks
from inventory.ledger.bulkfacts import SaleFact
from inventory.ledger.counters import Key

NOW = datetime(2026, 3, 1, tzinfo=UTC)

works = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 2), st.integers(0, 5), st.none() | st.builds(Key, st.integers(1, 6), st.integers(1, 2))),
    max_size=40,
).map(
    lambda rows: [
        Work(
            SaleFact(
                source_key=str(place),
                product_id=product,
                warehouse_id=warehouse,
                unit_kind="packs",
                quantity=1,
                sold_at=NOW + timedelta(minutes=minute),
            ),
            place,
            before,
        )
        for place, (product, warehouse, minute, before) in enumerate(rows)
    ]
)


@given(works, st.integers(2, 5), st.integers(1, 9))
def test_every_fact_is_in_one_chunk_and_none_is_too_large(given_: list[Work[Any]], keys: int, facts: int) -> None:
    found = list(chunks(given_, keys=keys, facts=facts))
    assert sorted(work.place for chunk in found for work in chunk) == list(range(len(given_)))
    for chunk in found:
        assert 0 < len(chunk) <= facts
        assert len(set().union(*(work.keys for work in chunk))) <= keys


@given(works, st.integers(2, 5), st.integers(1, 9))
def test_facts_of_a_level_keep_the_order_of_time(given_: list[Work[Any]], keys: int, facts: int) -> None:
    last: dict[Key, tuple[datetime, int]] = {}
    for chunk in chunks(given_, keys=keys, facts=facts):
        for work in chunk:
            stands = (work.fact.sold_at, work.place)
            assert last.get(work.fact.key, stands) <= stands
            last[work.fact.key] = stands
