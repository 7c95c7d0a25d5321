from __future__ import annotations

import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.acting import Actor
from accounts.audit import record
from accounts.models import Account, ApiToken, AuditLog, Maintenance, Member, User
from accounts.roles import Role
from tests.accounts.conftest import browser_of
from tests.build import PASSWORD, make_actor, make_member, make_operator, make_token

pytestmark = pytest.mark.django_db


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def operator(mara: Member) -> Client:
    browser = Client()
    browser.force_login(make_operator())
    return browser


# Accounts


def test_an_owner_changes_their_own_account(browser: Client, mara: Member) -> None:
    address = f"/admin/accounts/account/{mara.account.pk}/change/"
    browser.post(address, {"name": "7QX North", "time_zone": "Europe/Berlin"})
    account = Account.objects.get()
    assert (account.name, account.slug, account.time_zone) == ("7QX North", "7qx", "Europe/Berlin")
    row = AuditLog.objects.get()
    assert (row.before, row.after) == ({"name": "7QX", "time_zone": "UTC"}, {"name": "7QX North", "time_zone": "Europe/Berlin"})


def test_a_time_zone_that_does_not_exist_is_refused(browser: Client, mara: Member) -> None:
    response = browser.post(f"/admin/accounts/account/{mara.account.pk}/change/", {"name": "7QX", "time_zone": "Mars/Base"})
    assert "“Mars/Base” is not a time zone" in response.content.decode()


def test_another_s_account_is_not_there(browser: Client, stranger: Member) -> None:
    assert "Other" not in page(browser, "/admin/accounts/account/")
    assert browser.get(f"/admin/accounts/account/{stranger.account.pk}/change/").status_code == 404
    assert browser.get("/admin/accounts/account/add/").status_code == 403


def test_the_operator_s_change_is_in_the_log_of_the_changed_account(operator: Client, stranger: Member) -> None:
    operator.post(f"/admin/accounts/account/{stranger.account.pk}/change/", {"name": "Another", "time_zone": "UTC"})
    assert AuditLog.objects.get().account == stranger.account


# Members


def test_an_owner_adds_a_member_with_a_first_password(browser: Client, mara: Member) -> None:
    form = {"username": "nils", "email": "", "password": "a-long-password-77", "role": "staff"}
    response = browser.post("/admin/accounts/member/add/", form)
    assert response.status_code == 302
    nils = Member.objects.get(user__username="nils")
    assert (nils.account, nils.role) == (mara.account, Role.STAFF)
    assert Client().login(username="nils", password="a-long-password-77")
    assert AuditLog.objects.get().action == "ADD"


def test_a_weak_password_is_refused_at_its_field(browser: Client) -> None:
    response = browser.post("/admin/accounts/member/add/", {"username": "nils", "password": "short", "role": "staff"})
    assert "This password is too short" in response.content.decode()
    assert not User.objects.filter(username="nils").exists()


def test_an_owner_changes_a_role(browser: Client, mara: Member) -> None:
    nils = make_member(mara.account, Role.STAFF, "nils")
    browser.post(f"/admin/accounts/member/{nils.pk}/change/", {"role": "manager", "active": "on"})
    nils.refresh_from_db()
    assert nils.role == Role.MANAGER
    assert AuditLog.objects.count() == 1


def test_the_last_owner_stays_and_the_page_says_why(browser: Client, mara: Member) -> None:
    address = f"/admin/accounts/member/{mara.pk}/change/"
    response = browser.post(address, {"role": "viewer", "active": "on"}, follow=True)
    assert "last active owner" in response.content.decode()
    mara.refresh_from_db()
    assert mara.role == Role.OWNER


def test_members_can_not_be_deleted(browser: Client, mara: Member) -> None:
    assert browser.get(f"/admin/accounts/member/{mara.pk}/delete/").status_code == 403


# Users


def test_everybody_has_their_own_profile_only(browser: Client, mara: Member, stranger: Member) -> None:
    assert "stranger" not in page(browser, "/admin/accounts/user/")
    assert browser.get(f"/admin/accounts/user/{stranger.user.pk}/change/").status_code == 302
    form = {"username": "root", "first_name": "Mara", "last_name": "Q", "email": "mara@example.com", "is_superuser": "on"}
    browser.post(f"/admin/accounts/user/{mara.user.pk}/change/", form)
    user = User.objects.get(pk=mara.user.pk)
    assert (user.username, user.first_name, user.is_superuser) == ("mara", "Mara", False)


def test_nobody_sets_a_password_without_the_old_one(browser: Client, mara: Member, stranger: Member) -> None:
    new = {"password1": "a-long-password-77", "password2": "a-long-password-77", "usable_password": "true"}
    for user in (mara.user, stranger.user):
        response = browser.post(f"/admin/accounts/user/{user.pk}/password/", new)
        assert response.headers["Location"] == "/admin/password_change/"
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


