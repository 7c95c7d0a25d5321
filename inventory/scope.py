"""What a scan session is about: which units are expected in it, and which scans count."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from inventory.models import Scan, ScanSession, SessionKind, Unit


def expected_in(session: ScanSession) -> QuerySet[Unit]:
    """The units and bulk lines on hand that `session` is to scan: its load's, or its bucket's that belong to no load."""
    on_hand = Unit.objects.filter(warehouse=session.warehouse_id, gone_at__isnull=True)
    if session.kind == SessionKind.LOAD:
        return on_hand.filter(load=session.load_id)
    return on_hand.filter(load__isnull=True, bucket=session.bucket)


def counting(scans: QuerySet[Scan]) -> QuerySet[Scan]:
    """Of `scans` those of what their session still expects: a unit that has gone or moved to another load since counts no more."""
    of_load = Q(session__kind=SessionKind.LOAD, unit__load=F("session__load"))
    of_bucket = Q(session__kind=SessionKind.BUCKET, unit__load__isnull=True, unit__bucket=F("session__bucket"))
    return scans.filter(of_load | of_bucket, unit__gone_at__isnull=True)
