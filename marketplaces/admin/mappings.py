"""What shops call our numbers and colours: the list of what nobody knows yet, and what was looked up or entered."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import Actor, actor_for_request
from accounts.errors import Problem
from accounts.workplace import acting, may
from inventory.admin.chips import State, StateFilter
from inventory.admin.entering import Refusable, number_input, select, text_input
from inventory.ledgerwords import page_of
from inventory.marks import Mark
from inventory.models import ItemType
from inventory.wording import moment
from marketplaces import mappings
from marketplaces.admin.filters import ShopFilter, shops_of
from marketplaces.admin.pages import PageAdmin
from marketplaces.admin.words import FINDING
from marketplaces.models import ColorMapping, MappingOrigin, PartFinding, PartMapping, Shop

BY_HAND = Mark("By hand", "info", "edit")
TO_DO = "todo"


class _StateFilter(StateFilter):
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


class PartStateFilter(_StateFilter):
    work = "parts"
    states = (
        State(TO_DO, "To do", Q()),
        State("known", "Known", Q(finding=PartFinding.FOUND)),
        State("hand", "By hand", Q(origin=MappingOrigin.OVERRIDE)),
        State("all", "All", Q()),
    )


class ColourStateFilter(_StateFilter):
    work = "colors"
    states = (
        State(TO_DO, "To do", Q()),
        State("known", "Known", ~Q(remote_id="")),
        State("hand", "By hand", Q(origin=MappingOrigin.OVERRIDE)),
        State("all", "All", Q()),
    )


class _ShopField(Refusable):
    shop = forms.ModelChoiceField(Shop.objects.none(), widget=select(), empty_label=None)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(account=actor.account).select_related("connection")  # type: ignore[attr-defined]


class PartForm(_ShopField):
    item_type = forms.ChoiceField(label="Type", choices=ItemType.choices, widget=select())
    part_number = forms.CharField(label="Our number", max_length=80, widget=text_input(), help_text="BrickLink's number")
    remote_id = forms.CharField(label="Id at the shop", max_length=80, widget=text_input(autofocus=True), help_text="Brick Owl: the BOID")
    remote_name = forms.CharField(label="Name there", max_length=300, required=False, widget=text_input())


class ColourForm(_ShopField):
    color_id = forms.IntegerField(label="Our colour", min_value=1, widget=number_input(), help_text="BrickLink's number of it")
    remote_id = forms.CharField(label="Colour's id at the shop", max_length=20, widget=number_input(autofocus=True))
    remote_name = forms.CharField(label="Name there", max_length=100, required=False, widget=text_input())


class MappingAdmin(PageAdmin):
    """What the lists of parts and colours have in common."""

    view_operation = "mapping.view"
    add_operation = "mapping.edit"
    count_states = False
    page_template = "admin/marketplaces/mapping.html"
    list_before_template = "admin/marketplaces/mapping_head.html"
    list_fullwidth = True
    enter_form: type[_ShopField]
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


class PartMappingAdmin(MappingAdmin):
    state_filter = PartStateFilter
    enter_form = PartForm
    entry_title = "What a shop calls a number"
    list_title = "Parts at the shops"
    key = ("item_type", "part_number")
    act = ("marketplaces_look_up_again", "Look up again at")
    list_display = ("number_named", "type_word", "shop", "finding_mark", "there", "items_number", "origin_mark")
    list_filter = (PartStateFilter, ShopFilter)
    search_fields = ("part_number", "remote_id", "remote_name")
    search_help_text = "Our number, or the id or name at the shop"
    ordering = ("part_number", "id")
    empty_title = "No number here"
    empty_text = "Every number of the items is known at the shops, or was not looked up yet."

    @admin.display(description="number", ordering="part_number")
    def number_named(self, row: PartMapping) -> str:
        return row.part_number

    @admin.display(description="type", ordering="item_type")
    def type_word(self, row: PartMapping) -> str:
        return row.get_item_type_display()

    @admin.display(description="finding", ordering="finding")
    def finding_mark(self, row: PartMapping) -> Mark:
        return FINDING[row.finding]

    def contents(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        items = f"{page_of('inventory_item_changelist')}?q={row.part_number}"
        return {
            **super().contents(request, row),
            "mark": FINDING[row.finding],
            "what": f"{row.get_item_type_display()} {row.part_number}",
            "items_page": items,
            "candidates": row.candidates,
            "choose_page": self.address_of(row, "choose"),
        }

    def enter(self, actor: Actor, **given: Any) -> PartMapping:
        return mappings.set_part(actor, given.pop("shop"), **given)

    def clear(self, request: HttpRequest, actor: Actor, row: PartMapping) -> str:
        mappings.clear_part(actor, row)
        return f"{row.part_number} is looked up again at {row.shop}."

    def done_for(self, actor: Actor, shop: Shop) -> str:
        number = mappings.look_up_again(actor, shop)
        return ngettext("%d number is looked up again at %s.", "%d numbers are looked up again at %s.", number) % (number, shop)


class ColorMappingAdmin(MappingAdmin):
    state_filter = ColourStateFilter
    enter_form = ColourForm
    entry_title = "What a shop calls a colour"
    list_title = "Colours at the shops"
    key = ("color_id",)
    act = ("marketplaces_read_colours", "Read the colours of")
    list_display = ("colour_named", "shop", "known_mark", "there", "items_number", "origin_mark")
    list_filter = (ColourStateFilter, ShopFilter)
    search_fields = ("name", "remote_name", "remote_id")
    search_help_text = "Name of the colour, here or there"
    ordering = ("color_id", "id")
    empty_title = "No colour here"
    empty_text = "Every colour of the items is known at the shops, or was not looked up yet."

    @admin.display(description="colour", ordering="color_id")
    def colour_named(self, row: ColorMapping) -> str:
        return f"{row.name} ({row.color_id})" if row.name else str(row.color_id)

    @admin.display(description="finding")
    def known_mark(self, row: ColorMapping) -> Mark:
        return FINDING[PartFinding.FOUND if row.remote_id else PartFinding.MISSING]

    def contents(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {
            **super().contents(request, row),
            "mark": self.known_mark(row),
            "what": f"Colour {self.colour_named(row)}",
            "items_page": "",
            "candidates": [],
        }

    def enter(self, actor: Actor, **given: Any) -> ColorMapping:
        return mappings.set_color(actor, given.pop("shop"), **given)

    def clear(self, request: HttpRequest, actor: Actor, row: ColorMapping) -> str:
        mappings.clear_color(actor, row)
        return f"Colour {row.color_id} is looked up again at {row.shop}."

    def done_for(self, actor: Actor, shop: Shop) -> str:
        number = mappings.refresh_colors(actor, shop)
        return ngettext("%s has %d of BrickLink's colours.", "%s has %d of BrickLink's colours.", number) % (shop, number)
