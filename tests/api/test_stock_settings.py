from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from inventory.models import StockSettings

pytestmark = pytest.mark.django_db

ADDRESS = "/api/stock/settings"


def test_defaults_are_shown_without_a_row(viewer: APIClient) -> None:
    assert viewer.get(ADDRESS).json() == {
        "open_pallets": False,
        "same_lot": "warn",
        "expiry_ends": "end",
        "alert_days": [60, 30, 14, 7],
        "warn_days": 30,
        "stop_rows": 10,
        "stop_percent": 10,
        "stop_quantity": 1000,
        "offender_times": 3,
        "offender_days": 7,
    }
    assert not StockSettings.objects.exists()


def test_manager_changes_what_is_given(manager: APIClient) -> None:
    body = manager.patch(f"{ADDRESS}/", {"alert_days": [7, 90], "stop_quantity": 2.5}, format="json").json()
    assert (body["alert_days"], body["stop_quantity"], body["warn_days"]) == ([90, 7], 2.5, 30)
    assert manager.get(ADDRESS).json() == body


@pytest.mark.parametrize(
    "body",
    [
        *({"alert_days": value} for value in ([], [0], [3651], ["x"], 7, list(range(1, 12)))),
        {"stop_percent": 101},
        {"stop_quantity": -1},
        {"offender_times": 1},
        {"same_lot": "maybe"},
    ],
)
def test_wrong_value_is_refused_at_its_setting(manager: APIClient, body: dict[str, Any]) -> None:
    answer = manager.patch(ADDRESS, body, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(body))
    assert not StockSettings.objects.exists()
