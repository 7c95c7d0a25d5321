from __future__ import annotations

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"

    def ready(self) -> None:
        from inventory import mirror
        from inventory.signals import units_changed
        from jobs import retention

        units_changed.connect(mirror.on_units_changed, dispatch_uid="inventory.mirror")
        retention.every_day("inventory.retention.prune")
