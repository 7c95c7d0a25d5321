"""What shops call our numbers and colours: the list of what nobody knows yet, and what was looked up or entered."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.acting import Actor, actor_for_request
from accounts.errors import Problem
from accounts.workplace import acting, may
from inventory.admin.chips import StateFilter
from inventory.admin.entering import Refusable, select
from inventory.ledgerwords import page_of
from inventory.marks import Mark
from inventory.wording import moment
from marketplaces import mappings
from marketplaces.admin.filters import shops_of
from marketplaces.admin.pages import PageAdmin
from marketplaces.models import MappingOrigin, Shop

BY_HAND = Mark("By hand", "info", "edit")
TO_DO = "todo"


class WorkFilter(StateFilter):
    otherwise = TO_DO
    when_searched = "all"
    work: str
    """Which part of the list of work it is."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        actor = actor_for_request(request)
        if self.value() != TO_DO or actor is None:
            return super().queryset(request, queryset)
        found: QuerySet[Any] = getattr(mappings.unmapped(actor.account), self.work)
        return found.select_related("shop__connection")


class ShopForm(Refusable):
    shop = forms.ModelChoiceField(Shop.objects.none(), widget=select(), empty_label=None)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(account=actor.account).select_related("connection")  # type: ignore[attr-defined]


class MappingAdmin(PageAdmin):
    """What the lists of parts and colours have in common."""

    view_operation = "mapping.view"
    add_operation = "mapping.edit"
    count_states = False
    page_template = "admin/marketplaces/mapping.html"
    list_before_template = "admin/marketplaces/mapping_head.html"
    list_fullwidth = True
    enter_form: type[ShopForm]
    entry_title = ""
    list_title = ""
    key: ClassVar[tuple[str, ...]]
    """The fields that say of what the form speaks."""
    buttons = {"clear": ("mapping.edit", "clear"), "choose": ("mapping.edit", "choose")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("shop__connection")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        changes.shops = shops_of(acting(request)) if may(request, "mapping.edit") else []  # type: ignore[attr-defined]
        changes.act, changes.act_label = self.act  # type: ignore[attr-defined]
        return changes

    act: tuple[str, str]
    """The page of the button above the list, and what it says before the shop's name."""

    @admin.display(description="items")
    def items_number(self, row: Any) -> str:
        number = getattr(row, "items", None)
        return self.empty_value_display if number is None else f"{number:,}"

    @admin.display(description="there")
    def there(self, row: Any) -> SafeString | str:
        if not row.remote_id:
            return self.empty_value_display
        name = format_html('<br><span class="ls-quiet">{}</span>', row.remote_name) if row.remote_name else ""
        return format_html("{}{}", row.remote_id, name)

    @admin.display(description="from", ordering="origin")
    def origin_mark(self, row: Any) -> SafeString | str:
        if row.origin == MappingOrigin.OVERRIDE:
            return format_html("{} {}", BY_HAND, row.set_by)
        return f"Looked up {moment(row.looked_up_at)}" if row.looked_up_at else "To be looked up"

    def enter(self, actor: Actor, **given: Any) -> Any:
        """Call the verb that keeps what a person says."""
        raise NotImplementedError

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say what a shop calls a number or a colour."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._entered(request, {name: request.GET.get(name, "") for name in ("shop", *self.key)}, self.list_address())

    def _entered(self, request: HttpRequest, initial: dict[str, Any], back: str) -> HttpResponse:
        actor = acting(request)
        form = self.enter_form(actor, request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                made = self.enter(actor, **form.cleaned_data)
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                messages.success(request, f"{made} at {made.shop}. Its items are judged again now.")
                return HttpResponseRedirect(self.address_of(made))
        context = {"form": form, "heading": self.entry_title, "back": back}
        return self.page(request, "admin/inventory/edit.html", self.entry_title, context)

    def contents(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        edits = may(request, "mapping.edit")
        form = self.enter_form(
            acting(request), initial={name: getattr(row, name) for name in self.enter_form.base_fields if name != "shop"}
        )
        return {
            "mapping": row,
            "shop_page": page_of("marketplaces_shop_change", row.shop_id),
            "by_hand": row.origin == MappingOrigin.OVERRIDE,
            "may_edit": edits,
            "form": form,
            "hidden_fields": [(name, getattr(row, f"{name}_id" if name == "shop" else name)) for name in ("shop", *self.key)],
            "typed_fields": [field for field in form if field.name not in ("shop", *self.key)],
            "add_page": f"{page_of(self.name_of('add'))}",
            "clear_page": self.address_of(row, "clear"),
        }

    def choose(self, request: HttpRequest, actor: Actor, row: Any) -> str:
        chosen = mappings.choose_candidate(actor, row, request.POST.get("candidate", ""))
        return f"{chosen} at {chosen.shop}. Its items are judged again now."

    def after(self, request: HttpRequest, row: Any) -> str:
        return self.address_of(row) if type(row).objects.filter(pk=row.pk).exists() else self.list_address()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.shop_view))
        return [path("shop/", view, name=self.act[0]), *super().get_urls()]

    def shop_view(self, request: HttpRequest) -> HttpResponse:
        """The button above the list, for one shop."""
        if not may(request, "mapping.edit"):
            raise PermissionDenied
        number = request.POST.get("shop", "")
        shop = next((each for each in shops_of(acting(request)) if str(each.pk) == number), None)
        if shop is not None:
            self.tell(request, lambda actor: self.done_for(actor, shop))
        return HttpResponseRedirect(self.list_address())

    def done_for(self, actor: Actor, shop: Shop) -> str:
        """Do what the button above the list says, for one shop; the sentence to say then."""
        raise NotImplementedError
