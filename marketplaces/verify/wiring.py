"""What the rest of the program is told of comparisons when it starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save

from jobs import retention
from marketplaces.verify import clock, invariant, shophealth


def connect(app: AppConfig) -> None:
    """For ready() of `app`."""
    clock.declare()
    invariant.declare()
    shophealth.register()
    retention.every_day("marketplaces.verify.retention.prune")
    post_save.connect(clock.install, sender="marketplaces.Shop", dispatch_uid="marketplaces.verify.schedule")
    post_delete.connect(clock.uninstall, sender="marketplaces.Shop", dispatch_uid="marketplaces.verify.no_schedule")
    post_migrate.connect(clock.install_for_all, sender=app, dispatch_uid="marketplaces.verify.schedules")
