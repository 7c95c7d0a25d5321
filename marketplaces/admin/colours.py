from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.acting import Actor
from inventory.admin.chips import State
from inventory.admin.entering import number_input, text_input
from inventory.marks import Mark
from marketplaces import mappings
from marketplaces.admin.filters import ShopFilter
from marketplaces.admin.mappings import TO_DO, MappingAdmin, ShopForm, WorkFilter
from marketplaces.admin.words import FINDING
from marketplaces.models import ColorMapping, MappingOrigin, PartFinding, Shop


class ColourStateFilter(WorkFilter):
    work = "colors"
    states = (
        State(TO_DO, "To do", Q()),
        State("known", "Known", ~Q(remote_id="")),
        State("hand", "By hand", Q(origin=MappingOrigin.OVERRIDE)),
        State("all", "All", Q()),
    )


class ColourForm(ShopForm):
    color_id = forms.IntegerField(label="Our colour", min_value=1, widget=number_input(), help_text="BrickLink's number of it")
    remote_id = forms.CharField(label="Colour's id at the shop", max_length=20, widget=number_input(autofocus=True))
    remote_name = forms.CharField(label="Name there", max_length=100, required=False, widget=text_input())


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
