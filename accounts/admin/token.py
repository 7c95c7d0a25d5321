from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts import tokens
from accounts.models import ApiToken
from accounts.roles import OPERATIONS
from accounts.workplace import OwnedForm, ScopedAdmin, acting, may


class NewToken(OwnedForm):
    scopes = forms.MultipleChoiceField(
        choices=[(name, name) for name in sorted(OPERATIONS)],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="What programs may do with it. Nothing ticked: all that the member may.",
    )

    class Meta:
        model = ApiToken
        fields = ("name", "member", "scopes", "expires_at")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            tokens.check(given["member"], given["scopes"], given["expires_at"])
        return given


class ApiTokenAdmin(ScopedAdmin):
    """Tokens are issued, shown once, and revoked; nothing of them can be changed."""

    view_operation = "token.view"
    add_operation = "token.edit"
    list_display = ("name", "prefix", "member", "state", "last_used_at", "expires_at", "created_at")
    list_select_related = ("member__user",)
    search_fields = ("name", "prefix", "member__user__username")
    actions = ("revoke",)

    @admin.display(description="State")
    def state(self, token: ApiToken) -> str:
        if token.revoked_at:
            return "revoked"
        return "expired" if token.expires_at and token.expires_at <= timezone.now() else "works"

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        working = list(chosen.filter(revoked_at=None))
        for token in working:
            tokens.revoke(acting(request), token)
        if working:
            messages.success(
                request, f"Revoked: {', '.join(str(token) for token in working)}. Programs that use them are refused from now on."
            )
        else:
            messages.info(request, "All of them were revoked before.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return may(request, "token.edit")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **(kwargs if obj else {**kwargs, "form": NewToken}))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "member", "scopes", "expires_at")
        return ("name", "prefix", "member", "scopes", "state", "created_at", "last_used_at", "expires_at", "revoked_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        issued = tokens.issue(acting(request), obj.member, name=obj.name, scopes=obj.scopes, expires_at=obj.expires_at)
        obj.pk, obj.prefix = issued.token.pk, issued.token.prefix
        request.issued = issued  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The one page that shows the token's text: the answer to the form itself, so that it is stored nowhere."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"API token “{obj.name}”",
            "opts": self.opts,
            "token": obj,
            "text": request.issued.text,  # type: ignore[attr-defined]
        }
        return render(request, "accounts/token_issued.html", context)
