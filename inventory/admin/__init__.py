from __future__ import annotations

from django.contrib import admin

from inventory.admin.conflicts import ConflictAdmin
from inventory.admin.loads import LoadAdmin
from inventory.admin.products import ProductAdmin
from inventory.admin.sessions import ScanSessionAdmin
from inventory.admin.units import UnitAdmin
from inventory.admin.warehouses import WarehouseAdmin
from inventory.models import Conflict, Load, Product, ScanSession, Unit, Warehouse

admin.site.register(Conflict, ConflictAdmin)
admin.site.register(Load, LoadAdmin)
admin.site.register(Product, ProductAdmin)
admin.site.register(ScanSession, ScanSessionAdmin)
admin.site.register(Unit, UnitAdmin)
admin.site.register(Warehouse, WarehouseAdmin)
