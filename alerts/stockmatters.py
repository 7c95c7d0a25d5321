"""Alerts of the ledger: batches that expire, levels that do not add up (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Account
from alerts.kinds import MANNERS
from alerts.models import Alert, AlertState, Kind
from alerts.raising import Seen, match, open_all
from alerts.recipients import House, house_of
from inventory.ledgerwords import amount, page_of, product_page
from inventory.models import COUNTED, Batch, Level, Product, Reconciliation, ReconciliationStatus, Warehouse
from inventory.stocksettings import settings_of
from inventory.wording import day

CORRECTED = "corrected:"


def look(house: House, now: datetime) -> None:
    """Eight statements where nothing differs."""
    match(house, (Kind.BATCHES_EXPIRING,), _expiring(house, now), now, silently=lambda _alert: "It is gone, or has expired.")
    # That a level was set right too often shows in no row afterwards: see `lapse`.
    lasting = Alert.objects.filter(account=house.account, kind=Kind.DRIFT, subject__startswith=CORRECTED, state=AlertState.OPEN)
    kept = [_as_seen(row) for row in lasting.order_by("pk") if not _lapsed(row, now)]
    match(house, (Kind.DRIFT,), [*_quarantined(house), *_to_review(house), *kept], now)


def corrected(account_id: int, product_id: int, warehouse_id: int, times: int, causes: Sequence[str], now: datetime) -> None:
    """A level was set right too often (signal `drift_found_often`)."""
    account = Account.objects.get(pk=account_id)
    product = Product.objects.filter(pk=product_id, account=account).first()
    place = Warehouse.objects.filter(pk=warehouse_id, account=account).first()
    if product is None or place is None:
        return
    why = f" ({', '.join(causes)})" if causes else ""
    seen = Seen(
        Kind.DRIFT,
        f"{CORRECTED}{product_id}:{warehouse_id}",
        f"{product} in {place.name}: set right again and again",
        f"Its stock was set right {times} times within a few days{why}. Something books past the ledger.",
        {"sku": product.sku, "times": times},
        product_page(product),
        product_id=product.pk,
    )
    open_all(house_of(account), [seen], now)
    Alert.objects.filter(account=account, kind=Kind.DRIFT, subject=seen.subject, state=AlertState.OPEN).update(seen_at=now)


def _lapsed(row: Alert, now: datetime) -> bool:
    return row.acknowledged_at is not None or row.seen_at < now - timedelta(days=MANNERS[Kind.DRIFT].lasts)


def _as_seen(row: Alert) -> Seen:
    return Seen(row.kind, row.subject, row.title, row.sentence, row.facts, row.page, row.product_id)


def _expiring(house: House, now: datetime) -> Iterator[Seen]:
    """The batches that inventory has warned of, and that are still here and not expired yet."""
    ahead = max(settings_of(house.account).alert_days, default=0)
    dated = Batch.objects.filter(COUNTED, account=house.account, expires_at__gt=now, expires_at__lte=now + timedelta(days=ahead))
    rows = dated.filter(warned_days__isnull=False).select_related("product", "warehouse").order_by("expires_at", "pk")
    for batch in rows:
        assert batch.expires_at is not None
        left = amount(batch.remaining, batch.unit_kind)
        yield Seen(
            Kind.BATCHES_EXPIRING,
            f"batch:{batch.pk}",
            f"{batch.product}: {left} expire{'s' if left.startswith('1 ') else ''} on {day(batch.expires_at)}",
            f"Batch {batch.lot or batch.pk} in {batch.warehouse.name}.",
            {"sku": batch.product.sku, "name": batch.product.name, "lot": batch.lot, "remaining": left, "expires": day(batch.expires_at)},
            page_of("inventory_batch_change", batch.pk),
            product_id=batch.product_id,
            degree=batch.warned_days,
        )


def _quarantined(house: House) -> Iterator[Seen]:
    rows = Level.objects.filter(account=house.account, quarantined_at__isnull=False).select_related("product", "warehouse")
    for level in rows.order_by("pk"):
        yield Seen(
            Kind.DRIFT,
            f"quarantine:{level.pk}",
            f"{level.product} in {level.warehouse.name}: quarantined",
            f"{level.quarantine_reason} Nothing is booked to it until somebody has rebuilt it.".strip(),
            {"sku": level.product.sku},
            page_of("inventory_level_change", level.pk),
            product_id=level.product_id,
        )


def _to_review(house: House) -> Iterator[Seen]:
    rows = Reconciliation.objects.filter(Q(status=ReconciliationStatus.NEEDS_REVIEW), account=house.account).order_by("pk")
    for each in rows.only("message"):
        yield Seen(
            Kind.DRIFT,
            f"reconciliation:{each.pk}",
            "A reconcile found more wrong than it may set right by itself",
            each.message,
            {"reconciliation": each.pk},
            page_of("inventory_reconciliation_change", each.pk),
        )
