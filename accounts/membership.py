"""Business accounts and who belongs to them: the verbs behind admin, API and commands."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import LastOwner, NotAllowed
from accounts.models import Account, Member, User
from accounts.roles import Role


def create_account(*, name: str, slug: str = "", time_zone: str = "UTC", user: User | None = None, label: str = "command line") -> Account:
    """A new business account; `slug` comes from the name unless given. `user`, or `label` where there is none, is who did it.

    Raises NotAllowed for a user who is not the operator, ValidationError naming the field that is wrong.
    """
    if user is not None and not user.is_superuser:
        raise NotAllowed("Only the operator creates business accounts.", hint="Ask the operator of this installation.")
    account = Account(name=name.strip(), slug=slug or slugify(name), time_zone=time_zone)
    account.full_clean()
    with transaction.atomic():
        account.save(force_insert=True)
        actor = Actor(account, user, Role.OWNER, user.get_username() if user else label)
        after = {"name": account.name, "slug": account.slug, "time_zone": account.time_zone}
        record(actor, entity="Account", entity_id=account.pk, action="ADD", after=after)
    return account


def check_new_member(account: Account, *, username: str, password: str = "", email: str = "") -> User:
    """The user who would become a member: the one there is, or an unsaved one with this password.

    Raises ValidationError naming the field that is wrong. The password of a user who exists is theirs: it can't be given here.
    """
    username = User.normalize_username(username)
    user = User.objects.filter(username=username).first()
    if user is None:
        if not password:
            raise ValidationError(
                {"password": f"There is no user “{username}” yet. Give a password to create one, or correct the user name."}
            )
        user = User(username=username, email=email)
        user.set_password(password)
        user.full_clean()
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
        return user
    if Member.objects.filter(account=account, user=user).exists():
        raise ValidationError({"username": f"{username} is already a member of {account}. Change the role or activate the member instead."})
    if password:
        raise ValidationError({"password": f"The user “{username}” exists already and keeps their own password. Leave the password out."})
    return user


def add_member(actor: Actor, *, username: str, role: str, password: str = "", email: str = "") -> Member:
    """Make a user, by name, a member of the actor's account. A user who does not exist is created with `password` and `email`.

    Raises NotAllowed, and ValidationError naming the field that is wrong.
    """
    actor.require("member.edit")
    _check_role(role)
    with transaction.atomic():
        user = check_new_member(actor.account, username=username, password=password, email=email)
        created = user.pk is None
        member = Member(account=actor.account, user=user, role=role)
        try:
            with transaction.atomic():
                if created:
                    user.save()
                    member.user = user
                member.save(force_insert=True)
        except IntegrityError as error:
            raise ValidationError(
                {"username": f"Somebody else is adding “{username}” at this moment. Look at the members again."}
            ) from error
        after = {"username": username, "role": role, "user_created": created}
        record(actor, entity="Member", entity_id=member.pk, action="ADD", after=after)
    return member


def change_member(actor: Actor, member: Member, *, role: str | None = None, active: bool | None = None) -> Member:
    """Give a member of the actor's account another role, or let them in or keep them out; None leaves a value as it is.

    Raises NotAllowed, Member.DoesNotExist for a member of another account, LastOwner when nobody could manage the account any more.
    """
    actor.require("member.edit")
    if role is not None:
        _check_role(role)
    with transaction.atomic():
        # Two owners who demote each other at the same moment take turns here.
        Account.objects.select_for_update().get(pk=actor.account.pk)
        stored = Member.objects.select_related("user").get(pk=member.pk, account=actor.account)
        wanted = {"role": stored.role if role is None else role, "active": stored.active if active is None else active}
        before = {name: getattr(stored, name) for name in wanted if getattr(stored, name) != wanted[name]}
        if not before:
            return stored
        if stored.role == Role.OWNER and stored.active and wanted != {"role": Role.OWNER, "active": True}:
            _leave_an_owner(stored)
        for name in before:
            setattr(stored, name, wanted[name])
        stored.save(update_fields=list(before))
        after = {name: wanted[name] for name in before}
        record(actor, entity="Member", entity_id=stored.pk, action="CHANGE", before=before, after=after)
    return stored


def _leave_an_owner(member: Member) -> None:
    others = Member.objects.filter(account_id=member.account_id, role=Role.OWNER, active=True, user__is_active=True)
    if not others.exclude(pk=member.pk).exists():
        raise LastOwner(f"{member.user} is the last active owner of this business account.")


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise ValidationError({"role": f"There is no role “{role}”. Use one of {', '.join(Role.values)}."})
