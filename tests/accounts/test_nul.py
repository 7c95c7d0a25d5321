"""A character that PostgreSQL can't store, through every door that is no serializer."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, AuditLog, Member
from accounts.roles import Role
from tests.build import PASSWORD, make_member, make_token

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/admin/accounts/auditlog/?entity=%00",
        "/admin/sync/syncchange/?load=a%00b",
        "/admin/inventory/unit/?bucket__exact=%00",
        "/admin/inventory/load/?%00=1",
        "/admin/inventory/unit/%00/change/",
    ],
)
def test_an_address_with_a_nul_is_refused_in_words(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 400
    assert "a character that no text can have" in answer.content.decode()


def test_a_form_with_a_nul_is_refused_in_words_and_does_nothing(browser: Client, account: Account) -> None:
    known = AuditLog.objects.count()
    answer = browser.post("/admin/accounts/switch/", {"account": f"{account.pk}\0"})
    assert answer.status_code == 400
    assert "Nothing was stored." in answer.content.decode()
    assert AuditLog.objects.count() == known


def test_a_form_without_one_is_taken(mara: Member) -> None:
    answer = Client().post("/admin/login/?next=/admin/", {"username": "mara", "password": PASSWORD})
    assert answer.status_code == 302


@pytest.mark.parametrize("address", ["/api/loads/%00", "/api/units?serial=%00"])
def test_a_program_is_told_in_json(account: Account, address: str) -> None:
    token = make_token(make_member(account, Role.VIEWER, "nils"))
    answer = Client().get(address, headers={"Authorization": f"Token {token}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "nul_character")
