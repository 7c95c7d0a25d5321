from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account, Member
from accounts.roles import Role
from tests.build import make_account, make_member, make_token


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def mara(account: Account) -> Member:
    """The owner."""
    return make_member(account, Role.OWNER, "mara")


@pytest.fixture
def stranger(db: None) -> Member:
    """The owner of another account, of whom nobody here may learn anything."""
    return make_member(make_account("Other"), Role.OWNER, "stranger")


def browser_of(member: Member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def program_of(member: Member) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(member)}")
    return client


@pytest.fixture
def browser(mara: Member) -> Client:
    return browser_of(mara)


@pytest.fixture
def api(mara: Member) -> APIClient:
    return program_of(mara)
