from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.membership import add_member, change_member, check_new_member
from accounts.models import Member
from accounts.workplace import OwnedForm, ScopedAdmin, acting

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter


class NewMember(OwnedForm):
    """A user who exists, by name, or a new one with their first password."""

    username = forms.CharField(label="User name", max_length=150, widget=UnfoldAdminTextInputWidget())
    email = forms.EmailField(label="E-mail", required=False, widget=UnfoldAdminEmailInputWidget(), help_text="Only for a new user.")
    password = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Only for a new user, who changes it after the first login. Who exists already keeps their own.",
    )

    class Meta:
        model = Member
        fields = ("role",)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.owner is not None and not self.errors:
            user = {name: given[name] for name in ("username", "email", "password")}
            check_new_member(self.owner, **user)
        return given


class MemberAdmin(ScopedAdmin):
    """Who belongs to the account. Members are never deleted, only kept out: the audit log goes on naming them."""

    view_operation = "member.view"
    add_operation = "member.edit"
    change_operation = "member.edit"
    list_display = ("user", "name", "role", "active", "created_at")
    list_select_related = ("user",)
    list_filter = (("role", ChoicesDropdownFilter), "active")
    search_fields = ("user__username", "user__first_name", "user__last_name", "user__email")

    def name(self, member: Member) -> str:
        return member.user.get_full_name()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **(kwargs if obj else {**kwargs, "form": NewMember}))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "role", "active", "created_at") if obj else ("username", "email", "password", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "created_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        actor = acting(request)
        if change:
            change_member(actor, obj, role=obj.role, active=obj.active)
            return
        given = form.cleaned_data
        made = add_member(actor, username=given["username"], role=obj.role, password=given["password"], email=given["email"])
        obj.pk, obj.user = made.pk, made.user
