from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from jobs.api.views import HealthView, ScheduleViewSet

router = Router()
router.register("schedules", ScheduleViewSet, basename="schedule")

urlpatterns = [re_path(r"^health/?$", HealthView.as_view(), name="health"), path("", include(router.urls))]
