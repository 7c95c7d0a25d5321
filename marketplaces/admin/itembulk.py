"""What can be done to many items at once, each after a page that shows what it would do to which of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, may
from inventory import items
from inventory.admin.entering import Refusable, number_input, select, text_input
from inventory.items.fields import price as checked_price
from inventory.models import Item
from marketplaces import push
from marketplaces.admin.listings import pushed_now
from marketplaces.admin.pages import ButtonsAdmin
from marketplaces.admin.words import named, price
from marketplaces.models import Listing, Shop

SHOWN = 50
"""So many items a page names; of the others it says how many there are."""
PLACES = Decimal("0.001")
MOST = 5000
"""So many items at once: more are cut into parts by a filter."""


class PriceForm(Refusable):
    price = forms.DecimalField(label="New unit price", max_digits=14, decimal_places=4, widget=number_input(autofocus=True))

    def clean_price(self) -> Any:
        """Refused here already, not only when it is set."""
        try:
            return checked_price(self.cleaned_data["price"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


class PercentForm(Refusable):
    percent = forms.DecimalField(
        label="By how much per cent",
        max_digits=6,
        decimal_places=2,
        min_value=Decimal("-99"),
        max_value=Decimal("1000"),
        widget=number_input(autofocus=True),
        help_text="5 raises, -5 lowers. Rounded to three places, half up, as shops carry prices.",
    )


class ReasonForm(Refusable):
    reason = forms.CharField(max_length=300, required=False, widget=text_input(placeholder="For example: sold at the fair"))


class ShopForm(Refusable):
    shop = forms.ModelChoiceField(Shop.objects.none(), widget=select(), empty_label=None)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Shop.objects.filter(account=actor.account).select_related("connection")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    item: Item
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Bulk:
    """A page before something is done to many: its title, what it says, and what its button says."""

    action: str
    title: str
    about: str
    show: str
    button: str
    danger: bool = False
    none: str = "what was chosen is in the archive."
    """Why nothing may be left to do."""


class ItemActions(ButtonsAdmin):
    actions: Any = ("push_now", "set_price", "change_price", "archive", "restore_selected", "keep_off_shop", "offer_at_shop")

    @admin.action(description="Push now, and retry what failed", permissions=["push"])
    def push_now(self, request: HttpRequest, chosen: QuerySet[Item]) -> None:
        pushed_now(self, request, Listing.objects.filter(item__in=chosen.order_by().values("pk")))

    @admin.action(description="Set price …", permissions=["change"])
    def set_price(self, request: HttpRequest, chosen: QuerySet[Item]) -> HttpResponse | None:
        page = Bulk("set_price", "Set the price", "All of them get the same unit price.", "Show the prices", "Set this price")
        form = PriceForm(request.POST if "price" in request.POST else None)

        def do(actor: Actor, rows: QuerySet[Item]) -> str:
            return _edited(items.edit_many(actor, rows, price=form.cleaned_data["price"]), "price")

        def preview(rows: list[Item]) -> list[Row]:
            return [_row(item, price(item.price), price(form.cleaned_data["price"])) for item in rows]

        return self._bulk(request, chosen.filter(archived_at__isnull=True), page, form, preview, do)

    @admin.action(description="Raise or lower price by per cent …", permissions=["change"])
    def change_price(self, request: HttpRequest, chosen: QuerySet[Item]) -> HttpResponse | None:
        about = "Each price is changed by its own share. Items without a price are left out."
        page = Bulk(
            "change_price",
            "Raise or lower prices",
            about,
            "Show the prices",
            "Set these prices",
            none="what was chosen has no price yet, or is in the archive.",
        )
        form = PercentForm(request.POST if "percent" in request.POST else None)

        def do(actor: Actor, rows: QuerySet[Item]) -> str:
            # Items with one price get one new price: a statement for each price, not for each item.
            by_price: dict[Decimal, list[int]] = {}
            for pk, old in rows.order_by("price", "pk").values_list("pk", "price"):
                by_price.setdefault(old or Decimal(0), []).append(pk)
            changed = unchanged = 0
            with transaction.atomic():
                for old, pks in by_price.items():
                    done = items.edit_many(actor, pks, price=moved(old, form.cleaned_data["percent"]))
                    changed, unchanged = changed + done.changed, unchanged + done.unchanged
            return _edited(items.Edited(changed, unchanged), "price")

        def preview(rows: list[Item]) -> list[Row]:
            percent = form.cleaned_data["percent"]
            return [_row(item, price(item.price), price(moved(item.price or Decimal(0), percent))) for item in rows]

        return self._bulk(request, chosen.filter(archived_at__isnull=True, price__isnull=False), page, form, preview, do)

    @admin.action(description="Archive …", permissions=["archive"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Item]) -> HttpResponse | None:
        about = "They are kept, with their history, and offered nowhere any more: their lots are taken off the shops."
        page = Bulk("archive", "Archive items", about, "", "Archive them", danger=True)
        form = ReasonForm(request.POST if "reason" in request.POST else None)

        def do(actor: Actor, rows: QuerySet[Item]) -> str:
            done = items.archive_many(actor, rows, form.cleaned_data["reason"])
            return ngettext("%d item is archived.", "%d items are archived.", done.changed) % done.changed

        return self._bulk(request, chosen.filter(archived_at__isnull=True), page, form, _at_shops, do)

    @admin.action(description="Take out of the archive", permissions=["archive"])
    def restore_selected(self, request: HttpRequest, chosen: QuerySet[Item]) -> None:
        def do(actor: Actor) -> str:
            done = items.restore_many(actor, chosen)
            return ngettext("%d item is taken out of the archive.", "%d items are taken out of the archive.", done.changed) % done.changed

        self.tell(request, do)

    @admin.action(description="Keep off a shop …", permissions=["keep"])
    def keep_off_shop(self, request: HttpRequest, chosen: QuerySet[Item]) -> HttpResponse | None:
        about = "Their lots at that shop are deleted there. Other shops go on offering them."
        return self._keep(
            request, chosen, Bulk("keep_off_shop", "Keep items off a shop", about, "", "Keep them off", danger=True), off=True
        )

    @admin.action(description="Offer at a shop again …", permissions=["keep"])
    def offer_at_shop(self, request: HttpRequest, chosen: QuerySet[Item]) -> HttpResponse | None:
        page = Bulk("offer_at_shop", "Offer items at a shop again", "They get a lot there again.", "", "Offer them")
        return self._keep(request, chosen, page, off=False)

    def _keep(self, request: HttpRequest, chosen: QuerySet[Item], page: Bulk, *, off: bool) -> HttpResponse | None:
        form = ShopForm(acting(request), request.POST if "shop" in request.POST else None)

        def do(actor: Actor, rows: QuerySet[Item]) -> str:
            shop, number = form.cleaned_data["shop"], 0
            with transaction.atomic():
                for item in rows:
                    push.keep_off(actor, item, shop, off)
                    number += 1
            said = (
                ("%d item is kept off %s.", "%d items are kept off %s.")
                if off
                else ("%d item is offered at %s.", "%d items are offered at %s.")
            )
            return ngettext(*said, number) % (number, shop)

        return self._bulk(request, chosen.filter(archived_at__isnull=True), page, form, _at_shops, do)

    def _bulk(
        self, request: HttpRequest, chosen: QuerySet[Item], page: Bulk, form: Refusable, preview: Any, do: Any
    ) -> HttpResponse | None:
        """The page; once it is confirmed, the deed."""
        number = chosen.order_by().count()
        if not number or number > MOST:
            self.message_user(request, _none_or_many(number, page.none), level="WARNING")
            return None
        if form.is_bound and form.is_valid() and "apply" in request.POST:
            try:
                rows = Item.objects.filter(pk__in=chosen.order_by().values("pk"))
                self.message_user(request, do(acting(request), rows))
                return None
            except (Problem, ValidationError) as error:
                form.refuse(error)
        first = list(chosen[:SHOWN])
        shown = preview(first) if page.show == "" or (form.is_bound and form.is_valid()) else [_row(item, "", "") for item in first]
        context = {
            "bulk": page,
            "form": form,
            "number": number,
            "more": number - len(first),
            "rows": shown,
            "ready": not page.show or (form.is_bound and form.is_valid()),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": self.list_address(),
        }
        return self.page(request, "admin/marketplaces/item_bulk.html", page.title, context)

    def has_push_permission(self, request: HttpRequest) -> bool:
        return may(request, "listing.push")

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return may(request, "item.archive")

    def has_keep_permission(self, request: HttpRequest) -> bool:
        return may(request, "listing.edit")


def moved(price: Decimal, percent: Decimal) -> Decimal:
    """A price raised or lowered by so much per cent, to the three places that shops carry, half up."""
    return (price * (100 + percent) / 100).quantize(PLACES, ROUND_HALF_UP)


def _row(item: Item, old: str, new: str) -> Row:
    return Row(item, named(item), old, new)


def _at_shops(rows: list[Item]) -> list[Row]:
    """Each item with the number of shops that have a lot of it. One statement."""
    counted = Listing.objects.filter(item__in=[item.pk for item in rows]).exclude(lot_id="").order_by()
    lots = dict(counted.values_list("item").annotate(Count("pk")))
    return [_row(item, f"{item.quantity_available:,} available", _lots(lots.get(item.pk, 0))) for item in rows]


def _lots(number: int) -> str:
    return ngettext("%d lot", "%d lots", number) % number if number else "no lot"


def _edited(done: items.Edited, what: str) -> str:
    said = ngettext("The %s of %d item is changed", "The %s of %d items is changed", done.changed) % (what, done.changed)
    return f"{said}; {done.unchanged:,} had it already." if done.unchanged else f"{said}."


def _none_or_many(number: int, none: str) -> str:
    if not number:
        return f"Nothing was done: {none}"
    return f"{number:,} items are too many at once. Choose at most {MOST:,}, by a filter."