def test_the_operator_sets_a_password_and_the_log_does_not_have_it(operator: Client, mara: Member) -> None:
    new = {"password1": "a-long-password-77", "password2": "a-long-password-77", "usable_password": "true"}
    operator.post(f"/admin/accounts/user/{mara.user.pk}/password/", new)
    mara.user.refresh_from_db()
    assert mara.user.check_password("a-long-password-77")
    row = AuditLog.objects.get()
    assert (row.action, row.before, row.after) == ("PASSWORD", None, None)


def test_the_operator_adds_and_switches_off_users(operator: Client, mara: Member) -> None:
    operator.post("/admin/accounts/user/add/", {"username": "nils", "password1": "a-long-password-77", "password2": "a-long-password-77"})
    nils = User.objects.get(username="nils")
    operator.post(f"/admin/accounts/user/{nils.pk}/change/", {"username": "nils", "date_joined_0": "2026-01-01", "date_joined_1": "00:00"})
    nils.refresh_from_db()
    assert not nils.is_active
    assert "password" not in str(list(AuditLog.objects.values_list("before", "after")))


# Tokens


def test_a_new_token_is_shown_once(browser: Client, mara: Member) -> None:
    form = {"name": "till", "member": mara.pk, "scopes": ["unit.view"]}
    response = browser.post("/admin/accounts/apitoken/add/", form)
    found = re.search(r'<code id="token-text"[^>]*>(lvs_[\w-]+)</code>', response.content.decode())
    assert found
    assert "no-store" in response.headers["Cache-Control"]
    token = ApiToken.objects.get()
    assert token.scopes == ["unit.view"]
    assert found[1] not in page(browser, f"/admin/accounts/apitoken/{token.pk}/change/")
    assert found[1] not in page(browser, "/admin/accounts/apitoken/")
    assert Client().get("/api/me", HTTP_AUTHORIZATION=f"Token {found[1]}").status_code == 200


def test_a_token_for_another_account_s_member_is_refused(browser: Client, stranger: Member) -> None:
    response = browser.post("/admin/accounts/apitoken/add/", {"name": "till", "member": stranger.pk})
    assert "not one of the available choices" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_revoking_selected_tokens(browser: Client, mara: Member, stranger: Member) -> None:
    mine, theirs = make_token(mara), make_token(stranger)
    chosen = list(ApiToken.objects.values_list("pk", flat=True))
    response = browser.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": chosen}, follow=True)
    assert "are refused from now on" in response.content.decode()
    assert Client().get("/api/me", HTTP_AUTHORIZATION=f"Token {mine}").status_code == 401
    assert Client().get("/api/me", HTTP_AUTHORIZATION=f"Token {theirs}").status_code == 200


# The audit log


def test_the_log_is_read_only_for_every_role(operator: Client, browser: Client, mara: Member) -> None:
    row = record(make_actor(mara.account), entity="Unit", entity_id=1, action="ADD", after={"serial": "ZZ1"})
    for client in (operator, browser):
        assert "ZZ1" in page(client, f"/admin/accounts/auditlog/{row.pk}/change/")
        assert client.get("/admin/accounts/auditlog/add/").status_code == 403
        assert client.get(f"/admin/accounts/auditlog/{row.pk}/delete/").status_code == 403
        assert client.post(f"/admin/accounts/auditlog/{row.pk}/change/", {"cause": "x"}).status_code == 403


def test_another_account_s_log_is_not_there(browser: Client, stranger: Member) -> None:
    row = record(make_actor(stranger.account), entity="Secretive", entity_id=1, action="ADD")
    assert "Secretive" not in page(browser, "/admin/accounts/auditlog/")
    assert browser.get(f"/admin/accounts/auditlog/{row.pk}/change/").status_code == 404
    assert "stranger" not in page(browser, f"/admin/accounts/auditlog/?actor__id__exact={stranger.user.pk}")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("entity=Unit", {"one", "two"}),
        ("entity=Load", {"three"}),
        ("action=add", {"one"}),
        ("q=7", {"one", "three"}),
        ("q=0b9d7a3e-2c41-4f5e-9f53-0c3c6c1f7a11", {"two"}),
    ],
)
def test_filters_and_search(browser: Client, mara: Member, query: str, found: set[str]) -> None:
    system = Actor.system(mara.account, "worker")
    record(system, entity="Unit", entity_id=7, action="ADD", cause="cause-one")
    together = "0b9d7a3e-2c41-4f5e-9f53-0c3c6c1f7a11"
    record(system, entity="Unit", entity_id=8, action="CHANGE", cause="cause-two", correlation=together)  # type: ignore[arg-type]
    record(system, entity="Load", entity_id=7, action="CHANGE", cause="cause-three")
    assert set(re.findall(r"cause-(\w+)", page(browser, f"/admin/accounts/auditlog/?{query}"))) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("created_at_from_0=2026-03-02", {"2", "3"}),
        ("created_at_from_0=2026-03-02&created_at_from_1=01:00", {"3"}),
        ("created_at_to_0=2026-03-02", {"1", "2"}),
        ("created_at_from_0=2026-03-02&created_at_to_0=2026-03-02", {"2"}),
    ],
)
def test_days_and_times_are_the_account_s(browser: Client, mara: Member, query: str, found: set[str]) -> None:
    Account.objects.update(time_zone="Europe/Berlin")
    # In Berlin: 23:30 on the first, 00:30 on the second, 00:30 on the third.
    for number, moment in enumerate(("2026-03-01T22:30Z", "2026-03-01T23:30Z", "2026-03-02T23:30Z"), 1):
        with time_machine.travel(moment, tick=False):
            record(make_actor(mara.account), entity="Unit", entity_id=number, action="ADD", cause=f"cause-{number}")
    listed = page(browser, f"/admin/accounts/auditlog/?{query}")
    assert set(re.findall(r"cause-(\w+)", listed)) == found
    assert ("2026-03-02 00:30:00" in listed) is ("2" in found)


