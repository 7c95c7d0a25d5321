"""The menu: every app's pages, for those who may see them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import Account, AccountOwned
from accounts.roles import Role
from config.navigation import ACCOUNT, ALERTS, BOOKINGS, CATALOGUE, MARKETPLACES, OPERATOR, PROOF, PURCHASING, STOCK, SYNC, UNITS
from tests.admin.pages import queries_of
from tests.api.build import make_connection
from tests.build import make_account, make_operator

NOT_IN_THE_MENU = {"inventory.productalias"}
"""Shown on the page of what they belong to."""


def menu(browser: Client, address: str = "/admin/") -> str:
    content = browser.get(address).content.decode()
    found = re.search(r'<div id="nav-sidebar-apps".*?</ol>\s*</div>\s*</div>', content, flags=re.DOTALL)
    return found.group(0) if found else ""


def test_every_page_of_rows_is_in_it() -> None:
    groups = (ALERTS, PURCHASING, MARKETPLACES, STOCK, BOOKINGS, PROOF, CATALOGUE, UNITS, SYNC, ACCOUNT, OPERATOR)
    listed = {entry[0] for group in groups for entry in group}
    owned = {model._meta.label_lower for model in admin.site._registry if issubclass(model, AccountOwned)}
    assert owned - listed - NOT_IN_THE_MENU == set()


def test_every_entry_opens(browser_as: Callable[[Role], Client], account: Account) -> None:
    make_connection(account)
    owner = browser_as(Role.OWNER)
    links = re.findall(r'href="([^"]+)"', menu(owner))
    assert len(links) > 12
    for link in links:
        assert owner.get(link).status_code == 200, link


def test_viewer_is_not_offered_what_is_refused(viewer: Client, account: Account) -> None:
    make_connection(account)
    shown = menu(viewer)
    assert "/admin/sync/syncrun/" in shown
    assert "/admin/accounts/apitoken/" not in shown
    assert "/admin/accounts/member/" not in shown
    for link in re.findall(r'href="([^"]+)"', shown):
        assert viewer.get(link).status_code == 200, link


def test_members_do_not_see_the_operators_part(browser_as: Callable[[Role], Client], account: Account) -> None:
    operator = Client()
    operator.force_login(make_operator())
    assert "/admin/django_q/failure/" in menu(operator)
    assert "/admin/django_q/failure/" not in menu(browser_as(Role.OWNER))


def test_connection_has_an_entry_of_its_own_with_its_name_as_text(viewer: Client, account: Account) -> None:
    connection = make_connection(account, "<b>GE</b>")
    make_connection(account, "Switched off", enabled=False)
    make_connection(make_account("Other"), "Theirs")
    shown = menu(viewer)
    assert f"/admin/sync/syncrun/connection/{connection.pk}/" in shown
    assert "&lt;b&gt;GE&lt;/b&gt; Sync" in shown
    assert "<b>GE</b>" not in shown
    assert "Switched off" not in shown
    assert "Theirs" not in shown


@pytest.mark.parametrize("place", ["/admin/sync/syncrun/", "/admin/jobs/schedule/health/", "/admin/"])
def test_one_entry_is_marked_as_the_present_place(viewer: Client, account: Account, place: str) -> None:
    make_connection(account)
    active = re.findall(r'href="([^"]+)"[^>]* active"', menu(viewer, place))
    assert active == [place]


def test_it_asks_the_same_for_many_connections(viewer: Client, account: Account) -> None:
    make_connection(account)
    few = queries_of(viewer, "/admin/sync/heldrow/")
    for number in range(5):
        make_connection(account, f"GE {number}")
    assert queries_of(viewer, "/admin/sync/heldrow/") == few
