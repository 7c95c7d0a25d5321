from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.acting import actor_for_request
from accounts.admin.operator import is_operator
from accounts.audit import record
from accounts.differences import changed, state
from accounts.models import User

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm

    _UserAdmin = DjangoUserAdmin[User]
    _Admin = ModelAdmin[User]
else:
    from unfold.admin import ModelAdmin as _Admin
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm
    from unfold.forms import UserCreationForm as AdminUserCreationForm

    _UserAdmin = DjangoUserAdmin


class UserAdmin(_UserAdmin, _Admin):
    """Everybody has their own profile here; the operator has all users. Who belongs to an account is said by members, not here."""

    form: Any = UserChangeForm
    add_form = AdminUserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser")
    list_per_page = 50
    show_full_result_count = False
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_superuser", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = super().get_queryset(request)
        return users if is_operator(request) else users.filter(pk=request.user.pk or 0)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if is_operator(request):
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": ("username", "first_name", "last_name", "email", "last_login")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("last_login", "date_joined") if is_operator(request) else ("username", "last_login")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        own = not isinstance(obj, User) or obj.pk == request.user.pk
        return is_operator(request) or (request.user.is_active and own)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Users are switched off, never deleted: the audit log goes on naming them.
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """The operator sets anybody's password; everybody else has to know their old one to set their own."""
        if not is_operator(request):
            return HttpResponseRedirect(reverse("admin:password_change"))
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            self._audit(request, User.objects.get(pk=id), "PASSWORD", {}, {})
        return response

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        before, action = (state(User.objects.get(pk=obj.pk)), "CHANGE") if change else ({}, "ADD")
        super().save_model(request, obj, form, change)
        old, new = changed(before, state(obj))
        if new:
            self._audit(request, obj, action, old, new)

    def _audit(self, request: HttpRequest, user: User, action: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        """In the log of the account that the operator works in; without any account there is no log yet."""
        actor = actor_for_request(request)
        if actor is not None:
            record(actor, entity="User", entity_id=user.pk, action=action, before=before or None, after=after or None)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log says it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log says it."""
