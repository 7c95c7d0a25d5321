from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import tokens
from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import ApiToken, AuditLog, Member
from accounts.roles import Role
from tests.build import make_account, make_actor, make_member, make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return make_member(make_account(), Role.STAFF)


@pytest.fixture
def owner(member: Member) -> Actor:
    return make_actor(member.account)


def test_only_the_digest_is_stored(member: Member, owner: Actor) -> None:
    issued = tokens.issue(owner, member, name="scanner")
    row = ApiToken.objects.values().get()
    assert len(row["digest"]) == 64
    assert issued.text.startswith(row["prefix"])
    assert issued.text not in str(row)
    assert issued.text not in str(AuditLog.objects.values().get(entity="ApiToken"))
    assert issued.text not in repr(issued)


def test_two_tokens_differ(member: Member) -> None:
    assert make_token(member) != make_token(member)


def test_a_token_is_found_by_its_text_only(member: Member) -> None:
    text = make_token(member)
    assert tokens.find(text).member == member
    for wrong in (text[:-1], text + "x", "", ApiToken.objects.get().digest):
        with pytest.raises(tokens.Unusable, match="no such API token"):
            tokens.find(wrong)


def test_a_revoked_token_is_refused(member: Member, owner: Actor) -> None:
    text = make_token(member)
    tokens.revoke(owner, ApiToken.objects.get())
    with pytest.raises(tokens.Unusable, match="revoked"):
        tokens.find(text)


def test_revoking_twice_keeps_the_first_time_and_is_audited_once(member: Member, owner: Actor) -> None:
    make_token(member)
    first = tokens.revoke(owner, ApiToken.objects.get()).revoked_at
    assert tokens.revoke(owner, ApiToken.objects.get()).revoked_at == first
    assert AuditLog.objects.filter(action="REVOKE").count() == 1


def test_an_expired_token_is_refused(member: Member) -> None:
    text = make_token(member)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(tokens.Unusable, match="expired"):
        tokens.find(text)


def test_a_token_that_expires_later_works(member: Member, owner: Actor) -> None:
    issued = tokens.issue(owner, member, name="scanner", expires_at=timezone.now() + timedelta(hours=1))
    assert tokens.find(issued.text) == issued.token


def test_the_token_of_a_member_who_was_kept_out_is_refused(member: Member) -> None:
    text = make_token(member)
    Member.objects.update(active=False)
    with pytest.raises(tokens.Unusable, match="no longer active"):
        tokens.find(text)


def test_the_token_of_a_user_who_was_switched_off_is_refused(member: Member) -> None:
    text = make_token(member)
    member.user.is_active = False
    member.user.save()
    with pytest.raises(tokens.Unusable, match="no longer active"):
        tokens.find(text)


def test_use_is_noted_at_most_once_a_minute(member: Member) -> None:
    text = make_token(member)
    tokens.find(text)
    half_a_minute_ago = timezone.now() - timedelta(seconds=30)
    ApiToken.objects.update(last_used_at=half_a_minute_ago)
    tokens.find(text)
    assert ApiToken.objects.get().last_used_at == half_a_minute_ago
    two_minutes_ago = timezone.now() - timedelta(minutes=2)
    ApiToken.objects.update(last_used_at=two_minutes_ago)
    tokens.find(text)
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    assert noted > half_a_minute_ago


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": ["unit.fly"]}, "scopes"),
        ({"scopes": ["run.approve"]}, "scopes"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
    ids=["no name", "long name", "unknown scope", "beyond the role", "past"],
)
def test_bad_input_names_the_field(member: Member, owner: Actor, values: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        tokens.issue(owner, member, **{"name": "scanner", **values})  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [field]
    assert not ApiToken.objects.exists()


def test_a_token_for_a_member_who_was_kept_out_is_refused(member: Member, owner: Actor) -> None:
    Member.objects.update(active=False)
    with pytest.raises(ValidationError, match="Activate the member first"):
        tokens.issue(owner, member, name="scanner")


def test_a_member_of_another_account_gets_no_token(member: Member) -> None:
    with pytest.raises(Member.DoesNotExist):
        tokens.issue(make_actor(make_account("Other")), member, name="scanner")


def test_a_token_of_another_account_is_not_revoked(member: Member) -> None:
    text = make_token(member)
    with pytest.raises(ApiToken.DoesNotExist):
        tokens.revoke(make_actor(make_account("Other")), ApiToken.objects.get())
    assert tokens.find(text)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.MANAGER])
def test_only_owners_issue_and_revoke(member: Member, role: Role) -> None:
    make_token(member)
    with pytest.raises(NotAllowed):
        tokens.issue(make_actor(member.account, role), member, name="scanner")
    with pytest.raises(NotAllowed):
        tokens.revoke(make_actor(member.account, role), ApiToken.objects.get())


def test_a_scoped_token_issues_none_that_may_do_more(member: Member) -> None:
    narrow = Actor(member.account, None, Role.OWNER, "robot", scopes=("token.edit", "run.start"))
    with pytest.raises(NotAllowed):
        tokens.issue(narrow, member, name="all")
    with pytest.raises(NotAllowed):
        tokens.issue(narrow, member, name="more", scopes=["run.start", "unit.edit"])
    assert tokens.issue(narrow, member, name="less", scopes=["run.start"]).token.scopes == ["run.start"]
