"""A till as a system: what may be set, and what a test of its connection says."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from accounts.models import Account
from sandbox.till.world import Till
from sync import systems
from sync.configuration import Mistakes, checked_settings
from sync.environment import given
from sync.models import Connection
from sync.sources.pos import probing
from sync.sources.pos.options import SettingsIncomplete, options_of
from sync.sources.pos.system import SYSTEM, host_of
from sync.wire.verdict import Finding
from tests.sync.pos.build import make_connection
from tests.sync.pos.tds import Listener
from tests.sync.pos.tds import till as answering
from tests.sync.pos.test_tds import secrets


@pytest.mark.parametrize("text", ["till.example.com", "192.168.10.5", "till-1", "fd00::5", "T"])
def test_machine_is_a_name_or_an_address(text: str) -> None:
    assert host_of(f" {text} ") == text


@pytest.mark.parametrize(
    "text", ["", "till\\SQLEXPRESS", "till:1433", "http://till", "till,1433", "a b", "till/db", "sa@till", "-till", "t" * 300]
)
def test_machine_is_not_an_instance_an_address_with_a_port_or_a_url(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        host_of(text)


def test_till_has_its_schedules_and_follows_no_warehouse(db: None) -> None:
    assert systems.system("pos") is SYSTEM
    specs = {spec.arguments["scope"]: spec.cron for spec in SYSTEM.schedules(Connection(pk=7, name="Till"))}
    assert specs == {"today": "*/5 * * * *", "sales": "0 1 * * *", "sales-returns": "15 1 * * *", "branches": "45 0 * * *"}
    assert (SYSTEM.warehouse_mode, SYSTEM.tells_stock, SYSTEM.unmapped_place) == (None, False, "unmapped_branch")
    # Each of these runs beside the others, or what one has found would be settled by another.
    assert len({SYSTEM.dataset_of(scope) for scope in SYSTEM.scopes}) == 4


def test_variables_of_other_programs_tell_of_a_till() -> None:
    told = given(SYSTEM, {"DB_SERVER": "till.example", "DB_DATABASE": "Shop", "DB_PORT": "1444", "DB_USER": "reader", "DB_PASSWORD": "x"})
    assert told.settings == {"host": "till.example", "database": "Shop", "port": "1444"}
    assert dict(told.secrets) == {"user": "reader", "password": "x"}


def test_setting_that_is_missing_is_named_only_where_it_is_needed(account: Account) -> None:
    with pytest.raises(Mistakes) as told:
        checked_settings(SYSTEM, {"dialect": "sqlserver"}, account)
    assert set(told.value.by_name) == {"host", "database"}
    with pytest.raises(Mistakes) as told:
        checked_settings(SYSTEM, {"dialect": "sqlite", "time_zone": "Mars/Olympus", "start": "31.1.2026"}, account)
    assert set(told.value.by_name) == {"file", "time_zone", "start"}


def test_settings_of_an_account_without_a_till_s_file_are_incomplete(account: Account) -> None:
    broken = Connection.objects.create(account=account, system="pos", name="Till", settings={"dialect": "sqlite"})
    with pytest.raises(SettingsIncomplete, match="“File” of “Till” is missing"):
        options_of(broken)
    assert probing.test(broken).finding == Finding.WRONG_ACCOUNT


def test_test_of_a_till_tells_its_day_and_what_it_has(connection: Connection, till: Till) -> None:
    found = probing.test(connection)
    assert (found.finding, found.sentence) == (
        Finding.OK,
        "The till answers; it is 20 May 2026 there. Its sales and sales returns can be read.",
    )
    till.rename("trDateTime", "Recorded")
    assert "typed in late" in probing.test(connection).hint
    till.rename("Quantity", "Qty")
    assert (probing.test(connection).finding, "“Quantity”" in probing.test(connection).sentence) == (Finding.NOT_WHAT_IT_CLAIMS, True)


def test_test_of_a_till_that_cannot_be_read_says_why(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    missing = make_connection(account, tmp_path / "missing.sqlite3")
    assert probing.test(missing).finding == Finding.WRONG_ACCOUNT
    outside = Connection(account=account, name="Other", system="pos", settings={"dialect": "sqlite", "file": "../x"})
    assert probing.test(outside).finding == Finding.UNREACHABLE


def test_server_is_tested_by_its_login_its_day_and_its_tables(account: Account) -> None:
    with Listener(answering()) as server:
        asked = {"host": "127.0.0.1", "port": server.port, "database": "till-database", "encryption": "insecure"}
        made = Connection(account=account, name="Till", system="pos", settings=asked)
        assert probing.test(made).finding == Finding.BAD_SECRET
        made.secrets = secrets()
        found = probing.test(made)
    assert (found.finding, found.hint.endswith("The line is not encrypted.")) == (Finding.OK, True)


def test_server_at_an_address_that_is_not_allowed_is_not_called(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "ALLOWED_TARGETS", ())
    with Listener(answering()) as server:
        asked = {"host": "127.0.0.1", "port": server.port, "database": "x", "encryption": "insecure"}
        made = Connection(account=account, name="Till", system="pos", settings=asked)
        made.secrets = secrets()
        found = probing.test(made)
        assert server.callers == 0
    assert found.finding == Finding.UNREACHABLE
    assert "127.0.0.1" not in f"{found.sentence} {found.hint}"
