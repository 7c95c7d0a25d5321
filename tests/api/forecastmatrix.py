"""Who may do what at the addresses of forecasts and suggestions."""

from __future__ import annotations

FORECASTS: dict[str, str] = {
    "GET /api/forecasts": "forecast.view",
    "GET /api/forecasts/<product>": "forecast.view",
    "POST /api/forecasts/run": "forecast.start",
    "GET /api/forecasts/settings": "forecast.view",
    "PATCH /api/forecasts/settings": "forecast.edit",
    "GET /api/suggestions": "forecast.view",
    "POST /api/suggestions/draft": "purchase_order.add",
}
