from __future__ import annotations

from django.contrib import admin

from alerts.admin import auditing, ordering, supplywaiting, waiting
from alerts.admin.alerts import AlertAdmin
from alerts.admin.critical import SupplyAdmin
from alerts.admin.deliveries import DeliveryAdmin
from alerts.admin.forecasts import ForecastAdmin, ForecastSettingsAdmin
from alerts.admin.settings import AlertSettingsAdmin
from alerts.admin.subscribers import SubscriberAdmin
from alerts.admin.webhooks import WebhookAdmin
from alerts.models import Alert, AlertSettings, Delivery, Forecast, ForecastSettings, Subscriber, Webhook
from inventory.models import Supply

__all__ = ["auditing", "ordering", "supplywaiting", "waiting"]

admin.site.register(Supply, SupplyAdmin)
admin.site.register(Alert, AlertAdmin)
admin.site.register(AlertSettings, AlertSettingsAdmin)
admin.site.register(Delivery, DeliveryAdmin)
admin.site.register(Forecast, ForecastAdmin)
admin.site.register(ForecastSettings, ForecastSettingsAdmin)
admin.site.register(Subscriber, SubscriberAdmin)
admin.site.register(Webhook, WebhookAdmin)
