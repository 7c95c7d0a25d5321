"""Rows of alerts in the audit log lead to their pages."""

from __future__ import annotations

from accounts.admin.auditwords import PAGES
from alerts.models import Alert, Delivery, Subscriber, Webhook

PAGES.update({model.__name__: f"alerts_{model._meta.model_name}_change" for model in (Alert, Delivery, Subscriber, Webhook)})
