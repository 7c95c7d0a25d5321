from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.models import StockSettings
from inventory.stocksettings import edit_settings, settings_of
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


def test_defaults_need_no_row(manager: Actor) -> None:
    settings = settings_of(manager.account)
    assert (settings.pk, settings.open_pallets, settings.alert_days) == (None, False, [60, 30, 14, 7])
    assert (settings.stop_rows, settings.stop_percent, settings.stop_quantity) == (10, 10, 1000)


def test_changes_are_kept_and_audited(manager: Actor) -> None:
    edit_settings(manager, alert_days=[7, 90, 7], stop_quantity=Decimal("2.5"), open_pallets=True)
    edit_settings(manager, alert_days=[90, 7])
    settings = settings_of(manager.account)
    assert (settings.alert_days, settings.stop_quantity, settings.open_pallets) == ([90, 7], Decimal("2.5"), True)
    assert StockSettings.objects.count() == 1
    entry = AuditLog.objects.get(entity="StockSettings")
    assert (entry.before["alert_days"], entry.after["alert_days"], entry.after["stop_quantity"]) == ([60, 30, 14, 7], [90, 7], "2.5")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("alert_days", value) for value in ([], [0], [3651], [1.5], ["7"], [True], "60", None, 7, list(range(1, 12)))),
        *(("stop_percent", value) for value in (-1, 101, "many", None)),
        ("stop_rows", -1),
        ("stop_rows", 1_000_001),
        ("stop_quantity", -1),
        ("stop_quantity", Decimal("NaN")),
        ("stop_quantity", Decimal("0.0001")),
        ("warn_days", 3651),
        ("offender_times", 1),
        ("offender_days", 0),
        ("same_lot", "maybe"),
        ("expiry_ends", ""),
        ("account", 2),
        ("id", 2),
    ],
)
def test_wrong_value_is_refused_at_its_setting(manager: Actor, field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        edit_settings(manager, **{field: value})
    assert list(caught.value.message_dict) == [field]
    assert not StockSettings.objects.exists()


def test_ten_alerts_are_possible(manager: Actor) -> None:
    assert len(edit_settings(manager, alert_days=list(range(1, 11))).alert_days) == 10


def test_roles_and_accounts(manager: Actor) -> None:
    with pytest.raises(NotAllowed):
        edit_settings(make_actor(manager.account, Role.STAFF), warn_days=1)
    edit_settings(make_actor(make_account("8QX")), warn_days=1)
    assert settings_of(manager.account).warn_days == 30
