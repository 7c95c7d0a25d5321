"""The drifts of a pass are worked off in chunks, each of which happens or not (docs/reconcile.md)."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import OperationalError, connection, transaction

from inventory.dialect import quoted
from inventory.ledger.correction import Correction
from inventory.ledger.counters import Counters, Key
from inventory.models import Cause, Drift, DriftOutcome, Level
from inventory.quantity import to_thousandths
from inventory.reconcile.correct import AT_ONCE, Settled, set_right
from inventory.reconcile.figures import Figures
from inventory.reconcile.work import Cancelled, LeaseLost, Work

WAITS = (0.0, 0.2, 0.5)
"""Seconds before each round. Levels that somebody else has locked are tried again in the next one, and skipped after the last."""
SLICE_SECONDS = 200.0
MOST_ERRORS = 50

logger = logging.getLogger(__name__)


def correct(work: Work, *, seconds: float = SLICE_SECONDS) -> bool:
    """Work off what is left of the pass's drifts, for so long at most; whether nothing is left. Raises LeaseLost and Cancelled."""
    began = time.monotonic()
    for tries, wait in enumerate(WAITS):
        waiting = work.drifts.filter(outcome=DriftOutcome.FOUND, tries=tries).order_by("pk")
        waited = False
        while chunk := list(waiting[:AT_ONCE]):
            if wait and not waited:
                time.sleep(wait)
                waited = True
            _chunk(work, chunk)
            if time.monotonic() - began > seconds and work.drifts.filter(outcome=DriftOutcome.FOUND).exists():
                return False
    return True


def _chunk(work: Work, drifts: Sequence[Drift]) -> None:
    """One transaction for all of these. If it fails, halves are tried, down to the one that fails, which is marked and passed over."""
    try:
        with transaction.atomic():
            figures = _transaction(work, drifts)
    except (LeaseLost, Cancelled):
        raise
    except OperationalError as error:
        if not _is_busy(error):
            raise
        _later(work, drifts)
    except Exception as error:
        # What breaks one level must not keep the others wrong, whatever it is.
        if len(drifts) > 1:
            middle = len(drifts) // 2
            _chunk(work, drifts[:middle])
            _chunk(work, drifts[middle:])
        else:
            logger.exception("Drift %s could not be set right.", drifts[0].pk)
            _failed(work, drifts[0], error)
    else:
        work.figures = figures


def _transaction(work: Work, drifts: Sequence[Drift]) -> Figures:
    work.own()
    keys = sorted({Key(drift.product_id, drift.warehouse_id) for drift in drifts})
    cause = Cause(work.run.cause)
    settled = set_right(work.actor, keys, cause=cause, correlation=work.run.correlation, run_id=work.run.pk, wait=False)
    figures = _note(drifts, settled, work.figures)
    work.own(counters=figures.as_json(), last_key=max(work.run.last_key, *(drift.pk for drift in drifts)))
    return figures


def _note(drifts: Sequence[Drift], settled: Settled, figures: Figures) -> Figures:
    """Keep what became of the drifts; the figures with them."""
    corrections = {each.key: each for each in settled.corrections}
    rows = []
    for drift in drifts:
        key = Key(drift.product_id, drift.warehouse_id)
        outcome = settled.outcomes.get(key)
        if outcome is None:
            drift.tries += 1
            outcome = DriftOutcome.SKIPPED if drift.tries >= len(WAITS) else DriftOutcome.FOUND
        if outcome != DriftOutcome.FOUND:
            figures = figures.ended(outcome)
        correction = corrections.get(key)
        if correction is not None:
            figures = figures.changed_by(correction.after.less(correction.before))
        rows.append(_row(drift, outcome, correction))
    table = quoted(Drift._meta.db_table)
    columns = ("outcome", "tries", "pallets_before", "packs_before", "units_before", "pallets_after", "packs_after", "units_after")
    values = ", ".join(f"{name} = column{number}" for number, name in enumerate(columns, start=2))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {values} FROM (VALUES {', '.join(rows)}) ended WHERE {table}.id = column1")
    _say_why([drift for drift in drifts if settled.outcomes.get(Key(drift.product_id, drift.warehouse_id)) == DriftOutcome.QUARANTINED])
    return figures


def _row(drift: Drift, outcome: DriftOutcome, correction: Correction | None) -> str:
    before = correction.before if correction else Counters(drift.pallets_before, drift.packs_before, drift.units_before)
    after = correction.after if correction else Counters(drift.pallets_after, drift.packs_after, drift.units_after)
    figures = ", ".join(str(to_thousandths(figure)) for figure in (*before, *after))
    return f"({drift.pk}, '{outcome.value}', {drift.tries}, {figures})"


def _say_why(quarantined: Sequence[Drift]) -> None:
    if not quarantined:
        return
    reasons = {
        Key(product, warehouse): reason
        for product, warehouse, reason in Level.objects.filter(product__in=[drift.product_id for drift in quarantined]).values_list(
            "product_id", "warehouse_id", "quarantine_reason"
        )
    }
    for drift in quarantined:
        drift.note = reasons.get(Key(drift.product_id, drift.warehouse_id), "")
    Drift.objects.bulk_update(quarantined, ["note"], batch_size=AT_ONCE)


def _later(work: Work, drifts: Sequence[Drift]) -> None:
    """All of these were in somebody's way: to the end of the list with them."""
    with transaction.atomic():
        work.own()
        figures = _note(drifts, Settled(), work.figures)
        work.own(counters=figures.as_json())
    work.figures = figures


def _failed(work: Work, drift: Drift, error: Exception) -> None:
    figures = work.figures.ended(DriftOutcome.FAILED)
    note = f"{type(error).__name__}: {error}"[:300]
    with transaction.atomic():
        work.own()
        Drift.objects.filter(pk=drift.pk).update(outcome=DriftOutcome.FAILED, note=note)
        errors = [*work.run.errors, {"product": drift.product_id, "warehouse": drift.warehouse_id, "message": note}][:MOST_ERRORS]
        work.own(counters=figures.as_json(), errors=errors)
    work.run.errors = errors
    work.figures = figures


def _is_busy(error: OperationalError) -> bool:
    """Whether the database only says that somebody else was in the way: a lock not had in time, a deadlock, a serialisation."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return state.startswith("40") or state == "55P03"
