"""The admin site: open to members of business accounts and to the operator, whatever else their user may be."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from accounts.acting import accounts_of, actor_for_request
from accounts.models import User
from accounts.switching import switch

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as _Site
    from django.contrib.admin.forms import AdminAuthenticationForm as _LoginForm
else:
    from unfold.forms import AuthenticationForm as _LoginForm
    from unfold.sites import UnfoldAdminSite as _Site


class MemberLogin(_LoginForm):
    """Lets every active user in: what they then see is said by their membership, not by a staff flag."""

    def confirm_login_allowed(self, user: Any) -> None:
        AuthenticationForm.confirm_login_allowed(self, user)


class Workplace(_Site):
    login_form = MemberLogin

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_active

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """As Django's, and users without an active membership get a page that says so, on every address but those to leave by."""
        guarded = super().admin_view(view, cacheable)
        own = (self.logout, self.password_change, self.password_change_done, self.i18n_javascript)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            user = request.user
            if isinstance(user, User) and not user.is_superuser and view not in own and actor_for_request(request) is None:
                return self.without_account(request)
            return _in_time_zone_of_account(guarded, request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("accounts/choose/", self.admin_view(self.choose_account), name="choose_account"),
            path("accounts/switch/", self.admin_view(require_POST(self.switch_account)), name="switch_account"),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        context["acting"] = actor_for_request(request) if self.has_permission(request) else None
        context["own_accounts"] = SimpleLazyObject(lambda: accounts_of(request.user) if isinstance(request.user, User) else [])
        return context

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No page: the theme keeps what it has found for a user, not for a business account, and no screen asks for it."""
        raise Http404

    def without_account(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": "No business account"}
        return render(request, "accounts/no_account.html", context, status=403)

    def choose_account(self, request: HttpRequest) -> HttpResponse:
        """All accounts to switch to, for those who have many."""
        return render(request, "accounts/choose_account.html", {**self.each_context(request), "title": "Switch business account"})

    def switch_account(self, request: HttpRequest) -> HttpResponse:
        account = switch(request, request.POST.get("account", ""))
        messages.success(request, f"You now work in {account}.")
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))


def _in_time_zone_of_account(view: Callable[..., Any], request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
    """The view's answer, with every time on the page, shown or typed in, in the zone of the account."""
    actor = actor_for_request(request)
    if actor is None:
        return view(request, *args, **kwargs)
    with timezone.override(actor.account.time_zone):
        response = view(request, *args, **kwargs)
        # Otherwise it would be rendered after the zone is gone.
        return response.render() if isinstance(response, SimpleTemplateResponse) else response
