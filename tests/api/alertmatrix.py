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
    "GET /api/subscribers": "alert.view",
    "GET /api/subscribers/<pk>": "alert.view",
    "POST /api/subscribers": "subscription.edit",
    # Of somebody else; everybody's own is theirs.
    "PATCH /api/subscribers/<pk>": "alert_settings.edit",
    "DELETE /api/subscribers/<pk>": "alert_settings.edit",
    "POST /api/subscribers/<pk>/test": "alert_settings.edit",
    "GET /api/webhooks": "alert_settings.view",
    "GET /api/webhooks/<pk>": "alert_settings.view",
    "POST /api/webhooks": "webhook.edit",
    "PATCH /api/webhooks/<pk>": "webhook.edit",
    "DELETE /api/webhooks/<pk>": "webhook.edit",
    "POST /api/webhooks/<pk>/renew-secret": "webhook.edit",
    "POST /api/webhooks/<pk>/test": "webhook.edit",
    "GET /api/alert-settings": "alert_settings.view",
    "PATCH /api/alert-settings": "alert_settings.edit",
}
