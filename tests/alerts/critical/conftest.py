from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from tests.alerts.critical.world import Shop
from tests.build import make_account, make_member


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


@pytest.fixture
def browser_as(account: Account) -> Callable[[Role], Client]:
    """A browser in which a member of the account with that role has logged in."""

    def browser(role: Role) -> Client:
        client = Client()
        client.force_login(make_member(account, role, role.value).user)
        return client

    return browser


@pytest.fixture
def staff(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.STAFF)


@pytest.fixture
def viewer(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.VIEWER)


@pytest.fixture
def manager(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.MANAGER)
