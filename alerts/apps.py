from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Watch"

    def ready(self) -> None:
        from anymail.signals import tracking

        from alerts import bounces, checks, clock, forecasting
        from inventory.signals import drift_found_often
        from jobs import retention, schedule
        from sync.signals import run_closed

        checks.register()
        run_closed.connect(clock.on_run_closed, dispatch_uid="alerts.run_closed")
        drift_found_often.connect(clock.on_drift_found_often, dispatch_uid="alerts.drift")
        forecasting.declare()
        run_closed.connect(forecasting.on_run_closed, dispatch_uid="alerts.forecast")
        tracking.connect(bounces.on_tracking, dispatch_uid="alerts.bounces")
        schedule.every_tick("alerts.clock.sweep")
        retention.every_day("alerts.clock.prune")
