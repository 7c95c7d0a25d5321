"""Setting levels right, a chunk of keys at a time, after looking again with their levels locked (docs/reconcile.md)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from accounts.acting import Actor
from inventory import moment
from inventory.dialect import quoted
from inventory.ledger.booking import booking
from inventory.ledger.correction import Correction, write_corrections
from inventory.ledger.counters import Counters, Key
from inventory.ledger.locking import among, make
from inventory.ledger.proving import from_batches
from inventory.models import BALANCES, COUNTED, Batch, Cause, DriftClass, DriftOutcome, Level, UnitKind, WarehouseMode
from inventory.quantity import to_thousandths
from inventory.quarantine import quarantine
from inventory.signals import levels_changed

COLUMNS = ("account_id", "product_id", "warehouse_id", *UnitKind.values, "quarantined_at", "quarantine_reason")
AT_ONCE = 100
"""Keys of one transaction: a sale of one of them waits until all are written."""


@dataclass
class Settled:
    """What became of the keys of a chunk. Those in neither are busy: somebody else has their levels locked."""

    corrections: list[Correction] = field(default_factory=list)
    outcomes: dict[Key, DriftOutcome] = field(default_factory=dict)


def reconcile(actor: Actor, keys: Iterable[Key], cause: Cause) -> tuple[Correction, ...]:
    """Compare the levels of `keys` with their batches and set right what differs, in the caller's transaction; what was set right.

    Expiries that are due are booked. Keys in mirrors are passed over. Raises NotAllowed.
    """
    actor.require("stock.reconcile")
    wanted = sorted({Key(*key) for key in keys})
    correlation = uuid.uuid4()
    done: list[Correction] = []
    with transaction.atomic():
        for start in range(0, len(wanted), AT_ONCE):
            done += set_right(actor, wanted[start : start + AT_ONCE], cause=cause, correlation=correlation).corrections
    return tuple(done)


def set_right(
    actor: Actor, keys: Sequence[Key], *, cause: Cause, correlation: uuid.UUID, run_id: int | None = None, wait: bool = True
) -> Settled:
    """Set right what still differs of `keys`, in the caller's transaction; without `wait`, keys that others have locked are left out.

    Quarantined levels are left alone, and those of contradictory batches become so. A constant number of statements.
    """
    settled = Settled()
    made = _make_missing(actor, keys)
    levels: dict[Key, list[Level]] = defaultdict(list)
    rows = Level.objects.filter(among(keys), account=actor.account, warehouse__mode=WarehouseMode.LEDGER).select_related("product")
    rows = rows.only(*COLUMNS, "product__batch_managed")
    for level in rows.select_for_update(of=("self",), no_key=True, skip_locked=not wait).order_by("product_id", "warehouse_id", "pk"):
        levels[Key(level.product_id, level.warehouse_id)].append(level)
    now = moment.now()
    # Again, now that nobody can change them: what was found before may be stale.
    true, next_expiry = from_batches(list(levels))
    broken = _broken(levels)
    for key, found in levels.items():
        outcome = settled.outcomes[key] = _outcome(found, key, true, broken)
        if outcome == DriftOutcome.CORRECTED:
            settled.corrections.append(_correction(found[0], key, true, made))
    for key in _absent(actor, [key for key in keys if key not in levels]):
        settled.outcomes[key] = DriftOutcome.GONE
    _write(actor, settled.corrections, now, cause=cause, correlation=correlation, run_id=run_id)
    reasons = {key: why for key, why in broken.items() if levels[key][0].quarantined_at is None}
    if reasons:
        quarantine(actor, reasons, cause=cause)
    if next_expiry is not None and next_expiry <= now:
        _book_due(actor, settled, now, correlation)
    return settled


def _outcome(found: Sequence[Level], key: Key, true: dict[Key, Counters], broken: dict[Key, str]) -> DriftOutcome:
    if found[0].quarantined_at is not None or key in broken:
        return DriftOutcome.QUARANTINED
    if len(found) > 1:
        return DriftOutcome.REPORTED
    if _counters(found[0]) == true.get(key, Counters()):
        return DriftOutcome.GONE
    if key not in true and not found[0].product.batch_managed:
        return DriftOutcome.REPORTED
    return DriftOutcome.CORRECTED


def _correction(level: Level, key: Key, true: dict[Key, Counters], made: set[Key]) -> Correction:
    drift = DriftClass.MISSING_ROW if key in made else DriftClass.MISMATCH if key in true else DriftClass.NO_BATCHES
    return Correction(level.pk, key, _counters(level), true.get(key, Counters()), drift)


def _counters(level: Level) -> Counters:
    return Counters(level.pallets, level.packs, level.units)


def _make_missing(actor: Actor, keys: Sequence[Key]) -> set[Key]:
    """Make the levels that batches need and that are not there; which ones."""
    levels = Level.objects.filter(among(keys), account=actor.account).order_by().values_list("product_id", "warehouse_id")
    missing = set(keys) - {Key(*pair) for pair in levels}
    if not missing:
        return missing
    batches = Batch.objects.filter(COUNTED | ~BALANCES, among(missing), account=actor.account, warehouse__mode=WarehouseMode.LEDGER)
    wanted = {Key(*pair) for pair in batches.order_by().values_list("product_id", "warehouse_id").distinct()}
    if wanted:
        make(actor.account, sorted(wanted))
    return wanted


def _absent(actor: Actor, keys: Sequence[Key]) -> set[Key]:
    """Which of these have no level at all, so that nothing differs there any more."""
    if not keys:
        return set()
    there = Level.objects.filter(among(keys), account=actor.account, warehouse__mode=WarehouseMode.LEDGER).order_by()
    return set(keys) - {Key(*pair) for pair in there.values_list("product_id", "warehouse_id")}


def _broken(keys: Iterable[Key]) -> dict[Key, str]:
    """Which of these keys have a batch that does not add up, and which batch."""
    found: dict[Key, str] = {}
    rows = Batch.objects.filter(~BALANCES, among(keys)).order_by("-pk").values_list("product_id", "warehouse_id", "pk")
    for product, warehouse, pk in rows.iterator():
        found[Key(product, warehouse)] = f"Batch {pk} does not add up: what came in is not what went out and what is left."
    return found


def _write(
    actor: Actor, corrections: Sequence[Correction], now: datetime, *, cause: Cause, correlation: uuid.UUID, run_id: int | None
) -> None:
    if not corrections:
        return
    table = quoted(Level._meta.db_table)
    values = ", ".join(f"({each.level_id}, {', '.join(str(to_thousandths(counter)) for counter in each.after)})" for each in corrections)
    with connection.cursor() as cursor:
        # Not bulk_update, whose CASE for each counter takes so long that sales notice.
        cursor.execute(
            f"UPDATE {table} SET pallets = column2, packs = column3, units = column4, changed_at = %s "
            f"FROM (VALUES {values}) true_counters WHERE {table}.id = column1",
            [connection.ops.adapt_datetimefield_value(now)],
        )
    write_corrections(actor, corrections, cause=cause, found_on_write=False, now=now, correlation=correlation, run_id=run_id)
    pairs = [tuple(each.key) for each in corrections]
    levels_changed.send(sender=Level, account_id=actor.account.pk, keys=pairs, cause=cause.value, correlation=correlation)


def _book_due(actor: Actor, settled: Settled, now: datetime, correlation: uuid.UUID) -> None:
    """Take what has expired out of the counters, once they are right: an expiry is no correction."""
    good = [key for key, outcome in settled.outcomes.items() if outcome in (DriftOutcome.CORRECTED, DriftOutcome.GONE)]
    due = Batch.objects.filter(COUNTED, among(good), expires_at__lte=now).order_by().values_list("product_id", "warehouse_id")
    keys = [Key(*pair) for pair in due.distinct()]
    if keys:
        with booking(actor, keys, Cause.BATCH_EXPIRY, correlation=correlation, by_hand=False):
            """The booking takes them out by itself."""
