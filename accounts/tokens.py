"""Keys for programs: issued once, found by digest, revoked (docs/audit.md says who did it)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import NotAllowed
from accounts.models import ApiToken, Member
from accounts.roles import OPERATIONS, allows

MARK = "lvs_"
PREFIX_LENGTH = len(MARK) + 6
USE_NOTED_EVERY = timedelta(minutes=1)


class Unusable(Exception):
    """Refused: the text is no token, or one that no longer works. The message says which and what to do."""


@dataclass(frozen=True)
class Issued:
    """A new token. `text` is the only copy there will ever be."""

    token: ApiToken
    text: str = field(repr=False)


def issue(actor: Actor, member: Member, *, name: str, scopes: Iterable[str] = (), expires_at: datetime | None = None) -> Issued:
    """Make a token that acts as `member`, narrowed to the operations in `scopes` if there are any, and write it to the audit log.

    Raises NotAllowed, Member.DoesNotExist for a member of another account, and ValidationError naming the field that is wrong. Who acts by
    a token with scopes can't issue one that may do more.
    """
    actor.require("token.edit")
    member = Member.objects.get(pk=member.pk, account=actor.account)
    wanted = sorted(set(scopes))
    check(member, wanted, expires_at)
    if actor.scopes and not (wanted and set(wanted) <= set(actor.scopes)):
        raise NotAllowed("A token with scopes can't issue one that may do more.", hint=f"Give scopes out of: {', '.join(actor.scopes)}.")
    text = MARK + secrets.token_urlsafe(32)
    token = ApiToken(
        account=actor.account,
        member=member,
        name=name.strip(),
        prefix=text[:PREFIX_LENGTH],
        digest=digest(text),
        scopes=wanted,
        expires_at=expires_at,
    )
    token.full_clean()
    with transaction.atomic():
        token.save(force_insert=True)
        after = {"name": token.name, "prefix": token.prefix, "member": member.pk, "scopes": wanted, "expires_at": expires_at}
        record(actor, entity="ApiToken", entity_id=token.pk, action="ISSUE", after=after)
    return Issued(token, text)


def check(member: Member, scopes: Iterable[str], expires_at: datetime | None) -> None:
    """Raises ValidationError naming what is wrong with a token that `member` would get."""
    errors: dict[str, list[str]] = {}
    scopes = sorted(set(scopes))
    if not member.active:
        errors["member"] = [f"{member} is not active. Activate the member first."]
    unknown = [scope for scope in scopes if scope not in OPERATIONS]
    if unknown:
        errors["scopes"] = [f"There is no operation “{unknown[0]}”. Use some of: {', '.join(sorted(OPERATIONS))}."]
    else:
        beyond = [scope for scope in scopes if not allows(member.role, scope)]
        if beyond:
            errors["scopes"] = [f"{member} may not do “{beyond[0]}”. Leave it out, or choose a member with a higher role."]
    if expires_at is not None and expires_at <= timezone.now():
        errors["expires_at"] = ["The expiry is in the past. Choose a later time or leave it empty."]
    if errors:
        raise ValidationError(errors)


def revoke(actor: Actor, token: ApiToken) -> ApiToken:
    """End `token` at once; a revoked one stays as it is. Raises NotAllowed, ApiToken.DoesNotExist for one of another account."""
    actor.require("token.edit")
    now = timezone.now()
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, account=actor.account, revoked_at=None).update(revoked_at=now)
        if ended:
            record(actor, entity="ApiToken", entity_id=token.pk, action="REVOKE", after={"revoked_at": now})
    return ApiToken.objects.select_related("member__user").get(pk=token.pk, account=actor.account)


def find(text: str) -> ApiToken:
    """The token that `text` is, with its member, user and account; its use is noted, at most once a minute. Raises Unusable.

    It is found by its digest, so the time it takes tells nothing: nobody can steer the digest of a guess.
    """
    token = ApiToken.objects.select_related("member__user", "member__account").filter(digest=digest(text)).first()
    if token is None:
        raise Unusable("There is no such API token. Copy it whole, or have an owner issue a new one.")
    now = timezone.now()
    if token.revoked_at is not None:
        raise Unusable("This API token was revoked. Have an owner issue a new one.")
    if token.expires_at is not None and token.expires_at <= now:
        raise Unusable("This API token has expired. Have an owner issue a new one.")
    if not (token.member.active and token.member.user.is_active):
        raise Unusable("The member whom this API token belongs to is no longer active.")
    _note_use(token, now)
    return token


def working() -> QuerySet[ApiToken]:
    """Tokens that are neither revoked nor expired."""
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def digest(text: str) -> str:
    """The SHA-256 of a token's text. No salt or slow hash: the text is 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _note_use(token: ApiToken, now: datetime) -> None:
    stale = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= stale:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=stale)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
