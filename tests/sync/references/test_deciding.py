"""Which product a reference means: the barcode before the SKU, several candidates for a person, no product given away twice. Pure."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.references.matching import Decision, Unmatched, decide


def decided(*refs: Unmatched, barcodes: dict[str, list[int]], skus: dict[str, list[int]], taken: tuple[int, ...] = ()) -> list[Decision]:
    return decide(refs, by_barcode=barcodes, by_sku=skus, taken=taken, match_sku=True)


def test_barcode_comes_before_sku() -> None:
    (decision,) = decided(Unmatched(1, "A", "A", "085"), barcodes={"085": [7]}, skus={"A": [8]})
    assert decision == Decision(1, 7)


def test_several_candidates_are_for_a_person_even_where_the_sku_is_clear() -> None:
    (decision,) = decided(Unmatched(1, "A", "A", "085"), barcodes={"085": [7, 9]}, skus={"A": [8]})
    assert (decision.product_id, decision.problem) == (None, "2 products here have its barcode. Choose the one that is meant.")


def test_second_with_one_sku_is_new() -> None:
    first, second = decided(Unmatched(1, "A", "A", ""), Unmatched(2, "A", "A", ""), barcodes={}, skus={"A": [8]})
    assert (first, second) == (Decision(1, 8), Decision(2))


def test_sku_is_not_looked_at_where_it_is_switched_off() -> None:
    ref = Unmatched(1, "A", "A", "")
    assert decide([ref], by_barcode={}, by_sku={"A": [8]}, taken=(), match_sku=False) == [Decision(1)]


KEYS = st.sampled_from(["", "A", "B", "C"])
KNOWN = st.dictionaries(KEYS.filter(bool), st.lists(st.integers(1, 6), max_size=3))


@settings(max_examples=50, deadline=None)
@given(
    keys=st.lists(st.tuples(KEYS, KEYS), max_size=6),
    by_barcode=KNOWN,
    by_sku=KNOWN,
    taken=st.sets(st.integers(1, 6), max_size=3),
    match_sku=st.booleans(),
)
def test_every_reference_is_decided_and_no_product_is_given_twice(
    keys: list[tuple[str, str]], by_barcode: dict[str, list[int]], by_sku: dict[str, list[int]], taken: set[int], match_sku: bool
) -> None:
    refs = [Unmatched(number, sku, sku, barcode) for number, (sku, barcode) in enumerate(keys)]
    decisions = decide(refs, by_barcode=by_barcode, by_sku=by_sku, taken=taken, match_sku=match_sku)
    assert [each.ref_id for each in decisions] == [each.ref_id for each in refs]
    given_away = Counter(each.product_id for each in decisions if each.product_id)
    assert not given_away or max(given_away.values()) == 1
    assert not set(given_away) & taken
    for ref, decision in zip(refs, decisions, strict=True):
        candidates = {*by_barcode.get(ref.barcode_key, ()), *(by_sku.get(ref.sku_key, ()) if match_sku else ())}
        assert decision.product_id is None or decision.product_id in candidates
        assert not (decision.problem and decision.product_id)
        assert not decision.problem or len(candidates - taken) > 1
