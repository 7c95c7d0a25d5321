from __future__ import annotations

from django.contrib import admin

from inventory.admin.batches import BatchAdmin
from inventory.admin.categories import CategoryAdmin
from inventory.admin.conflicts import ConflictAdmin
from inventory.admin.levels import LevelAdmin
from inventory.admin.loads import LoadAdmin
from inventory.admin.movements import MovementAdmin
from inventory.admin.products import ProductAdmin
from inventory.admin.sessions import ScanSessionAdmin
from inventory.admin.stocksettings import StockSettingsAdmin
from inventory.admin.units import UnitAdmin
from inventory.admin.vendors import VendorAdmin
from inventory.admin.warehouses import WarehouseAdmin
from inventory.models import (
    Batch,
    Category,
    Conflict,
    Level,
    Load,
    Movement,
    Product,
    ScanSession,
    StockSettings,
    Unit,
    Vendor,
    Warehouse,
)

admin.site.register(Batch, BatchAdmin)
admin.site.register(Category, CategoryAdmin)
admin.site.register(Conflict, ConflictAdmin)
admin.site.register(Level, LevelAdmin)
admin.site.register(Load, LoadAdmin)
admin.site.register(Movement, MovementAdmin)
admin.site.register(Product, ProductAdmin)
admin.site.register(ScanSession, ScanSessionAdmin)
admin.site.register(StockSettings, StockSettingsAdmin)
admin.site.register(Unit, UnitAdmin)
admin.site.register(Vendor, VendorAdmin)
admin.site.register(Warehouse, WarehouseAdmin)
