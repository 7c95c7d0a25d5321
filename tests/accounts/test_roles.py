from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, Member
from accounts.roles import OPERATIONS, Role, allows
from tests.accounts.conftest import program_of
from tests.build import make_member, make_token


def test_a_role_may_all_that_the_ones_before_it_may() -> None:
    for operation in OPERATIONS:
        answers = [allows(role, operation) for role in Role]
        assert answers == sorted(answers)
        assert answers[-1]


def test_a_role_that_does_not_exist_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="king"):
        allows("king", "run.view")


NEW_MEMBER = {"username": "otto", "role": "viewer", "password": "a-long-password-77"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("method", "address", "body", "least"),
    [
        ("get", "/api/me", None, Role.VIEWER),
        ("get", "/api/audit/", None, Role.VIEWER),
        ("get", "/api/members/", None, Role.MANAGER),
        ("get", "/api/members/{member}/", None, Role.MANAGER),
        ("post", "/api/members/", NEW_MEMBER, Role.OWNER),
        ("patch", "/api/members/{member}/", {"role": "staff"}, Role.OWNER),
        ("get", "/api/tokens/", None, Role.OWNER),
        ("get", "/api/tokens/{token}/", None, Role.OWNER),
        ("post", "/api/tokens/", {"name": "till"}, Role.OWNER),
        ("post", "/api/tokens/{token}/revoke", None, Role.OWNER),
    ],
)
def test_who_may_do_what(mara: Member, role: Role, method: str, address: str, body: dict[str, object] | None, least: Role) -> None:
    target = make_member(mara.account, Role.VIEWER, "vera")
    make_token(target)
    token = ApiToken.objects.get()
    client: APIClient = program_of(make_member(mara.account, role, "nils"))
    if body == {"name": "till"}:
        body = {"name": "till", "member": target.pk}
    answer = getattr(client, method)(address.format(member=target.pk, token=token.pk), body)
    allowed = list(Role).index(role) >= list(Role).index(least)
    assert (answer.status_code < 300) is allowed
    if not allowed:
        assert answer.status_code == 403
        assert answer.json()["message"].startswith(f"This needs the role {least.label.lower()}")
