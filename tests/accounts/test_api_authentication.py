from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, ApiToken, Member, User
from accounts.roles import Role
from tests.build import PASSWORD, make_member, make_token

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["Token", "Bearer", "bearer"])
def test_both_words_work(mara: Member, word: str) -> None:
    answer = APIClient().get("/api/me", HTTP_AUTHORIZATION=f"{word} {make_token(mara)}")
    assert answer.status_code == 200
    assert answer.json()["user"]["username"] == "mara"


def test_a_stranger_is_asked_who_they_are(account: Account) -> None:
    answer = APIClient().get("/api/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token lvs_guess", "Token \xff\xfe"])
def test_a_bad_token_gets_a_sentence(account: Account, header: str) -> None:
    answer = APIClient().get("/api/me", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_failed"
    assert answer.json()["message"]


def test_a_revoked_token_says_so(mara: Member) -> None:
    text = make_token(mara)
    ApiToken.objects.update(revoked_at="2026-01-01T00:00Z")
    answer = APIClient().get("/api/me", HTTP_AUTHORIZATION=f"Token {text}")
    assert answer.status_code == 401
    assert "revoked" in answer.json()["message"]


def test_a_session_works_and_its_writes_need_the_csrf_token(mara: Member) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.login(username="mara", password=PASSWORD)
    assert client.get("/api/me").json()["token"] is None
    answer = client.post("/api/members/", {"username": "nils", "role": "viewer", "password": "a-long-password-77"})
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["message"]


def test_a_user_without_membership_is_told_what_to_do(account: Account) -> None:
    client = APIClient()
    client.force_login(User.objects.create_user("nemo"))
    answer = client.get("/api/me")
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert "owner" in answer.json()["hint"]


def test_a_scoped_token_reads_what_it_is_for_and_nothing_else(mara: Member) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(mara, scopes=['audit.view'])}")
    assert client.get("/api/audit/").status_code == 200
    assert client.get("/api/members/").status_code == 403
    assert client.get("/api/me").json()["operations"] == ["audit.view"]


def test_a_token_stays_in_its_own_account_whatever_the_session_says(mara: Member, stranger: Member) -> None:
    text = make_token(mara)
    make_member(stranger.account, Role.OWNER, "mara")
    client = APIClient()
    client.force_login(mara.user)
    session = client.session
    session["account_id"] = stranger.account.pk
    session.save()
    assert client.get("/api/me").json()["account"]["name"] == "Other"
    assert client.get("/api/me", HTTP_AUTHORIZATION=f"Token {text}").json()["account"]["name"] == "7QX"


def test_me_says_who_where_and_what(mara: Member) -> None:
    viewer = make_member(mara.account, Role.VIEWER, "vera")
    body = APIClient().get("/api/me", HTTP_AUTHORIZATION=f"Token {make_token(viewer)}").json()
    assert body["user"] == {"id": viewer.user_id, "username": "vera", "name": ""}
    assert body["account"] == {"id": mara.account_id, "name": "7QX", "slug": "7qx", "time_zone": "UTC"}
    assert body["role"] == "viewer"
    assert "audit.view" in body["operations"]
    assert "run.start" not in body["operations"]
    assert body["token"]["name"] == "scanner"
