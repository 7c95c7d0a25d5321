from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from inventory.models import Warehouse
from tests.build import make_account, make_member
from tests.inventory.build import make_warehouse


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    return make_warehouse(account)


@pytest.fixture
def foreign(db: None) -> Warehouse:
    """A warehouse of another business account, of which nobody here may learn anything."""
    return make_warehouse(make_account("Other"), code="8QX")


@pytest.fixture
def browser_as(account: Account) -> Callable[[Role], Client]:
    """A browser in which a member of the account with that role has logged in."""

    def browser(role: Role) -> Client:
        client = Client()
        client.force_login(make_member(account, role, role.value).user)
        return client

    return browser


@pytest.fixture
def viewer(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.VIEWER)


@pytest.fixture
def staff(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.STAFF)


@pytest.fixture
def manager(browser_as: Callable[[Role], Client]) -> Client:
    return browser_as(Role.MANAGER)
