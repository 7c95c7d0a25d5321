"""Who acts, in which business account, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.errors import NotAllowed
from accounts.models import Account, ApiToken, Member, User
from accounts.roles import OPERATIONS, Role, allows

SESSION_KEY = "account_id"
"""Where the session keeps the business account that its user has switched to."""


@dataclass(frozen=True)
class Actor:
    """A person, a program or the system itself, acting in one business account.

    `label` is what the audit log shows. `scopes` narrow a token to these operations; empty means all that the role may.
    """

    account: Account
    user: User | None
    role: Role
    label: str
    scopes: tuple[str, ...] = ()

    @classmethod
    def system(cls, account: Account, label: str) -> Actor:
        """The worker or a command line, named by `label`, with all rights of an owner."""
        return cls(account=account, user=None, role=Role.OWNER, label=label)

    def may(self, operation: str) -> bool:
        """Whether the actor may do `operation`. Raises KeyError for an operation that accounts.roles does not name."""
        return allows(self.role, operation) and (not self.scopes or operation in self.scopes)

    def require(self, operation: str) -> None:
        """Raises NotAllowed, with the role that is needed, unless the actor may do `operation`."""
        if self.may(operation):
            return
        if allows(self.role, operation):
            raise NotAllowed(
                f"This API token is not for “{operation}”.", hint="Use a token whose scopes include it, or one without scopes."
            )
        raise NotAllowed(
            f"This needs the role {OPERATIONS[operation].label.lower()}; {self.label} is {self.role.label.lower()} in {self.account}.",
            hint="Ask an owner of the business account to do it or to change the role.",
        )


def actor_for_request(request: HttpRequest | Request) -> Actor | None:
    """Who is behind `request`: a token's member, or the session's user in the account they have switched to, else their first by name.

    None for an anonymous visitor and for a user without an active membership. A superuser is the operator: an owner of any account. The
    answer is kept on the request.
    """
    # Not by getattr: a REST framework request answers with attributes of the one it wraps, whose user may be another.
    known: dict[str, Actor | None] = request.__dict__
    if "_actor" not in known:
        known["_actor"] = _find(request)
    return known["_actor"]


def forget_actor(request: HttpRequest) -> None:
    """Let the next question about `request` be answered anew, after its session has changed."""
    request.__dict__.pop("_actor", None)


def accounts_of(user: User) -> list[Account]:
    """The business accounts that `user` may switch to, by name: those of active memberships, all of them for the operator."""
    accounts = Account.objects.order_by("name", "pk")
    if not user.is_superuser:
        accounts = accounts.filter(pk__in=Member.objects.filter(user=user, active=True).values("account"))
    return list(accounts)


def _find(request: HttpRequest | Request) -> Actor | None:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        member = token.member
        return Actor(member.account, user, Role(member.role), f"{_name(user)} (token {token.name})", tuple(token.scopes))
    chosen = request.session.get(SESSION_KEY) if hasattr(request, "session") else None
    return _operator(user, chosen) if user.is_superuser else _member(user, chosen)


def _operator(user: User, chosen: int | None) -> Actor | None:
    account = Account.objects.filter(pk=chosen).first() if chosen else None
    account = account or Account.objects.order_by("name", "pk").first()
    return Actor(account, user, Role.OWNER, f"{_name(user)} (operator)") if account else None


def _member(user: User, chosen: int | None) -> Actor | None:
    places = Member.objects.filter(user=user, active=True).select_related("account").order_by("account__name", "account_id")
    found = list(places)
    if not found:
        return None
    place = next((member for member in found if member.account_id == chosen), found[0])
    return Actor(place.account, user, Role(place.role), _name(user))


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()
