"""One row of everything that alerts leave behind, for tests that go through all addresses."""

from __future__ import annotations

from accounts.models import Account
from alerts.models import Alert, Delivery, Subscriber, Webhook
from alerts.webhooks import SECRET
from sync.secrets import Secrets
from tests.api.build import NOON

MARK = "QTX-ALERT-777"


def make_alert_rows(account: Account) -> dict[str, int]:
    """An alert and a mail that told of it, by the beginnings of their addresses."""
    alert = Alert.objects.create(account=account, kind="sync_failed", subject=MARK, title=MARK, opened_at=NOON, seen_at=NOON)
    person = Subscriber.objects.create(account=account, email=f"{MARK}@example.com")
    delivery = Delivery.objects.create(account=account, kind="digest", subscriber=person, to=person.email, subject=MARK, state="failed")
    hook = Webhook.objects.create(account=account, name=MARK, url="https://hooks.example/levels", secrets=Secrets({SECRET: "whsec_x"}))
    return {"/api/alerts/": alert.pk, "/api/deliveries/": delivery.pk, "/api/subscribers/": person.pk, "/api/webhooks/": hook.pk}
