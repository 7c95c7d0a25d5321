"""Who may do what with alerts."""

from __future__ import annotations

ALERTS: dict[str, str] = {
    "GET /api/alerts": "alert.view",
    "GET /api/alerts/<pk>": "alert.view",
    "POST /api/alerts/acknowledge": "alert.acknowledge",
    "POST /api/alerts/<pk>/approve": "alert.approve",
    "POST /api/alerts/<pk>/dismiss": "alert.approve",
    "GET /api/deliveries": "delivery.view",
    "GET /api/deliveries/<pk>": "delivery.view",
    "POST /api/deliveries/<pk>/resend": "delivery.resend",
}
