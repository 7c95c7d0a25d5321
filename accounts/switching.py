"""Which of their business accounts somebody works in."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from accounts.acting import SESSION_KEY, Actor, accounts_of, actor_for_request, forget_actor
from accounts.audit import record
from accounts.models import Account, User


def switch(request: HttpRequest, account_id: str) -> Account:
    """Let the session of `request` work in this account from its next request on; the account's audit log says so.

    Raises Http404 for an account that the user does not belong to.
    """
    user = request.user
    assert isinstance(user, User), "the door lets nobody in without a login"
    account = next((account for account in accounts_of(user) if str(account.pk) == account_id), None)
    if account is None:
        raise Http404
    request.session[SESSION_KEY] = account.pk
    forget_actor(request)
    record(_arrived(request), entity="Account", entity_id=account.pk, action="SWITCH")
    return account


def _arrived(request: HttpRequest) -> Actor:
    actor = actor_for_request(request)
    assert actor is not None, "accounts_of and actor_for_request agree"
    return actor
