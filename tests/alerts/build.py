"""Rows for the tests of alerts, in plain lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts.models import Account
from alerts.models import AlertSettings, Subscriber, Webhook
from inventory.models import Product, Supply, SupplyLevel, SupplyState, Vendor
from sync.models import Connection, SyncRun, Trigger
from sync.secrets import Secrets
from sync.systems import SYSTEMS

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def make_settings(account: Account, **fields: Any) -> AlertSettings:
    return AlertSettings.objects.create(account=account, **fields)


def make_subscriber(account: Account, email: str = "mara@example.com", **fields: Any) -> Subscriber:
    return Subscriber.objects.create(account=account, email=email, **{"name": "Mara", **fields})


def make_webhook(account: Account, url: str, *, secret: str = "whsec-7qx", **fields: Any) -> Webhook:
    return Webhook.objects.create(account=account, url=url, secrets=Secrets({"signing": secret}), **{"name": "Till", **fields})


def make_supplies(account: Account, count: int, *, state: str = SupplyState.FINE, vendor: Vendor | None = None) -> list[Supply]:
    """`count` products QTX0001 … with their supply: 40 there, or as little as the state says; reorder point 20, order 50."""
    products = Product.objects.bulk_create(
        Product(account=account, sku=f"QTX{n:04}", sku_key=f"QTX{n:04}", name=f"Thing {n}", vendor=vendor) for n in range(1, count + 1)
    )
    left = {SupplyState.OUT: 0, SupplyState.BELOW: 12, SupplyState.SOON: 30, SupplyState.FINE: 40}[SupplyState(state)]
    return Supply.objects.bulk_create(
        Supply(
            account=account,
            product=product,
            available=left,
            on_hand=left,
            reorder_point=20,
            reorder_quantity=50,
            state=state,
            level=SupplyLevel.ADEQUATE,
            since=NOON,
            changed_at=NOON,
        )
        for product in products
    )


def become(supplies: list[Supply], state: str, available: int) -> None:
    Supply.objects.filter(pk__in=[each.pk for each in supplies]).update(state=state, available=available)


def make_run(connection: Connection, status: str, **fields: Any) -> SyncRun:
    values = {"dataset": SYSTEMS["ge"].dataset, "scope": "inventory", "trigger": Trigger.API, **fields}
    return SyncRun.objects.create(account=connection.account, connection=connection, status=status, **values)


def make_connection(account: Account, name: str = "GE", **fields: Any) -> Connection:
    return Connection.objects.create(account=account, system="ge", name=name, **fields)
