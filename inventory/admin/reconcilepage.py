"""What the pages of reconciling show: passes, drifts in words, who drifts again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count as HowMany
from django.urls import reverse
from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account
from inventory.admin.chips import Chip
from inventory.ledger.counters import Counters
from inventory.marks import Mark
from inventory.models import (
    RECONCILING,
    Cause,
    Drift,
    DriftClass,
    DriftOutcome,
    Level,
    Product,
    Reconciliation,
    ReconciliationStatus,
    UnitKind,
    Warehouse,
)
from inventory.offenders import offenders
from inventory.reconcile import Difference
from inventory.reconcile.limits import Limits
from inventory.stocksettings import settings_of

PER_PAGE = 100
OFFENDERS_SHOWN = 20
ASK_AGAIN = 1500
"""Milliseconds between two looks at a pass that goes on."""

STATUS = {
    ReconciliationStatus.QUEUED: Mark("Waits for a worker", "info", "hourglass_top"),
    ReconciliationStatus.RUNNING: Mark("Running", "info", "progress_activity"),
    ReconciliationStatus.NEEDS_REVIEW: Mark("Needs a review", "warning", "front_hand"),
    ReconciliationStatus.SUCCEEDED: Mark("Done", "success", "check_circle"),
    ReconciliationStatus.PARTIAL: Mark("Done in part", "warning", "rule"),
    ReconciliationStatus.FAILED: Mark("Failed", "danger", "error"),
    ReconciliationStatus.CANCELLED: Mark("Cancelled", "", "block"),
}
OUTCOMES = {
    DriftOutcome.FOUND: Mark("Found", "warning", "search"),
    DriftOutcome.CORRECTED: Mark("Set right", "success", "check_circle"),
    DriftOutcome.GONE: Mark("Right again by itself", "", "check"),
    DriftOutcome.REPORTED: Mark("Only reported", "info", "flag"),
    DriftOutcome.QUARANTINED: Mark("Quarantined", "danger", "lock"),
    DriftOutcome.SKIPPED: Mark("Skipped: busy", "warning", "schedule"),
    DriftOutcome.FAILED: Mark("Failed", "danger", "error"),
}
CLASSES = {
    DriftClass.MISMATCH: "The counter is not what its batches add up to.",
    DriftClass.MISSING_ROW: "There are batches with stock, and no level that counts them.",
    DriftClass.NO_BATCHES: "The counter shows stock of which there is no batch.",
    DriftClass.DUPLICATE_ROW: "There are two levels for one product and warehouse. It is reported and never written by itself.",
    DriftClass.BAD_BATCH: "A batch contradicts itself, so what it holds can't be trusted. The level is quarantined until it is rebuilt.",
}
FIGURES = (
    ("scanned", "Levels looked at"),
    ("drifted", "Differed"),
    ("corrected", "Set right"),
    ("gone", "Right again"),
    ("skipped", "Skipped"),
    ("quarantined", "Quarantined"),
    ("reported", "Reported"),
    ("failed", "Failed"),
    ("expired", "Expiries booked"),
)


@dataclass(frozen=True)
class Row:
    """A level that differs: each unit kind as stored, as the batches say, and the difference."""

    product: Product
    warehouse: Warehouse
    word: str
    about: str
    outcome: Mark
    kinds: tuple[tuple[str, Decimal, Decimal, Decimal], ...]
    note: str = ""
    rebuild: str = ""


@dataclass(frozen=True)
class Again:
    """A level that is set right again and again."""

    product: Product
    warehouse: Warehouse
    times: int
    causes: str
    last_at: Any


def of_drift(drift: Drift) -> Row:
    before = Counters(drift.pallets_before, drift.packs_before, drift.units_before)
    after = Counters(drift.pallets_after, drift.packs_after, drift.units_after)
    return _row(drift.product, drift.warehouse, DriftClass(drift.drift_class), DriftOutcome(drift.outcome), before, after, drift.note)


def of_differences(found: Iterable[Difference]) -> list[Row]:
    """In two statements."""
    rows = list(found)
    products = Product.objects.in_bulk({each.product_id for each in rows})
    places = Warehouse.objects.in_bulk({each.warehouse_id for each in rows})
    return [
        _row(products[each.product_id], places[each.warehouse_id], each.drift_class, each.outcome, each.before, each.after) for each in rows
    ]


def _row(
    product: Product,
    warehouse: Warehouse,
    drift_class: DriftClass,
    outcome: DriftOutcome,
    before: Counters,
    after: Counters,
    note: str = "",
) -> Row:
    kinds = tuple(
        (kind, before.of(kind), after.of(kind), after.of(kind) - before.of(kind))
        for kind in UnitKind.values
        if before.of(kind) or after.of(kind)
    )
    bad = drift_class == DriftClass.BAD_BATCH
    rebuild = f"{reverse('admin:inventory_rebuild', args=[product.pk])}?warehouse={warehouse.pk}" if bad else ""
    return Row(product, warehouse, str(drift_class.label), CLASSES[drift_class], OUTCOMES[outcome], kinds, note, rebuild)


def head(account: Account, actor: Actor) -> dict[str, Any]:
    """What stands above the list of passes: what goes on, what waits, what is quarantined, and what drifts again and again."""
    settings = settings_of(account)
    return {
        "active": Reconciliation.objects.filter(account=account, status__in=RECONCILING).first(),
        "reviews": Reconciliation.objects.filter(account=account, status=ReconciliationStatus.NEEDS_REVIEW)[:5],
        "last": Reconciliation.objects.filter(account=account, finished_at__isnull=False).first(),
        "quarantined": Level.objects.filter(account=account, quarantined_at__isnull=False).select_related("product", "warehouse")[
            :OFFENDERS_SHOWN
        ],
        "again": _again(account),
        "settings": settings,
        "may_reconcile": actor.may("stock.reconcile"),
        "may_verify": actor.may("stock.verify"),
        "may_rebuild": actor.may("stock.rebuild"),
        "places": Warehouse.objects.filter(account=account, mode="ledger", active=True),
    }


def _again(account: Account) -> list[Again]:
    found = offenders(account)[:OFFENDERS_SHOWN]
    products = Product.objects.in_bulk({each.key.product_id for each in found})
    places = Warehouse.objects.in_bulk({each.key.warehouse_id for each in found})
    return [
        Again(
            products[each.key.product_id],
            places[each.key.warehouse_id],
            each.times,
            ", ".join(str(Cause(cause).label) for cause in each.causes),
            each.last_at,
        )
        for each in found
    ]


def live(run: Reconciliation) -> dict[str, Any]:
    """The part that changes while a pass goes on."""
    return {
        "run": run,
        "mark": STATUS[ReconciliationStatus(run.status)],
        "took": took(run),
        "figures": [(label, run.counters.get(name, 0)) for name, label in FIGURES] if run.counters else [],
        "done": _done(run),
        "live": reverse("admin:inventory_reconciliation_live", args=[run.pk]) if run.status in RECONCILING else "",
        "ask_again": ASK_AGAIN,
    }


def contents(run: Reconciliation, actor: Actor, query: Mapping[str, str]) -> dict[str, Any]:
    """All that the page of a pass shows."""
    rows = run.drifts.order_by("pk")
    totals = dict(rows.order_by().values_list("outcome").annotate(HowMany("pk")))
    chosen = query.get("outcome", "")
    shown = rows.filter(outcome=chosen) if chosen in totals else rows
    page = Paginator(shown.select_related("product", "warehouse"), PER_PAGE).get_page(query.get("page"))
    review = run.status == ReconciliationStatus.NEEDS_REVIEW
    chips = [Chip("All", sum(totals.values()), "?#drifts", chosen not in totals)]
    chips += [
        Chip(OUTCOMES[DriftOutcome(outcome)].word, number, f"?outcome={outcome}#drifts", outcome == chosen)
        for outcome, number in totals.items()
    ]
    return {
        **live(run),
        "asked": f"{run.asked_by}, {run.get_cause_display().lower()}",
        "what": _what(run),
        "classes": [
            (DriftClass(name).label, CLASSES[DriftClass(name)], number) for name, number in run.counters.get("classes", {}).items()
        ],
        "moved": [(kind, Decimal(moved)) for kind, moved in run.counters.get("moved", {}).items() if Decimal(moved)],
        "chips": chips,
        "page": page,
        "rows": [of_drift(drift) for drift in page.object_list],
        "query": urlencode({"outcome": chosen}) if chosen in totals else "",
        "review": review,
        "limits": _limits(run),
        "may_approve": review and actor.may("reconciliation.approve"),
        "may_cancel": run.status in RECONCILING and run.cancel_requested_at is None and actor.may("reconciliation.cancel"),
    }


def took(run: Reconciliation) -> str:
    """How long it has taken so far; blank before it starts."""
    if run.started_at is None:
        return ""
    span = max((run.finished_at or timezone.now()) - run.started_at, timedelta())
    seconds = span.total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _done(run: Reconciliation) -> int:
    return sum(run.counters.get(name, 0) for name, _ in FIGURES[2:8])


def _what(run: Reconciliation) -> str:
    parts = [str(each) for each in (run.product, run.warehouse) if each is not None]
    return " in ".join(parts) or "All levels that are kept here"


def _limits(run: Reconciliation) -> str:
    if not run.limits:
        return ""
    limits = Limits.from_json(run.limits)
    rows = f"{limits.rows:,} levels" + (f" and {limits.rows_percent} % of all" if limits.rows_percent else "")
    quantity = f"{limits.quantity:,} in all" + (f" and {limits.quantity_percent} % of the stock" if limits.quantity_percent else "")
    return f"more than {rows}, or more than {quantity}"
