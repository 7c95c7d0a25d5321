from __future__ import annotations

from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="docs"),
    path("api/", include("accounts.api.urls")),
    path("api/", include("jobs.api.urls")),
    path("api/", include("inventory.api.urls")),
    path("api/", include("sync.api.urls")),
    path("api/", include("sync.sources.finale.api.urls")),
    path("api/", include("marketplaces.api.urls")),
    path("api/", include("alerts.api.urls")),
]
if getattr(settings, "ANYMAIL", {}).get("WEBHOOK_SECRET"):
    # What it is told is believed, so there is no such address without a secret.
    urlpatterns.append(path("anymail/sendgrid/tracking/", SendGridTrackingWebhookView.as_view(), name="sendgrid_tracking"))

handler400 = "config.answers.bad_request"
handler404 = "config.answers.not_found"
handler500 = "config.answers.server_error"
