from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from jobs import lease
from tests.alerts.forecast.build import make_stocked, sell, stand
from tests.build import make_account
from tests.inventory.build import make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setattr(lease.Hold, "_beat", lambda self: None)
    account = make_account()
    place = make_warehouse(account)
    sell(make_stocked(account, place, "SOIL-25", 52), place, dict.fromkeys(range(2, 181, 2), 1))
    stand(account)
    return account


def forecast(*arguments: str) -> str:
    out = StringIO()
    call_command("forecast", *arguments, stdout=out)
    return out.getvalue()


def test_run_and_show(account: Account) -> None:
    assert forecast("run", "--account", account.slug) == "1 product looked at, 1 forecast changed.\n"
    shown = forecast("show", "soil-25", "--account", account.slug).splitlines()
    assert shown[0] == "SOIL-25 Product SOIL-25: sales of the last 30 and 90 days"
    assert shown[-1] == "  Quantity: 23 units. 0.5 a day × 45 days to cover = 22.5. Rounded up to whole units."
    (answer,) = json.loads(forecast("show", "SOIL-25", "--account", account.slug, "--json"))
    assert (answer["daily"], answer["days_left"], answer["quantity"]) == (0.5, 104, 23)


def test_what_has_no_forecast_is_said(account: Account) -> None:
    with pytest.raises(CommandError, match="There is no forecast of “NONE”") as caught:
        forecast("show", "NONE", "--account", account.slug)
    assert caught.value.returncode == 2


def test_backtest_prints_a_table_and_the_same_for_programs() -> None:
    lines = forecast("backtest", "--series", "1").splitlines()
    assert lines[0] == "| demand | method | MAE | RMSE | WAPE | MASE | filled | days short | stock days |"
    assert len(lines) == 2 + 10 * 3
    answer: list[dict[str, Any]] = json.loads(forecast("backtest", "--series", "1", "--json"))
    assert (answer[0]["kind"], answer[0]["method"], len(answer)) == ("smooth", "ours", 30)
