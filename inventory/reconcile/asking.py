"""The row of a pass that has been asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models import Cause, Product, Reconciliation, ReconciliationStatus, Warehouse
from inventory.reconcile.limits import Limits
from inventory.stocksettings import settings_of


def ask(
    account: Account,
    *,
    cause: Cause,
    asked_by: str,
    warehouse: Warehouse | None = None,
    product: Product | None = None,
    limits: Mapping[str, Any] | None = None,
    status: ReconciliationStatus = ReconciliationStatus.QUEUED,
) -> Reconciliation:
    """Add it, with the limits that are in force for it. Raises ValidationError for limits that are none, IntegrityError beside another."""
    return Reconciliation.objects.create(
        account=account,
        cause=cause,
        warehouse=warehouse,
        product=product,
        status=status,
        asked_by=asked_by[:200],
        limits=Limits.of(settings_of(account), limits).as_json(),
        version=str(settings.SPECTACULAR_SETTINGS["VERSION"]),
        queued_at=Now(),
    )
