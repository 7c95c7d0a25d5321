from __future__ import annotations

from django.urls import include, path

from accounts.api.router import Router
from sync.api.connections import ConnectionViewSet
from sync.api.systems import SystemsView

router = Router()
router.register("connections", ConnectionViewSet, basename="connection")

urlpatterns = [path("systems", SystemsView.as_view(), name="systems"), path("", include(router.urls))]
