from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, AuditLog, Member, User
from accounts.roles import Role
from tests.accounts.conftest import browser_of
from tests.build import PASSWORD, make_account, make_member, make_operator

pytestmark = pytest.mark.django_db


def test_a_member_logs_in_without_a_staff_flag(mara: Member) -> None:
    assert not mara.user.is_staff
    browser = Client()
    assert browser.post("/admin/login/?next=/admin/", {"username": "mara", "password": PASSWORD}).headers["Location"] == "/admin/"
    assert "7QX" in browser.get("/admin/").content.decode()


def test_strangers_are_sent_to_the_login(account: Account) -> None:
    response = Client().get("/admin/accounts/member/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/member/", "/admin/accounts/user/", "/admin/accounts/auditlog/"])
def test_a_user_without_membership_is_told_so(account: Account, address: str) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("nemo"))
    response = browser.get(address)
    assert response.status_code == 403
    assert "not an active member of any business account" in response.content.decode()


def test_they_can_log_out_and_change_their_password(account: Account) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("nemo", password=PASSWORD))
    assert browser.get("/admin/password_change/").status_code == 200
    browser.post("/admin/logout/")
    assert browser.get("/admin/").headers["Location"].startswith("/admin/login/")


def test_who_is_kept_out_sees_nothing_from_the_next_request_on(browser: Client, mara: Member) -> None:
    assert browser.get("/admin/accounts/auditlog/").status_code == 200
    Member.objects.update(active=False)
    assert browser.get("/admin/accounts/auditlog/").status_code == 403


def test_a_user_who_was_switched_off_is_a_stranger(browser: Client, mara: Member) -> None:
    User.objects.update(is_active=False)
    assert browser.get("/admin/").headers["Location"].startswith("/admin/login/")


def test_one_account_is_named_and_not_offered_for_switching(browser: Client) -> None:
    page = browser.get("/admin/").content.decode()
    assert 'id="account-name"' in page
    assert "account-switch" not in page


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/auditlog/", "/admin/accounts/member/add/", "/admin/accounts/account/"])
def test_the_switch_is_on_every_page_by_keyboard(mara: Member, stranger: Member, address: str) -> None:
    make_member(stranger.account, Role.OWNER, "mara")
    page = browser_of(mara).get(address).content.decode()
    assert '<details class="relative" id="account-switch">' in page
    assert f'name="account" value="{stranger.account.pk}"' in page
    assert f'name="account" value="{mara.account.pk}"' in page


def test_switching_changes_what_is_seen_and_is_audited(mara: Member, stranger: Member) -> None:
    make_member(stranger.account, Role.OWNER, "mara")
    browser = browser_of(mara)
    assert "stranger" not in browser.get("/admin/accounts/member/").content.decode()
    assert browser.post("/admin/accounts/switch/", {"account": stranger.account.pk}).headers["Location"] == "/admin/"
    assert "stranger" in browser.get("/admin/accounts/member/").content.decode()
    row = AuditLog.objects.get()
    assert (row.account, row.actor, row.action, row.entity_id) == (stranger.account, mara.user, "SWITCH", str(stranger.account.pk))


@pytest.mark.parametrize("chosen", ["theirs", "", "x", "999999"])
def test_another_s_account_can_not_be_switched_to(browser: Client, stranger: Member, chosen: str) -> None:
    account = str(stranger.account.pk) if chosen == "theirs" else chosen
    assert browser.post("/admin/accounts/switch/", {"account": account}).status_code == 404
    assert "7QX" in browser.get("/admin/").content.decode()
    assert not AuditLog.objects.exists()


def test_switching_needs_a_post_with_the_csrf_token(mara: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(mara.user)
    assert browser.get("/admin/accounts/switch/").status_code == 405
    assert browser.post("/admin/accounts/switch/", {"account": mara.account.pk}).status_code == 403


def test_the_operator_switches_to_any_account(mara: Member, stranger: Member) -> None:
    browser = Client()
    browser.force_login(make_operator())
    browser.post("/admin/accounts/switch/", {"account": stranger.account.pk})
    assert "stranger" in browser.get("/admin/accounts/member/").content.decode()


def test_many_accounts_are_on_a_page_of_their_own(mara: Member) -> None:
    for number in range(11):
        make_member(make_account(f"Branch {number:02}"), Role.VIEWER, "mara")
    browser = browser_of(mara)
    assert "All 12 business accounts" in browser.get("/admin/").content.decode()
    assert "Branch 10" in browser.get("/admin/accounts/choose/").content.decode()


def test_an_operator_on_an_empty_installation_is_led_to_the_first_account(db: None) -> None:
    browser = Client()
    browser.force_login(make_operator())
    assert browser.get("/admin/").status_code == 200
    assert "/admin/accounts/account/add/" in browser.get("/admin/accounts/choose/").content.decode()
    browser.post("/admin/accounts/account/add/", {"name": "First Shop", "slug": "first-shop", "time_zone": "Europe/Berlin"})
    assert Account.objects.get().time_zone == "Europe/Berlin"
    assert AuditLog.objects.get().action == "ADD"


@pytest.mark.parametrize("question", ["", "?s=unit", "?s=unit&page=zz", "?s=unit&extended=1"])
def test_the_theme_s_search_which_mixes_up_accounts_is_no_page(browser: Client, question: str) -> None:
    assert browser.get(f"/admin/search/{question}").status_code == 404
