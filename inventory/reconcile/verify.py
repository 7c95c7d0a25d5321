"""Looking for drift without writing anything (docs/reconcile.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.acting import Actor
from inventory.ledger.counters import Key
from inventory.models import DriftClass, Product, Warehouse
from inventory.reconcile.detect import Difference, differences, stored
from inventory.reconcile.scope import scope_of
from inventory.snapshot import snapshot

PAGE = 100


@dataclass(frozen=True)
class DriftPage:
    """Some of the levels that differ, in the order of their keys; `next` is where the following page begins after, None at the end.

    `scanned` levels were compared, those that are missing included, and `drifted` of them differ: by class in `classes`, on whatever page.
    """

    drifts: tuple[Difference, ...]
    next: Key | None
    classes: Mapping[DriftClass, int]
    scanned: int
    drifted: int


def verify(
    actor: Actor,
    *,
    product: Product | None = None,
    warehouse: Warehouse | None = None,
    after: Key | None = None,
    limit: int = PAGE,
) -> DriftPage:
    """Compare levels with batches, all of them as they were at one moment, and tell the `limit` differing ones after the key `after`.

    Never writes: the database itself is told to refuse it. Raises NotAllowed, NotALedger, DoesNotExist for what the account does not have.
    """
    actor.require("stock.verify")
    scope = scope_of(actor.account, product=product, warehouse=warehouse)
    classes: Counter[DriftClass] = Counter()
    page: list[Difference] = []
    more = False
    with snapshot():
        for each in differences(scope):
            classes[each.drift_class] += 1
            if after is not None and each.key <= after:
                continue
            # Two levels of one key stay on one page.
            if len(page) < limit or each.key == page[-1].key:
                page.append(each)
            else:
                more = True
        levels = stored(scope).levels
    return DriftPage(
        drifts=tuple(page),
        next=page[-1].key if more else None,
        classes=classes,
        scanned=levels + classes[DriftClass.MISSING_ROW],
        drifted=classes.total(),
    )
