"""A pass on the console: which product, from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from inventory.ledger.counters import Counters
from inventory.models import Cause, DriftOutcome, Product, UnitKind, Warehouse
from inventory.quantity import plain
from inventory.reconcile.detect import Difference

AT_ONCE = 500


def opening(cause: Cause, what: str) -> str:
    """The first line: what begins, and why."""
    return f"{what}: {cause.value} ({cause.label.lower()})"


def lines(differences: Iterable[Difference]) -> Iterator[str]:
    """A line for each: before, after and the difference of all three unit kinds. Names are read for 500 at a time."""
    chunk: list[Difference] = []
    for each in differences:
        chunk.append(each)
        if len(chunk) == AT_ONCE:
            yield from _named(chunk)
            chunk = []
    yield from _named(chunk)


def _named(differences: list[Difference]) -> Iterator[str]:
    skus = dict(Product.objects.filter(pk__in={each.product_id for each in differences}).values_list("pk", "sku"))
    codes = dict(Warehouse.objects.filter(pk__in={each.warehouse_id for each in differences}).values_list("pk", "code"))
    for each in differences:
        yield line(skus.get(each.product_id, "?"), codes.get(each.warehouse_id, "?"), each)


def line(sku: str, code: str, each: Difference) -> str:
    return f"{sku} in {code}: {changes(each.before, each.after)}; {each.drift_class}{_end(each.outcome)}"


def changes(before: Counters, after: Counters) -> str:
    """Pallets, packs and units, each as it was, as it is, and the signed difference."""
    return ", ".join(
        f"{kind} {plain(before.of(kind))} → {plain(after.of(kind))} ({signed(after.of(kind) - before.of(kind))})"
        for kind in UnitKind.values
    )


def signed(difference: Decimal) -> str:
    return f"{plain(difference):+}" if difference else "0"


def _end(outcome: DriftOutcome) -> str:
    return "" if outcome in (DriftOutcome.FOUND, DriftOutcome.CORRECTED) else f", {outcome.label.lower()}"
