from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.operator import is_operator
from accounts.audit import record
from accounts.differences import changed, state
from accounts.membership import create_account
from accounts.models import Account, User
from accounts.workplace import ScopedAdmin, acting


class AccountAdmin(ScopedAdmin):
    """A member sees the account they work in, its owners change it; the operator sees all and adds new ones."""

    account_path = "pk"
    view_operation = "account.view"
    change_operation = "account.edit"
    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "time_zone", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The slug is what commands and links are written with.
        return ("created_at",) if obj is None else ("slug", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return Account.objects.all() if is_operator(request) else super().get_queryset(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request) or super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        if not change:
            assert isinstance(request.user, User), "only the operator may add"
            made = create_account(name=obj.name, slug=obj.slug, time_zone=obj.time_zone, user=request.user)
            obj.pk, obj.created_at = made.pk, made.created_at
            return
        before, after = changed(state(Account.objects.get(pk=obj.pk)), state(obj))
        obj.save()
        if after:
            # The operator may work in another account than the one they change: the row belongs to this one's log.
            actor = replace(acting(request), account=obj)
            record(actor, entity="Account", entity_id=obj.pk, action="CHANGE", before=before, after=after)
