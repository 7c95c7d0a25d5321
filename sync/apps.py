from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_save


class SyncConfig(AppConfig):
    name = "sync"

    def ready(self) -> None:
        from jobs import retention, schedule
        from sync import callbudgets, checks, connectionhealth, stuck, systems
        from sync.rounds import advancing, nightly
        from sync.schedules import TASK
        from sync.signals import run_closed
        from sync.sources.finale.system import SYSTEM as FINALE
        from sync.sources.ge.system import SYSTEM as GE
        from sync.sources.odoo.system import SYSTEM as ODOO
        from sync.sources.pos.system import SYSTEM as POS

        checks.register()
        connectionhealth.register()
        systems.register(GE)
        systems.register(FINALE)
        systems.register(ODOO)
        systems.register(POS)
        schedule.declare(TASK, "sync.clock.scheduled")
        schedule.every_tick("sync.clock.sweep")
        schedule.every_tick("sync.facts.releasing.sweep")
        stuck.declare()
        nightly.declare()
        schedule.every_tick("sync.rounds.advancing.sweep")
        run_closed.connect(advancing.on_run_closed, dispatch_uid="sync.rounds")
        post_save.connect(callbudgets.on_connection_saved, sender="sync.Connection", dispatch_uid="sync.callbudgets")
        retention.every_day("sync.retention.prune")
