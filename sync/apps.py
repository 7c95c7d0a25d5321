from __future__ import annotations

from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync"

    def ready(self) -> None:
        from jobs import retention, schedule
        from sync import checks, connectionhealth, stuck, systems
        from sync.schedules import TASK
        from sync.sources.ge.system import SYSTEM as GE

        checks.register()
        connectionhealth.register()
        systems.register(GE)
        schedule.declare(TASK, "sync.clock.scheduled")
        schedule.every_tick("sync.clock.sweep")
        stuck.declare()
        retention.every_day("sync.retention.prune")
