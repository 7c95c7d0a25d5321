from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from accounts.api.views import AuditViewSet, MemberViewSet, MeView, TokenViewSet

router = Router()
router.register("members", MemberViewSet, basename="member")
router.register("tokens", TokenViewSet, basename="token")
router.register("audit", AuditViewSet, basename="audit")

urlpatterns = [re_path(r"^me/?$", MeView.as_view(), name="me"), path("", include(router.urls))]
