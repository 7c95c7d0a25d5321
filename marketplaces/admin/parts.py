from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.acting import Actor
from inventory.admin.chips import State
from inventory.admin.entering import select, text_input
from inventory.ledgerwords import page_of
from inventory.marks import Mark
from inventory.models import ItemType
from marketplaces import mappings
from marketplaces.admin.filters import ShopFilter
from marketplaces.admin.mappings import TO_DO, MappingAdmin, ShopForm, WorkFilter
from marketplaces.admin.words import FINDING
from marketplaces.models import MappingOrigin, PartFinding, PartMapping, Shop


class PartStateFilter(WorkFilter):
    work = "parts"
    states = (
        State(TO_DO, "To do", Q()),
        State("known", "Known", Q(finding=PartFinding.FOUND)),
        State("hand", "By hand", Q(origin=MappingOrigin.OVERRIDE)),
        State("all", "All", Q()),
    )


class PartForm(ShopForm):
    item_type = forms.ChoiceField(label="Type", choices=ItemType.choices, widget=select())
    part_number = forms.CharField(label="Our number", max_length=80, widget=text_input(), help_text="BrickLink's number")
    remote_id = forms.CharField(label="Id at the shop", max_length=80, widget=text_input(autofocus=True), help_text="Brick Owl: the BOID")
    remote_name = forms.CharField(label="Name there", max_length=300, required=False, widget=text_input())


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
