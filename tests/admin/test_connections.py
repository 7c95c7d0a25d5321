"""The pages of connections: what is shown to whom, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AuditLog
from accounts.roles import Role
from sync import connections, systems
from sync.models import CallBudget, Connection, SyncRun
from sync.wire.verdict import Finding, Verdict
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account, make_actor
from tests.sync.connections.conftest import HTTP, URL

LIST = "/admin/sync/connection/"
ADD = "/admin/sync/connection/add/"
ADD_GE = f"{ADD}?system=ge"
NEW = {"name": "GE", "ge_transport": "http", "ge_org": "7QX", "ge_patient": "on", "base_url": URL}
NO_BUDGETS = {"budgets-TOTAL_FORMS": 0, "budgets-INITIAL_FORMS": 0}


@pytest.fixture
def owner(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.OWNER)


@pytest.fixture
def connection(account: Account) -> Connection:
    secrets = {"token": "first-value"}
    return connections.add(make_actor(account), system="ge", name="GE", base_url=URL, settings=HTTP, secrets=secrets)


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch) -> Callable[[Verdict], None]:
    def set_verdict(verdict: Verdict) -> None:
        monkeypatch.setitem(systems._registered, "ge", replace(systems.system("ge"), test=lambda _connection: verdict))

    return set_verdict


def its_page(row: Connection) -> str:
    return reverse("admin:sync_connection_change", args=[row.pk])


def button(row: Connection, name: str) -> str:
    return reverse(f"admin:sync_connection_{name}", args=[row.pk])


def test_connection_is_added_from_the_form_and_its_page_asks_for_a_test(owner: Client) -> None:
    answer = owner.post(ADD_GE, {**NEW, "ge_secret_token": "hunter2-value"}, follow=True)

    made = Connection.objects.get()
    assert (made.name, made.base_url, made.settings, dict(made.secrets)) == ("GE", URL, HTTP, {"token": "hunter2-value"})
    assert answer.redirect_chain == [(its_page(made), 302)]
    said = text_of(answer)
    assert "“GE” was added. Test it now: nothing has been called yet." in said
    assert "Token stored" in said
    assert "hunter2" not in answer.content.decode()


def test_mistakes_stand_at_their_fields_and_the_typed_secret_is_not_repeated(owner: Client) -> None:
    answer = owner.post(ADD_GE, {**NEW, "ge_org": "7QXX", "base_url": "nowhere", "ge_secret_token": "hunter2-value"})

    errors = answer.context["adminform"].form.errors
    assert errors["ge_org"] == ["The setting “org” must be the three letters or digits of the inventory organisation, for example 7QX."]
    assert errors["base_url"] == ["The address must start with http:// or https://. Write for example https://host.example/path."]
    assert "hunter2" not in answer.content.decode()
    assert not Connection.objects.exists()


def test_name_that_is_taken_is_said_once(owner: Client, connection: Connection) -> None:
    answer = owner.post(ADD_GE, NEW)

    assert dict(answer.context["adminform"].form.errors) == {"name": ["There is a connection “GE” already. Choose another name."]}


def test_edit_keeps_the_secret_that_was_left_empty(owner: Client, connection: Connection) -> None:
    form = {**NEW, **NO_BUDGETS, "name": "GE north", "ge_shrink_rows": "40", "warehouse": connection.warehouse_id, "enabled": "on"}

    owner.post(its_page(connection), form)

    connection.refresh_from_db()
    assert (connection.name, connection.settings, dict(connection.secrets)) == (
        "GE north",
        {**HTTP, "shrink_rows": 40},
        {"token": "first-value"},
    )
    assert AuditLog.objects.get(action="CHANGE").after == {"name": "GE north", "settings": {"shrink_rows": 40}}


def test_secret_is_taken_away_by_its_tick(owner: Client, connection: Connection) -> None:
    form = {**NEW, **NO_BUDGETS, "warehouse": connection.warehouse_id, "enabled": "on", "ge_forget_token": "on"}

    owner.post(its_page(connection), form)

    connection.refresh_from_db()
    assert connection.secrets.names() == []


def test_stored_secret_is_nowhere_on_the_page(owner: Client, connection: Connection) -> None:
    answer = owner.get(its_page(connection))

    assert "One is stored; leave this empty to keep it." in text_of(answer)
    assert "first-value" not in answer.content.decode()


def budget_form(row: Connection, **values: object) -> dict[str, object]:
    form = {"name": "minute", "limit": 30, "window_seconds": 60, "reserved": 10, "connection": row.pk, **values}
    management = {"budgets-TOTAL_FORMS": 1, "budgets-INITIAL_FORMS": 1 if "id" in values else 0}
    budget = {f"budgets-0-{field}": value for field, value in form.items()}
    return {**NEW, **management, **budget, "warehouse": row.warehouse_id, "enabled": "on"}


def test_calls_that_are_spent_while_a_budget_is_saved_stay_spent(owner: Client, connection: Connection) -> None:
    mine = {"account": connection.account, "connection": connection}
    budget = CallBudget.objects.create(**mine, name="minute", window_seconds=60, limit=30, reserved=10)

    def spend(**_: object) -> None:
        CallBudget.objects.update(spent=[[1, 1]], version=7)

    pre_save.connect(spend, sender=CallBudget)
    try:
        owner.post(its_page(connection), budget_form(connection, id=budget.pk, limit=40))
    finally:
        pre_save.disconnect(spend, sender=CallBudget)

    budget.refresh_from_db()
    assert (budget.limit, budget.spent, budget.version) == (40, [[1, 1]], 7)
    assert AuditLog.objects.get(entity="CallBudget").after == {"limit": 40}


def test_budget_is_set_on_the_page_and_audited(owner: Client, connection: Connection) -> None:
    owner.post(its_page(connection), budget_form(connection))

    made = CallBudget.objects.get()
    assert (made.account_id, made.limit) == (connection.account_id, 30)
    assert AuditLog.objects.filter(entity="CallBudget", action="ADD").exists()
    assert "minute 0 of 30 in 60 s 20 10 at once" in page(owner, its_page(connection))


def test_good_test_says_so(staff: Client, connection: Connection, finds: Callable[[Verdict], None]) -> None:
    finds(Verdict(Finding.OK, "GE answers; the load history of 7QX has 44 loads."))

    said = text_of(staff.post(button(connection, "test"), follow=True))

    assert "“GE” works. GE answers; the load history of 7QX has 44 loads." in said
    assert "Ready" in said


@pytest.mark.parametrize("finding", [finding for finding in Finding if finding is not Finding.OK])
def test_bad_test_says_which_kind(staff: Client, connection: Connection, finds: Callable[[Verdict], None], finding: Finding) -> None:
    finds(Verdict(finding, "This was found.", "Do that."))

    said = text_of(staff.post(button(connection, "test"), follow=True))

    assert f"Test of “GE”: {finding}. This was found. Do that." in said
    assert "Test failed" in said


def test_pause_and_resume(manager: Client, connection: Connection) -> None:
    paused = text_of(manager.post(button(connection, "pause"), follow=True))
    assert "“GE” is paused: nothing is read or sent until somebody resumes it." in paused
    assert "Resume" in paused

    assert "“GE” is used again." in text_of(manager.post(button(connection, "resume"), follow=True))


@pytest.mark.parametrize(("name", "least"), [("test", Role.STAFF), ("pause", Role.MANAGER), ("resume", Role.MANAGER)])
def test_button_is_for_its_role_and_those_above(
    browser_as: Callable[[Role], Client], connection: Connection, finds: Callable[[Verdict], None], name: str, least: Role
) -> None:
    finds(Verdict(Finding.OK, "Fine."))
    answers = {role: browser_as(role).post(button(connection, name)).status_code for role in Role}

    assert answers == {role: 403 if list(Role).index(role) < list(Role).index(least) else 302 for role in Role}


@pytest.mark.parametrize("name", ["test", "pause", "resume"])
def test_button_does_nothing_by_a_link(owner: Client, connection: Connection, name: str) -> None:
    assert owner.get(button(connection, name)).status_code == 405


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.MANAGER])
def test_only_owners_get_the_form(browser_as: Callable[[Role], Client], connection: Connection, role: Role) -> None:
    browser = browser_as(role)

    assert "ge_org" not in browser.get(its_page(connection)).content.decode()
    assert browser.post(its_page(connection), NEW).status_code == 403
    assert browser.get(ADD).status_code == 403
    assert browser.post(f"{LIST}{connection.pk}/delete/", {"post": "yes"}).status_code == 403


def test_viewer_reads_settings_and_state_and_has_no_buttons(viewer: Client, connection: Connection) -> None:
    said = page(viewer, its_page(connection))

    assert "Organisation 7QX" in said
    assert "A total row is promised off" in said
    assert "Token stored" in said
    assert not any(word in said for word in ("Test connection", "Pause", "Cookies", "first-value"))


def test_connection_of_another_account_is_not_there(owner: Client) -> None:
    foreign = connections.add(make_actor(make_account("Elsewhere")), system="ge", name="Foreign", settings={"org": "8QX"})

    assert "Foreign" not in page(owner, LIST)
    assert owner.get(its_page(foreign)).status_code == 404
    assert owner.post(its_page(foreign), NEW).status_code == 404
    for name in ("test", "pause", "resume"):
        assert owner.post(button(foreign, name)).status_code == 404
    foreign.refresh_from_db()
    assert (foreign.name, foreign.paused_at, foreign.tested_at) == ("Foreign", None, None)


def test_unused_connection_is_deleted_after_a_question(owner: Client, connection: Connection) -> None:
    assert "GE, with its schedules, call budgets and uploaded files" in page(owner, f"{LIST}{connection.pk}/delete/")

    owner.post(f"{LIST}{connection.pk}/delete/", {"post": "yes"})

    assert not Connection.objects.exists()
    assert AuditLog.objects.filter(entity="Connection", action="DELETE").count() == 1


def test_connection_with_runs_is_not_deleted_and_says_why(owner: Client, connection: Connection) -> None:
    SyncRun.objects.create(account=connection.account, connection=connection, dataset="stock", scope="inventory", trigger="button")

    asked = owner.get(f"{LIST}{connection.pk}/delete/", follow=True)
    insisted = owner.post(f"{LIST}{connection.pk}/delete/", {"post": "yes"}, follow=True)

    for answer in (asked, insisted):
        assert "“GE” has 1 run, whose history would be lost with it. Switch it off instead" in text_of(answer)
    assert Connection.objects.exists()


def test_unreadable_credentials_are_said_and_can_be_entered_again(
    owner: Client, connection: Connection, settings: pytest.FixtureRequest
) -> None:
    settings.FIELD_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="]  # type: ignore[attr-defined]
    said = page(owner, its_page(connection))
    assert "Credentials unreadable" in said
    assert "What is stored can't be read with the present FIELD_KEYS: enter it again." in said

    form = {**NEW, **NO_BUDGETS, "warehouse": connection.warehouse_id, "enabled": "on", "ge_secret_token": "second-value"}
    owner.post(its_page(connection), form)

    connection.refresh_from_db()
    assert dict(connection.secrets) == {"token": "second-value"}


def test_list_takes_as_many_statements_for_ten_as_for_one(owner: Client, account: Account, connection: Connection) -> None:
    one = queries_of(owner, LIST)
    for number in range(9):
        connections.add(make_actor(account), system="ge", name=f"GE {number}", settings={"org": "7QX"})

    assert queries_of(owner, LIST) == one


def test_of_several_systems_one_is_chosen_first(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(systems._registered, "other", replace(systems.system("ge"), key="other", label="Other system"))

    systems_there = "GE Appliances Finale Inventory Odoo Till (SQL Server) BrickLink Brick Owl Other system"
    assert f"What is to be connected? {systems_there}" in page(owner, ADD)
    owner.post(f"{ADD}?system=other", {"name": "Second", "other_transport": "upload", "other_org": "7QX"})
    assert Connection.objects.get().system == "other"
    assert owner.get(f"{ADD}?system=fax").status_code == 404
