from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_save


class MarketplacesConfig(AppConfig):
    name = "marketplaces"

    def ready(self) -> None:
        from inventory import metrics
        from inventory.signals import items_changed
        from jobs import schedule
        from marketplaces import provider, receivers
        from marketplaces.metrics import PushCollector
        from marketplaces.providers.bricklink.provider import PROVIDER as BRICK_LINK
        from marketplaces.providers.brickowl.provider import PROVIDER as BRICK_OWL
        from marketplaces.push import shops
        from marketplaces.verify import wiring
        from sync import systems

        for each in (BRICK_LINK, BRICK_OWL):
            systems.register(each.system)
            provider.register(each)

        items_changed.connect(receivers.on_items_changed, dispatch_uid="marketplaces.items_changed")
        post_save.connect(receivers.on_item_saved, sender="inventory.Item", dispatch_uid="marketplaces.item_saved")
        post_save.connect(shops.on_connection_saved, sender="sync.Connection", dispatch_uid="marketplaces.shop")
        schedule.every_tick("marketplaces.push.sweeping.sweep")
        metrics.register(PushCollector)
        schedule.every_tick("marketplaces.orders.clock.poll_due")
        schedule.every_tick("marketplaces.orders.holding.release_shown")
        wiring.connect(self)
