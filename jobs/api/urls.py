from __future__ import annotations

from django.urls import include, path

from accounts.api.router import Router
from jobs.api.views import HealthView, ScheduleViewSet

router = Router()
router.register("schedules", ScheduleViewSet, basename="schedule")

urlpatterns = [path("health", HealthView.as_view(), name="health"), path("", include(router.urls))]
