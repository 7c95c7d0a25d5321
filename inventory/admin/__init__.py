from __future__ import annotations

from django.contrib import admin

from inventory.admin.conflicts import ConflictAdmin
from inventory.admin.warehouses import WarehouseAdmin
from inventory.models import Conflict, Warehouse

admin.site.register(Conflict, ConflictAdmin)
admin.site.register(Warehouse, WarehouseAdmin)
