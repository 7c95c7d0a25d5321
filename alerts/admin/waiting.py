"""What of alerts needs somebody, for the first screen."""

from __future__ import annotations

from django.db.models import Q

from alerts.admin.deliveries import NEEDED
from alerts.models import Alert, AlertState, Delivery, Kind, Subscriber
from alerts.raising import REVIEW
from inventory.admin.waiting import Matter, also

MATTERS: tuple[Matter, ...] = (
    Matter(
        "Held back",
        lambda account: Alert.objects.filter(account=account, kind=Kind.MASS_CHANGE, subject=REVIEW, state=AlertState.OPEN),
        "alerts_alert_changelist",
        f"?kind__exact={Kind.MASS_CHANGE.value}",
        "danger",
        "front_hand",
        "Unusually many products became critical at once (%d review): nobody is told before somebody has looked.",
        "Unusually many products became critical at once (%d reviews): nobody is told before somebody has looked.",
        "Look at it",
    ),
    Matter(
        "Alerts nobody has seen",
        lambda account: Alert.objects.filter(account=account, state=AlertState.OPEN, acknowledged_at__isnull=True),
        "alerts_alert_changelist",
        "?state=new",
    ),
    Matter(
        "Mail not arrived",
        lambda account: Delivery.objects.filter(NEEDED, account=account).distinct(),
        "alerts_delivery_changelist",
        "?state=trouble",
        "warning",
        "unsubscribe",
        "%d mail or request did not arrive.",
        "%d mails or requests did not arrive.",
        "See why",
    ),
    Matter(
        "Addresses refused",
        lambda account: Subscriber.objects.filter(Q(bounced_at__isnull=False), account=account, active=True),
        "alerts_subscriber_changelist",
        "?state=bounced",
        "warning",
        "alternate_email",
        "%d address for alerts refuses mail: nothing is sent there.",
        "%d addresses for alerts refuse mail: nothing is sent there.",
        "Correct it",
    ),
)

also(
    "Alerts", MATTERS, lambda account: Alert.objects.filter(account=account).exists() or Subscriber.objects.filter(account=account).exists()
)