def test_the_history_of_a_log_row_is_that_of_what_it_speaks_of(browser: Client, mara: Member) -> None:
    row = record(make_actor(mara.account), entity="Unit", entity_id=7, action="ADD")
    response = browser.get(f"/admin/accounts/auditlog/{row.pk}/history/")
    assert response.headers["Location"] == "/admin/accounts/auditlog/?entity=Unit&q=7"


def test_a_day_that_does_not_exist_is_refused(browser: Client) -> None:
    assert browser.get("/admin/accounts/auditlog/?created_at_from_0=2026-02-30").headers["Location"].endswith("?e=1")


@pytest.mark.parametrize(("zone", "day"), [("America/Los_Angeles", "to_0=9999-12-31"), ("Asia/Tokyo", "from_0=0001-01-01")])
def test_a_day_beyond_the_calendar_is_refused(browser: Client, mara: Member, zone: str, day: str) -> None:
    Account.objects.filter(pk=mara.account_id).update(time_zone=zone)
    assert browser.get(f"/admin/accounts/auditlog/?created_at_{day}").headers["Location"].endswith("?e=1")


# Maintenance


def test_maintenance_is_the_operator_s_to_see_and_close(operator: Client, browser: Client) -> None:
    row = Maintenance.objects.create(reason="forgotten")
    assert browser.get("/admin/accounts/maintenance/").status_code == 403
    assert "forgotten" in page(operator, "/admin/accounts/maintenance/")
    assert operator.get("/admin/accounts/maintenance/add/").status_code == 403
    operator.post(f"/admin/accounts/maintenance/{row.pk}/delete/", {"post": "yes"})
    assert not Maintenance.objects.exists()


# All of them


@pytest.mark.parametrize(
    ("model", "least"), [("account", Role.VIEWER), ("auditlog", Role.VIEWER), ("member", Role.MANAGER), ("apitoken", Role.OWNER)]
)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_open_which_list(mara: Member, model: str, least: Role, role: Role) -> None:
    browser = browser_of(make_member(mara.account, role, "nils"))
    allowed = list(Role).index(role) >= list(Role).index(least)
    assert browser.get(f"/admin/accounts/{model}/").status_code == (200 if allowed else 403)
    assert (f"/admin/accounts/{model}/" in browser.get("/admin/").content.decode()) is allowed


@pytest.mark.parametrize("model", ["account", "member", "apitoken"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.MANAGER])
def test_only_owners_write(mara: Member, model: str, role: Role) -> None:
    browser = browser_of(make_member(mara.account, role, "nils"))
    assert browser.post(f"/admin/accounts/{model}/add/", {}).status_code == 403
    pk = {"account": mara.account.pk, "member": mara.pk, "apitoken": 1}[model]
    assert browser.post(f"/admin/accounts/{model}/{pk}/change/", {"role": "viewer", "name": "x"}).status_code in (302, 403)
    mara.refresh_from_db()
    assert (mara.role, mara.account.name) == (Role.OWNER, "7QX")


def test_groups_are_gone(operator: Client) -> None:
    assert operator.get("/admin/auth/group/").status_code == 404


def test_a_list_costs_the_same_for_many_rows(mara: Member) -> None:
    def cost(address: str) -> int:
        browser = browser_of(mara)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    addresses = ["/admin/accounts/member/", "/admin/accounts/apitoken/", "/admin/accounts/auditlog/"]
    make_token(mara)
    few = [cost(address) for address in addresses]
    for number in range(10):
        make_token(make_member(mara.account, Role.STAFF, f"nils{number}"))
    assert [cost(address) for address in addresses] == few
