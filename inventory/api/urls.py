from __future__ import annotations

from django.urls import include, path

from accounts.api.router import Router

router = Router()

urlpatterns = [path("", include(router.urls))]
