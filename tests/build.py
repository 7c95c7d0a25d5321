"""Rows for tests, in plain lines."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.text import slugify

from accounts import tokens
from accounts.acting import Actor
from accounts.models import Account, Member, User
from accounts.roles import Role

PASSWORD = "seven-quiet-xylophones"


def make_account(name: str = "7QX", *, time_zone: str = "UTC") -> Account:
    return Account.objects.create(name=name, slug=slugify(name), time_zone=time_zone)


def make_member(account: Account, role: Role = Role.OWNER, username: str = "mara") -> Member:
    """A member with PASSWORD; the user is made when there is none of that name."""
    user = User.objects.filter(username=username).first() or User.objects.create_user(username, password=PASSWORD)
    return Member.objects.create(account=account, user=user, role=role)


def make_operator(username: str = "olga") -> User:
    return User.objects.create_superuser(username, password=PASSWORD)


def make_actor(account: Account, role: Role = Role.OWNER) -> Actor:
    """Somebody with `role` who needs no user."""
    return Actor(account=account, user=None, role=role, label="Mara")


def make_token(member: Member, *, scopes: Iterable[str] = ()) -> str:
    """The text of a new token of `member`, for the Authorization header."""
    return tokens.issue(Actor.system(member.account, "test"), member, name="scanner", scopes=scopes).text
