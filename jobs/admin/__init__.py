from __future__ import annotations

from jobs.admin.queue import BeatAdmin, FailureAdmin, QueuedTaskAdmin, QueueScheduleAdmin, SuccessAdmin
from jobs.admin.schedules import ScheduleAdmin

__all__ = ["BeatAdmin", "FailureAdmin", "QueueScheduleAdmin", "QueuedTaskAdmin", "ScheduleAdmin", "SuccessAdmin"]
