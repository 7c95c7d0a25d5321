from __future__ import annotations

from django.contrib import admin

from inventory.admin import auditing
from inventory.admin.batches import BatchAdmin
from inventory.admin.categories import CategoryAdmin
from inventory.admin.conflicts import ConflictAdmin
from inventory.admin.counts import CountAdmin
from inventory.admin.integrity import IntegrityAdmin
from inventory.admin.levels import LevelAdmin
from inventory.admin.loads import LoadAdmin
from inventory.admin.movements import MovementAdmin
from inventory.admin.products import ProductAdmin
from inventory.admin.purchaseorders import PurchaseOrderAdmin
from inventory.admin.purchases import PurchaseAdmin
from inventory.admin.reconciliations import ReconciliationAdmin
from inventory.admin.returns import ReturnAdmin
from inventory.admin.sales import SaleAdmin
from inventory.admin.sessions import ScanSessionAdmin
from inventory.admin.stocksettings import StockSettingsAdmin
from inventory.admin.supplysettings import SupplySettingsAdmin
from inventory.admin.transfers import TransferAdmin
from inventory.admin.units import UnitAdmin
from inventory.admin.vendors import VendorAdmin
from inventory.admin.warehouses import WarehouseAdmin
from inventory.admin.writeoffs import WriteOffAdmin
from inventory.models import (
    Batch,
    Category,
    Conflict,
    Count,
    CustomerReturn,
    IntegrityReport,
    Level,
    Load,
    Movement,
    Product,
    Purchase,
    PurchaseOrder,
    Reconciliation,
    Sale,
    ScanSession,
    StockSettings,
    SupplySettings,
    Transfer,
    Unit,
    Vendor,
    Warehouse,
    WriteOff,
)

__all__ = ["auditing"]

admin.site.register(Batch, BatchAdmin)
admin.site.register(Category, CategoryAdmin)
admin.site.register(Conflict, ConflictAdmin)
admin.site.register(Level, LevelAdmin)
admin.site.register(Load, LoadAdmin)
admin.site.register(Movement, MovementAdmin)
admin.site.register(Product, ProductAdmin)
admin.site.register(ScanSession, ScanSessionAdmin)
admin.site.register(StockSettings, StockSettingsAdmin)
admin.site.register(SupplySettings, SupplySettingsAdmin)
admin.site.register(Unit, UnitAdmin)
admin.site.register(Vendor, VendorAdmin)
admin.site.register(Warehouse, WarehouseAdmin)

admin.site.register(Count, CountAdmin)
admin.site.register(CustomerReturn, ReturnAdmin)
admin.site.register(IntegrityReport, IntegrityAdmin)
admin.site.register(Purchase, PurchaseAdmin)
admin.site.register(PurchaseOrder, PurchaseOrderAdmin)
admin.site.register(Reconciliation, ReconciliationAdmin)
admin.site.register(Sale, SaleAdmin)
admin.site.register(Transfer, TransferAdmin)
admin.site.register(WriteOff, WriteOffAdmin)
