from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from jobs.api.views import HealthView, ScheduleViewSet

router = SimpleRouter()
router.register("schedules", ScheduleViewSet, basename="schedule")

urlpatterns = [path("health", HealthView.as_view(), name="health"), path("", include(router.urls))]
