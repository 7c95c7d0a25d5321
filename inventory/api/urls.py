from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from inventory.api.categories import CategoryViewSet
from inventory.api.conflicts import ConflictViewSet
from inventory.api.loads import LoadViewSet
from inventory.api.products import ProductViewSet
from inventory.api.sessions import SessionViewSet
from inventory.api.stocksettings import StockSettingsView
from inventory.api.units import UnitViewSet
from inventory.api.vendors import VendorViewSet
from inventory.api.warehouses import WarehouseViewSet

router = Router()
router.register("units", UnitViewSet, basename="unit")
router.register("loads", LoadViewSet, basename="load")
router.register("sessions", SessionViewSet, basename="scan-session")
router.register("conflicts", ConflictViewSet, basename="conflict")
router.register("products", ProductViewSet, basename="product")
router.register("warehouses", WarehouseViewSet, basename="warehouse")
router.register("categories", CategoryViewSet, basename="category")
router.register("vendors", VendorViewSet, basename="vendor")

urlpatterns = [
    re_path(r"^stock/settings/?$", StockSettingsView.as_view(), name="stock-settings"),
    path("", include(router.urls)),
    path("", include("inventory.api.ledgerurls")),
    path("", include("inventory.api.itemurls")),
]
