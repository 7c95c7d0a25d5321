from __future__ import annotations

from inventory.models.conflict import Conflict, ConflictKind, ConflictStatus
from inventory.models.load import Load, LoadUnit
from inventory.models.product import AliasKind, Product, ProductAlias
from inventory.models.session import ClosedBy, Scan, ScanSession, SessionKind, SessionStatus
from inventory.models.unit import Bucket, Unit
from inventory.models.warehouse import Warehouse, WarehouseMode

__all__ = [
    "AliasKind",
    "Bucket",
    "ClosedBy",
    "Conflict",
    "ConflictKind",
    "ConflictStatus",
    "Load",
    "LoadUnit",
    "Product",
    "ProductAlias",
    "Scan",
    "ScanSession",
    "SessionKind",
    "SessionStatus",
    "Unit",
    "Warehouse",
    "WarehouseMode",
]
