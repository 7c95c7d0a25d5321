from __future__ import annotations

from django.contrib import admin

from inventory.models import Item
from marketplaces.admin import auditing, waiting
from marketplaces.admin.attempts import AttemptAdmin
from marketplaces.admin.colours import ColorMappingAdmin
from marketplaces.admin.items import ItemAdmin
from marketplaces.admin.listings import ListingAdmin
from marketplaces.admin.orders import OrderAdmin
from marketplaces.admin.parts import PartMappingAdmin
from marketplaces.admin.shops import ShopAdmin
from marketplaces.admin.verifications import VerificationAdmin
from marketplaces.models import Attempt, ColorMapping, Listing, Order, PartMapping, Shop, Verification

__all__ = ["auditing", "waiting"]

admin.site.register(Attempt, AttemptAdmin)
admin.site.register(ColorMapping, ColorMappingAdmin)
admin.site.register(Item, ItemAdmin)
admin.site.register(Listing, ListingAdmin)
admin.site.register(Order, OrderAdmin)
admin.site.register(PartMapping, PartMappingAdmin)
admin.site.register(Shop, ShopAdmin)
admin.site.register(Verification, VerificationAdmin)
