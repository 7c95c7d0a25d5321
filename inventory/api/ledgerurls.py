"""Addresses of stock that is kept here."""

from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from inventory.api.batches import BatchViewSet
from inventory.api.bulk import BulkPurchasesView, BulkSalesView
from inventory.api.counts import CountViewSet
from inventory.api.expiring import ExpiringView
from inventory.api.integrity import IntegrityViewSet, RebuildView
from inventory.api.levels import LevelViewSet
from inventory.api.metrics import MetricsView
from inventory.api.movements import MovementViewSet
from inventory.api.opening import OpenView
from inventory.api.purchaseorders import PurchaseOrderViewSet
from inventory.api.purchases import PurchaseViewSet
from inventory.api.reconciliations import ReconciliationViewSet
from inventory.api.reconciling import ReconcilePreviewView, ReconcileView, VerifyView
from inventory.api.returns import ReturnViewSet
from inventory.api.sales import SaleViewSet
from inventory.api.stockhistory import AtView, ClosingsView, HistoryView
from inventory.api.transfers import TransferViewSet
from inventory.api.writeoffs import WriteOffViewSet

router = Router()
router.register("levels", LevelViewSet, basename="level")
router.register("batches", BatchViewSet, basename="batch")
router.register("movements", MovementViewSet, basename="movement")
router.register("purchases", PurchaseViewSet, basename="purchase")
router.register("purchase-orders", PurchaseOrderViewSet, basename="purchase-order")
router.register("sales", SaleViewSet, basename="sale")
router.register("write-offs", WriteOffViewSet, basename="write-off")
router.register("transfers", TransferViewSet, basename="transfer")
router.register("returns", ReturnViewSet, basename="return")
router.register("counts", CountViewSet, basename="count")
router.register("reconciliations", ReconciliationViewSet, basename="reconciliation")
router.register("stock/integrity", IntegrityViewSet, basename="stock-integrity")

urlpatterns = [
    re_path(r"^metrics/?$", MetricsView.as_view(), name="metrics"),
    re_path(r"^stock/history/?$", HistoryView.as_view(), name="stock-history"),
    re_path(r"^stock/at/?$", AtView.as_view(), name="stock-at"),
    re_path(r"^stock/closings/?$", ClosingsView.as_view(), name="stock-closings"),
    re_path(r"^stock/rebuild/?$", RebuildView.as_view(), name="stock-rebuild"),
    re_path(r"^purchases/bulk/?$", BulkPurchasesView.as_view(), name="purchases-bulk"),
    re_path(r"^sales/bulk/?$", BulkSalesView.as_view(), name="sales-bulk"),
    re_path(r"^batches/expiring/?$", ExpiringView.as_view(), name="batches-expiring"),
    re_path(r"^stock/open/?$", OpenView.as_view(), name="stock-open"),
    re_path(r"^stock/verify/?$", VerifyView.as_view(), name="stock-verify"),
    re_path(r"^stock/reconcile/?$", ReconcileView.as_view(), name="stock-reconcile"),
    re_path(r"^stock/reconcile/preview/?$", ReconcilePreviewView.as_view(), name="stock-reconcile-preview"),
    path("", include(router.urls)),
]
