from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.acting import Actor, actor_for_request
from accounts.errors import NotAllowed
from accounts.models import Account, Member, User
from accounts.roles import Role
from tests.build import make_account, make_actor, make_member, make_operator

pytestmark = pytest.mark.django_db


def request_of(user: User | AnonymousUser, account: Account | None = None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    request.session = {"account_id": account.pk} if account else {}  # type: ignore[assignment]
    return request


def test_a_member_acts_in_their_account_with_their_role() -> None:
    member = make_member(make_account(), Role.STAFF)
    assert actor_for_request(request_of(member.user)) == Actor(member.account, member.user, Role.STAFF, "mara")


def test_nobody_acts_for_a_stranger_or_without_membership() -> None:
    make_account()
    assert actor_for_request(request_of(AnonymousUser())) is None
    assert actor_for_request(request_of(User.objects.create_user("nemo"))) is None


def test_the_first_account_by_name_unless_one_was_chosen() -> None:
    second, first = make_account("Second"), make_account("First")
    user = make_member(second, Role.OWNER).user
    make_member(first, Role.VIEWER)
    for chosen, expected in ((None, (first, Role.VIEWER)), (second, (second, Role.OWNER))):
        actor = actor_for_request(request_of(user, chosen))
        assert actor is not None
        assert (actor.account, actor.role) == expected


def test_a_chosen_account_counts_only_while_the_membership_is_active() -> None:
    first, second = make_account("First"), make_account("Second")
    user = make_member(first).user
    place = make_member(second)
    Member.objects.filter(pk=place.pk).update(active=False)
    actor = actor_for_request(request_of(user, second))
    assert actor is not None
    assert actor.account == first
    Member.objects.update(active=False)
    assert actor_for_request(request_of(user, second)) is None


def test_an_account_one_never_belonged_to_can_not_be_chosen() -> None:
    member = make_member(make_account())
    actor = actor_for_request(request_of(member.user, make_account("Other")))
    assert actor is not None
    assert actor.account == member.account


def test_a_user_who_was_switched_off_does_not_act() -> None:
    member = make_member(make_account())
    member.user.is_active = False
    assert actor_for_request(request_of(member.user)) is None


def test_the_operator_is_owner_of_any_account() -> None:
    make_account("First")
    second = make_account("Second")
    actor = actor_for_request(request_of(make_operator(), second))
    assert actor is not None
    assert (actor.account, actor.role, actor.label) == (second, Role.OWNER, "olga (operator)")


def test_the_operator_without_any_account_acts_nowhere() -> None:
    assert actor_for_request(request_of(make_operator())) is None


def test_scopes_narrow_the_role() -> None:
    actor = Actor(make_account(), None, Role.MANAGER, "robot", scopes=("run.start", "connection.edit"))
    assert actor.may("run.start")
    assert not actor.may("run.approve")
    assert not actor.may("connection.edit")
    with pytest.raises(NotAllowed, match="token is not for"):
        actor.require("run.approve")


def test_a_refusal_names_the_role_that_is_needed() -> None:
    with pytest.raises(NotAllowed, match="needs the role manager; Mara is staff in 7QX"):
        make_actor(make_account(), Role.STAFF).require("run.approve")


def test_an_unknown_operation_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        make_actor(make_account()).may("unit.fly")
