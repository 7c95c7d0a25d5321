"""What the lists of marketplaces have in common: rows with a page of their own, which its buttons change and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.workplace import may
from inventory.admin.chips import ChipsAdmin
from inventory.wording import NOTHING

Verb = Callable[[HttpRequest, Actor, Any], str]
"""Does what a button says to a row and returns the sentence to say then. Raises Problem."""


class ButtonsAdmin(ChipsAdmin):
    """Rows that buttons do something to: each is a POST with an address of its own."""

    paginator = InfinitePaginator
    empty_value_display = NOTHING
    list_filter_submit = True
    ordering: ClassVar[Any] = ("-id",)
    buttons: Mapping[str, tuple[str, str]] = {}
    """Of each button its name in the address: the operation it needs, and the method that does it."""

    def page(self, request: HttpRequest, template: str, title: str, context: Mapping[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context})

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            *(
                path(f"<int:pk>/{name}/", guard(require_POST(self._pressed(operation, method))), name=self.name_of(name))
                for name, (operation, method) in self.buttons.items()
            ),
            *super().get_urls(),
        ]

    def _pressed(self, operation: str, method: str) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            # Whether there is such a row is nobody's business in another account, so it is looked up first.
            row = self.find(request, str(pk))
            if not may(request, operation):
                raise PermissionDenied
            do: Verb = getattr(self, method)
            self.tell(request, lambda actor: do(request, actor, row))
            return HttpResponseRedirect(self.after(request, row))

        return view

    def after(self, request: HttpRequest, row: Any) -> str:
        """Where a button leads."""
        return self.address_of(row)

    def name_of(self, page: str) -> str:
        """How the address of a page of this model is called."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{page.replace('-', '_')}"

    def address_of(self, row: Any, page: str = "change") -> str:
        return reverse(f"admin:{self.name_of(page)}", args=[row.pk])

    def list_address(self) -> str:
        return reverse(f"admin:{self.name_of('changelist')}")


class PageAdmin(ButtonsAdmin):
    """A list whose rows are looked at on pages of their own, and never edited in a form."""

    page_template: str

    def contents(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """For the template of a row's page."""
        raise NotImplementedError

    def title_of(self, row: Any) -> str:
        return str(row)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row's page."""
        row = self.find(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        return self.page(request, self.page_template, self.title_of(row), {"original": row, **self.contents(request, row)})
