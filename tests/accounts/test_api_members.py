from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditLog, Member, User
from accounts.roles import Role
from tests.build import make_member

pytestmark = pytest.mark.django_db

NILS = {"username": "nils", "role": "staff", "password": "a-long-password-77"}


def test_the_list_has_the_members_of_the_account_only(api: APIClient, mara: Member, stranger: Member) -> None:
    assert [row["username"] for row in api.get("/api/members/").json()["results"]] == ["mara"]


def test_a_new_user_becomes_a_member(api: APIClient, mara: Member) -> None:
    answer = api.post("/api/members/", NILS)
    assert answer.status_code == 201
    assert answer.json()["role"] == "staff"
    assert "password" not in answer.json()
    nils = Member.objects.get(user__username="nils")
    assert nils.account == mara.account
    assert nils.user.check_password("a-long-password-77")
    row = AuditLog.objects.get(entity="Member")
    assert row.after == {"username": "nils", "role": "staff", "user_created": True}
    assert row.actor == mara.user


def test_addresses_work_with_and_without_the_last_slash(api: APIClient) -> None:
    assert api.get("/api/members").status_code == 200
    assert api.post("/api/members", NILS).status_code == 201


def test_an_existing_user_keeps_their_password(api: APIClient, stranger: Member) -> None:
    answer = api.post("/api/members/", {"username": "stranger", "role": "viewer", "password": "a-long-password-77"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["password"]
    assert api.post("/api/members/", {"username": "stranger", "role": "viewer"}).status_code == 201
    assert not User.objects.get(username="stranger").check_password("a-long-password-77")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": ""}, "password"),
        ({"password": "short"}, "password"),
        ({"username": "with space"}, "username"),
        ({"username": "mara", "password": ""}, "username"),
        ({"role": "king"}, "role"),
        ({"email": "nowhere"}, "email"),
    ],
    ids=["no password", "weak password", "bad name", "member already", "unknown role", "bad address"],
)
def test_bad_input_names_the_field(api: APIClient, change: dict[str, str], field: str) -> None:
    answer = api.post("/api/members/", {**NILS, **change})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["errors"]) == [field]
    assert User.objects.count() == 1


def test_role_and_activity_change(api: APIClient, mara: Member) -> None:
    nils = make_member(mara.account, Role.STAFF, "nils")
    assert api.patch(f"/api/members/{nils.pk}/", {"role": "manager", "active": False}).json()["role"] == "manager"
    nils.refresh_from_db()
    assert (nils.role, nils.active) == (Role.MANAGER, False)
    row = AuditLog.objects.get(action="CHANGE")
    assert (row.before, row.after) == ({"role": "staff", "active": True}, {"role": "manager", "active": False})


def test_what_did_not_change_is_not_audited(api: APIClient, mara: Member) -> None:
    assert api.patch(f"/api/members/{mara.pk}/", {"role": "owner"}).status_code == 200
    assert not AuditLog.objects.filter(entity="Member").exists()


@pytest.mark.parametrize("change", [{"role": "manager"}, {"active": False}])
def test_the_last_owner_stays(api: APIClient, mara: Member, change: dict[str, object]) -> None:
    answer = api.patch(f"/api/members/{mara.pk}/", change)
    assert answer.status_code == 409
    assert answer.json()["code"] == "last_owner"
    mara.refresh_from_db()
    assert (mara.role, mara.active) == (Role.OWNER, True)


def test_an_owner_may_go_when_another_is_there(api: APIClient, mara: Member) -> None:
    make_member(mara.account, Role.OWNER, "nils")
    assert api.patch(f"/api/members/{mara.pk}/", {"role": "viewer"}).status_code == 200


def test_another_account_s_member_does_not_exist(api: APIClient, stranger: Member) -> None:
    assert api.get(f"/api/members/{stranger.pk}/").status_code == 404
    assert api.patch(f"/api/members/{stranger.pk}/", {"role": "viewer"}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.role == Role.OWNER


def test_members_are_not_deleted(api: APIClient, mara: Member) -> None:
    assert api.delete(f"/api/members/{mara.pk}/").status_code == 405
