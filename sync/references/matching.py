"""Which product here is the one an outside system speaks of. Pure (docs/references.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unmatched:
    """A reference without a product: its keys as they are compared, blank where it has none."""

    ref_id: int
    sku: str
    sku_key: str
    barcode_key: str


@dataclass(frozen=True)
class Decision:
    """Either a product that is here, or none: then `problem` says why a person has to decide, and without one it is a new product."""

    ref_id: int
    product_id: int | None = None
    problem: str = ""


def decide(
    refs: Sequence[Unmatched],
    *,
    by_barcode: Mapping[str, Collection[int]],
    by_sku: Mapping[str, Collection[int]],
    taken: Collection[int],
    match_sku: bool,
) -> list[Decision]:
    """One decision for each of `refs`, in their order.

    The barcode comes first, then the SKU where `match_sku`. A product that the connection knows under another id (`taken`), or that was
    given away before in this list, is no candidate. Several candidates are for a person; none makes a new product.
    """
    away = set(taken)
    decisions = []
    for ref in refs:
        decision = _decide(ref, by_barcode, by_sku if match_sku else {}, away)
        if decision.product_id is not None:
            away.add(decision.product_id)
        decisions.append(decision)
    return decisions


def _decide(ref: Unmatched, by_barcode: Mapping[str, Collection[int]], by_sku: Mapping[str, Collection[int]], away: set[int]) -> Decision:
    for key, known, what in ((ref.barcode_key, by_barcode, "barcode"), (ref.sku_key, by_sku, "SKU")):
        candidates = sorted(set(known.get(key, ())) - away) if key else []
        if len(candidates) == 1:
            return Decision(ref.ref_id, candidates[0])
        if candidates:
            return Decision(ref.ref_id, problem=f"{len(candidates)} products here have its {what}. Choose the one that is meant.")
    return Decision(ref.ref_id)
