"""manage.py connection add --from-env: a connection out of the variables that its system names."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.acting import Actor
from sync import systems
from sync.environment import NothingInEnvironment, given
from sync.models import Connection
from sync.sources.ge.system import SYSTEM as GE
from sync.sources.odoo.system import SYSTEM as ODOO
from sync.sources.pos.system import SYSTEM as POS

VARIABLES = {
    "ODOO_URL": "https://erp.example.com",
    "ODOO_DB": "freshmart",
    "ODOO_USERNAME": "sync@example.com",
    "ODOO_PASSWORD": "first-password",
}


@pytest.fixture(autouse=True)
def _odoo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(systems._registered, "odoo", ODOO)
    for name in {*ODOO.environment, *POS.environment}:
        monkeypatch.delenv(name, raising=False)


def add(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connection", "add", *arguments, "--account", "7qx", stdout=out)
    return out.getvalue()


def test_first_of_several_variables_for_one_thing_counts_and_blank_ones_say_nothing() -> None:
    found = given(ODOO, {**VARIABLES, "ODOO_API_KEY": "key-of-seven", "ODOO_DATABASE": "other", "ODOO_COMPANY_ID": " "})
    assert found.base_url == "https://erp.example.com"
    assert found.settings == {"database": "freshmart", "login": "sync@example.com"}
    assert found.secrets == {"key": "key-of-seven"}
    assert found.variables == ("ODOO_URL", "ODOO_DB", "ODOO_USERNAME", "ODOO_API_KEY")
    assert "key-of-seven" not in repr(found)


def test_till_is_told_by_the_variables_of_a_database() -> None:
    found = given(POS, {"DB_SERVER": "10.0.0.5", "DB_PORT": "1433", "DB_DATABASE": "Shop", "DB_USER": "reader", "DB_PASSWORD": "pass-word"})
    assert (found.base_url, found.settings) == (None, {"host": "10.0.0.5", "port": "1433", "database": "Shop"})
    assert found.secrets == {"user": "reader", "password": "pass-word"}


@pytest.mark.parametrize("system", [ODOO, POS])
def test_variables_stand_for_what_the_system_has(system: systems.System) -> None:
    known = {"url", *(f"settings.{each.name}" for each in system.settings), *(f"secrets.{each.name}" for each in system.secrets)}
    assert set(system.environment.values()) <= known


def test_nothing_in_the_environment_is_said() -> None:
    with pytest.raises(NothingInEnvironment, match=r"tells of a connection to Odoo\. It knows: ODOO_URL, ODOO_DB"):
        given(ODOO, {"PATH": "/bin", "ODOO_URL": ""})
    with pytest.raises(NothingInEnvironment, match="It knows none"):
        given(GE, dict(VARIABLES))


def test_connection_is_made_and_brought_up_to_date_from_the_environment(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    said = add("odoo", "--name", "Odoo", "--from-env", "--set", "page_rows=300", "--set", "database=given")
    made = Connection.objects.get()
    assert (made.base_url, dict(made.secrets)) == ("https://erp.example.com", {"key": "first-password"})
    assert made.settings == {"database": "given", "login": "sync@example.com", "page_rows": 300}
    assert "ODOO_URL, ODOO_DB, ODOO_USERNAME, ODOO_PASSWORD" in said
    assert "first-password" not in said
    monkeypatch.setenv("ODOO_API_KEY", "newer-key")
    add("odoo", "--name", "Odoo", "--from-env", "--if-missing")
    made.refresh_from_db()
    assert (dict(made.secrets), made.settings["database"]) == ({"key": "newer-key"}, "freshmart")


def test_mistake_in_a_variable_names_the_setting_and_no_value_of_a_secret(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**VARIABLES, "ODOO_DB": "no such/name"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CommandError, match="“database” must be the database's name") as caught:
        add("odoo", "--name", "Odoo", "--from-env")
    assert "first-password" not in str(caught.value)
