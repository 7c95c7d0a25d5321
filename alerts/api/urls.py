from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from alerts.api.alerts import AlertViewSet
from alerts.api.critical import CriticalViewSet, SupplySettingsView
from alerts.api.deliveries import DeliveryViewSet
from alerts.api.recipients import AlertSettingsView, SubscriberViewSet, WebhookViewSet

router = Router()
router.register("alerts", AlertViewSet, basename="alert")
router.register("critical-items", CriticalViewSet, basename="critical-item")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("subscribers", SubscriberViewSet, basename="subscriber")
router.register("webhooks", WebhookViewSet, basename="webhook")

urlpatterns = [
    path("", include(router.urls)),
    re_path(r"^supply-settings/?$", SupplySettingsView.as_view(), name="supply-settings"),
    re_path(r"^alert-settings/?$", AlertSettingsView.as_view(), name="alert-settings"),
    path("", include("alerts.api.forecasturls")),
]
