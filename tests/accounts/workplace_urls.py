"""A workplace in which tokens can be changed and deleted, to see what every scoped admin does with its rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.admin import AuditLogAdmin, UserAdmin
from accounts.filters import MomentFilter, OwnedAutocompleteFilter, OwnedDropdownFilter
from accounts.models import ApiToken, AuditLog, Member, User
from accounts.site import Workplace
from accounts.workplace import ScopedAdmin, ScopedInline


class Tokens(ScopedInline):
    model = ApiToken
    fields = ("name", "expires_at")
    view_operation = "unit.view"
    add_operation = "product.add"
    change_operation = "unit.edit"
    delete_operation = "scan.delete"


class MemberAdmin(ScopedAdmin):
    view_operation = "unit.view"
    change_operation = "unit.edit"
    fields = ("role",)
    search_fields = ("user__username",)
    inlines = (Tokens,)


class TokenAdmin(ScopedAdmin):
    view_operation = "unit.view"
    add_operation = "product.add"
    change_operation = "unit.edit"
    delete_operation = "scan.delete"
    secret_fields = ("scopes",)
    fields = ("name", "member", "scopes")
    list_display = ("name", "member")
    list_filter = (
        ("member", OwnedDropdownFilter),
        ("member", OwnedAutocompleteFilter),
        ("created_at", MomentFilter),
    )
    autocomplete_fields = ("member",)


class OnlyMembers(Workplace):
    """Without the product's first screen, which leads to pages that are not here."""

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponse("")


site = OnlyMembers()
site.register(Member, MemberAdmin)
site.register(ApiToken, TokenAdmin)
site.register(AuditLog, AuditLogAdmin)
site.register(User, UserAdmin)

urlpatterns = [path("admin/", site.urls)]
