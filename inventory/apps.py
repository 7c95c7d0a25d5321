from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


class InventoryConfig(AppConfig):
    name = "inventory"

    def ready(self) -> None:
        from inventory import mirror, stockhealth, supply
        from inventory.items import following
        from inventory.purchasing.following import on_purchase_changed
        from inventory.reconcile import clock
        from inventory.signals import levels_changed, orders_changed, purchase_changed, units_changed
        from jobs import retention, schedule

        units_changed.connect(mirror.on_units_changed, dispatch_uid="inventory.mirror")
        levels_changed.connect(following.on_levels_changed, dispatch_uid="inventory.items")
        purchase_changed.connect(on_purchase_changed, dispatch_uid="inventory.purchasing")
        orders_changed.connect(supply.on_orders_changed, dispatch_uid="inventory.supply")
        retention.every_day("inventory.retention.prune")
        retention.every_day("inventory.reconcile.retention.prune")
        retention.every_day("inventory.integrity.retention.prune")
        schedule.every_tick("inventory.supply.tick")
        post_save.connect(supply.on_warehouse_saved, sender="inventory.Warehouse", dispatch_uid="inventory.supply")
        stockhealth.register()
        clock.declare()
        post_save.connect(clock.install_for_ledger, sender="inventory.Warehouse", dispatch_uid="inventory.schedules")
        post_migrate.connect(clock.install_for_all, sender=self, dispatch_uid="inventory.schedules")
