"""The addresses these tests need, so that they stand without the other apps."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("api/", include("jobs.api.urls"))]
