from __future__ import annotations

from jobs.models.beat import Beat
from jobs.models.idempotency import IdempotencyKey
from jobs.models.lease import Lease, Leased
from jobs.models.schedule import Schedule

__all__ = ["Beat", "IdempotencyKey", "Lease", "Leased", "Schedule"]
