from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from sync.models import Connection
from tests.api.build import make_connection, program_as
from tests.build import make_account
from tests.inventory.ledger.build import Shop


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


@pytest.fixture
def staff(account: Account) -> APIClient:
    return program_as(account, Role.STAFF)


@pytest.fixture
def manager(account: Account) -> APIClient:
    return program_as(account, Role.MANAGER)


@pytest.fixture
def viewer(account: Account) -> APIClient:
    return program_as(account, Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> APIClient:
    """The owner of another account."""
    return program_as(make_account("Other"), Role.OWNER)


@pytest.fixture
def shop(account: Account) -> Shop:
    """A shop of the account whose stock is kept here."""
    return Shop(account)
