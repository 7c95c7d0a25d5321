"""What a scan session is about: which units are expected in it, and which scans count."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from inventory.models import Scan, ScanSession, SessionKind, Unit


def loose(unit: str = "") -> Q:
    """Units that belong to no load that is listed: what is left of a load that the lists dropped stands with the rest of its bucket.

    `unit` is the way to them, such as "unit__".
    """
    return Q(**{f"{unit}load__isnull": True}) | Q(**{f"{unit}load__not_reported_at__isnull": False})


def expected_in(session: ScanSession) -> QuerySet[Unit]:
    """The units and bulk lines on hand that `session` is to scan: its load's, or the loose ones of its bucket."""
    on_hand = Unit.objects.filter(warehouse=session.warehouse_id, gone_at__isnull=True)
    if session.kind == SessionKind.LOAD:
        return on_hand.filter(load=session.load_id)
    return on_hand.filter(loose(), bucket=session.bucket)


def counting(scans: QuerySet[Scan]) -> QuerySet[Scan]:
    """Of `scans` those of what their session still expects: a unit that has gone or moved to another load since counts no more."""
    of_load = Q(session__kind=SessionKind.LOAD, unit__load=F("session__load"))
    of_bucket = Q(session__kind=SessionKind.BUCKET, unit__bucket=F("session__bucket")) & loose("unit__")
    return scans.filter(of_load | of_bucket, unit__gone_at__isnull=True)
