from __future__ import annotations

from inventory.models.batch import BALANCES, COUNTED, Batch, BatchOrigin, BatchState
from inventory.models.category import Category
from inventory.models.conflict import Conflict, ConflictKind, ConflictStatus
from inventory.models.count import Count, CountLine, CountStatus
from inventory.models.customerreturn import CustomerReturn
from inventory.models.demand import Demand
from inventory.models.hold import Hold
from inventory.models.integrity import IntegrityReport
from inventory.models.item import Completeness, Condition, Item, ItemStatus, ItemType, ItemWarehouse
from inventory.models.itemattachment import ItemAttachment
from inventory.models.itemhistory import ItemChange, ItemChangeKind
from inventory.models.level import Level
from inventory.models.load import Load, LoadUnit
from inventory.models.movement import Cause, Movement, MovementKind
from inventory.models.product import AliasKind, Product, ProductAlias
from inventory.models.purchase import RECEIPT_NAMES, Purchase, PurchaseStatus, ReceiptPurpose
from inventory.models.purchaseorder import OPEN_ORDERS, OrderReceipt, OrderState, PurchaseOrder, PurchaseOrderLine
from inventory.models.reconciliation import (
    RECONCILING,
    DirtyKey,
    Drift,
    DriftClass,
    DriftOutcome,
    Reconciliation,
    ReconciliationStatus,
    StoppedBy,
)
from inventory.models.sale import ISSUE_NAMES, Allocation, IssuePurpose, Sale, SaleStatus
from inventory.models.session import ClosedBy, Scan, ScanSession, SessionKind, SessionStatus
from inventory.models.stocksettings import ExpiryEnds, SameLot, StockSettings
from inventory.models.supply import CRITICAL_STATES, Supply, SupplyLevel, SupplyMark, SupplyState
from inventory.models.supplysettings import SupplySettings
from inventory.models.transfer import Arrival, Transfer, TransferStatus
from inventory.models.unit import Bucket, Unit
from inventory.models.unitkind import UnitKind
from inventory.models.vendor import Vendor
from inventory.models.warehouse import Warehouse, WarehouseMode
from inventory.models.writeoff import WriteOff, WriteOffReason, WriteOffStatus

__all__ = [
    "BALANCES",
    "COUNTED",
    "CRITICAL_STATES",
    "ISSUE_NAMES",
    "OPEN_ORDERS",
    "RECEIPT_NAMES",
    "RECONCILING",
    "AliasKind",
    "Allocation",
    "Arrival",
    "Batch",
    "BatchOrigin",
    "BatchState",
    "Bucket",
    "Category",
    "Cause",
    "ClosedBy",
    "Completeness",
    "Condition",
    "Conflict",
    "ConflictKind",
    "ConflictStatus",
    "Count",
    "CountLine",
    "CountStatus",
    "CustomerReturn",
    "Demand",
    "DirtyKey",
    "Drift",
    "DriftClass",
    "DriftOutcome",
    "ExpiryEnds",
    "Hold",
    "IntegrityReport",
    "IssuePurpose",
    "Item",
    "ItemAttachment",
    "ItemChange",
    "ItemChangeKind",
    "ItemStatus",
    "ItemType",
    "ItemWarehouse",
    "Level",
    "Load",
    "LoadUnit",
    "Movement",
    "MovementKind",
    "OrderReceipt",
    "OrderState",
    "Product",
    "ProductAlias",
    "Purchase",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseStatus",
    "ReceiptPurpose",
    "Reconciliation",
    "ReconciliationStatus",
    "Sale",
    "SaleStatus",
    "SameLot",
    "Scan",
    "ScanSession",
    "SessionKind",
    "SessionStatus",
    "StockSettings",
    "StoppedBy",
    "Supply",
    "SupplyLevel",
    "SupplyMark",
    "SupplySettings",
    "SupplyState",
    "Transfer",
    "TransferStatus",
    "Unit",
    "UnitKind",
    "Vendor",
    "Warehouse",
    "WarehouseMode",
    "WriteOff",
    "WriteOffReason",
    "WriteOffStatus",
]
