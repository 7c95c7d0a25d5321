from __future__ import annotations

from alerts.models.alert import LIVE, Alert, AlertState, Kind
from alerts.models.delivery import Delivery, DeliveryKind, DeliveryState
from alerts.models.forecast import Forecast, ForecastSettings, LeadFrom
from alerts.models.notice import Digest, Notice, Tell
from alerts.models.recipient import Mode, Subscriber, Webhook
from alerts.models.settings import AlertSettings

__all__ = [
    "LIVE",
    "Alert",
    "AlertSettings",
    "AlertState",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Digest",
    "Forecast",
    "ForecastSettings",
    "Kind",
    "LeadFrom",
    "Mode",
    "Notice",
    "Subscriber",
    "Tell",
    "Webhook",
]
