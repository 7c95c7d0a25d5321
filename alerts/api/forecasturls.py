from __future__ import annotations

from django.urls import include, path, re_path

from accounts.api.router import Router
from alerts.api.forecasts import DraftSuggestionsView, ForecastSettingsView, ForecastViewSet, SuggestionsView

router = Router()
router.register("forecasts", ForecastViewSet, basename="forecast")

urlpatterns = [
    re_path(r"^forecasts/settings/?$", ForecastSettingsView.as_view(), name="forecast-settings"),
    path("", include(router.urls)),
    re_path(r"^suggestions/?$", SuggestionsView.as_view(), name="suggestions"),
    re_path(r"^suggestions/draft/?$", DraftSuggestionsView.as_view(), name="suggestions-draft"),
]
