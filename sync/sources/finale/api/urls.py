"""The addresses below /api/sync-finale."""

from __future__ import annotations

from django.urls import re_path

from sync.sources.finale.api.checkstuck import CheckStuckView
from sync.sources.finale.api.critical import CriticalView
from sync.sources.finale.api.health import HealthView
from sync.sources.finale.api.history import HistoryView
from sync.sources.finale.api.metrics import MetricsView
from sync.sources.finale.api.schedule import ScheduleView
from sync.sources.finale.api.starting import InventoryView, StrategyView, VendorsView
from sync.sources.finale.api.status import StatusView
from sync.sources.finale.api.validate import ValidateView

urlpatterns = [
    re_path(r"^sync-finale/?$", StrategyView.as_view(), name="finale-start"),
    re_path(r"^sync-finale/inventory/?$", InventoryView.as_view(), name="finale-inventory"),
    re_path(r"^sync-finale/critical/?$", CriticalView.as_view(), name="finale-critical"),
    re_path(r"^sync-finale/vendors/?$", VendorsView.as_view(), name="finale-vendors"),
    re_path(r"^sync-finale/status/?$", StatusView.as_view(), name="finale-status"),
    re_path(r"^sync-finale/history/?$", HistoryView.as_view(), name="finale-history"),
    re_path(r"^sync-finale/metrics/?$", MetricsView.as_view(), name="finale-metrics"),
    re_path(r"^sync-finale/health/?$", HealthView.as_view(), name="finale-health"),
    re_path(r"^sync-finale/schedule/?$", ScheduleView.as_view(), name="finale-schedule"),
    re_path(r"^sync-finale/check-stuck/?$", CheckStuckView.as_view(), name="finale-check-stuck"),
    re_path(r"^sync-finale/validate/?$", ValidateView.as_view(), name="finale-validate"),
]
