from __future__ import annotations

from django.urls import include, path

from accounts.api.router import Router
from alerts.api.alerts import AlertViewSet
from alerts.api.deliveries import DeliveryViewSet

router = Router()
router.register("alerts", AlertViewSet, basename="alert")
router.register("deliveries", DeliveryViewSet, basename="delivery")

urlpatterns = [
    path("", include(router.urls)),
    path("", include("alerts.api.forecasturls")),
]
