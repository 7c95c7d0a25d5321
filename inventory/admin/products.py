from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Model, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import actor_for_request
from accounts.filters import OwnedAutocompleteFilter
from accounts.workplace import ScopedInline, acting, may
from inventory import catalogue, categories, levels
from inventory.admin.categories import with_paths
from inventory.admin.chips import ChipsAdmin
from inventory.admin.importpage import PRODUCTS, import_view
from inventory.admin.keeping import KeptAdmin
from inventory.admin.stock import VerbForm
from inventory.admin.values import values_filter
from inventory.admin.vendors import ActiveFilter, active_mark
from inventory.ledger.counters import Counters
from inventory.ledgerwords import counters, money, product_page
from inventory.marks import Mark
from inventory.models import AliasKind, Level, Product, ProductAlias, Unit
from inventory.quantity import plain
from inventory.uses import Uses
from inventory.wording import NOTHING

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter


PRICES = ("purchase_price", "sale_price")


class CategoryFilter(DropdownFilter):
    """Products of a category and of all that lie in it."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        actor = actor_for_request(request)
        return [(str(pk), path) for pk, path in categories.paths(actor.account).items()] if actor else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = str(self.value() or "")
        if not chosen.isascii() or not chosen.isdigit():
            return queryset
        return queryset.filter(category__in=categories.within(acting(request).account, int(chosen)))


class AliasInline(ScopedInline):
    """Other names, added and removed; whoever may add a product may name it."""

    model = ProductAlias
    fields = ("kind", "text")
    view_operation = "product.view"
    delete_operation = "product.edit"
    verbose_name = "name"
    verbose_name_plural = "Other names: maker's models, by which units find this product, and barcodes"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "product.add" if obj is None else "product.edit")


class ProductForm(VerbForm):
    """Prices without zeros that nobody typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PRICES:
            if self.initial.get(name) is not None:
                self.initial[name] = price(self.initial[name])


def price(amount: Decimal) -> str:
    """With two decimal places, or as many more as it has."""
    return max(f"{amount:.2f}", f"{plain(amount):f}", key=len)


class ProductAdmin(KeptAdmin, ChipsAdmin):
    """The catalogue. Units find their product by a maker's model: an alias, or the SKU itself."""

    form = ProductForm
    otherwise = "Set it to not active instead: lists leave it out then."
    delete_verb = staticmethod(catalogue.delete_product)
    view_operation = "product.view"
    add_operation = "product.add"
    change_operation = "product.edit"
    delete_operation = "product.delete"
    state_filter = ActiveFilter
    empty_title = "No product here"
    empty_text = "Add the products you stock, or import them from a CSV file."
    list_display = ("sku", "name", "product_type", "category_path", "models", "stock", "on_hand", "active_mark")
    list_filter = (
        ActiveFilter,
        CategoryFilter,
        values_filter(Product, "product_type", title="type"),
        ("vendor", OwnedAutocompleteFilter),
        "unit_kind",
        "batch_managed",
    )
    list_filter_submit = True
    search_fields = ("sku", "name", "aliases__text")
    search_help_text = "SKU, name, model or barcode; products that are not active are found too"
    ordering = ("sku_key", "id")
    inlines = (AliasInline,)
    change_list_template = "admin/inventory/product_list.html"
    change_form_outer_before_template = "admin/inventory/product_stock_link.html"

    autocomplete_fields = ("vendor",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        state: tuple[Any, ...] = ("active", ("units", "updated_at")) if obj else ()
        prices = PRICES if obj is None or self.has_change_permission(request, obj) else ("bought_for", "sold_for")
        return (
            (None, {"fields": (("sku", "name"), ("category", "product_type"), *state)}),
            ("Counting and packing", {"fields": (("unit_kind", "fractional"), ("packs_per_pallet", "units_per_pack"), "batch_managed")}),
            ("Buying and selling", {"fields": (("vendor", "lead_time_days"), prices, "reorder_excluded")}),
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return with_paths(field, request) if db_field.name == "category" else field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("units", "updated_at", "bought_for", "sold_for") if obj else ()

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        keys = [product.pk for product in shown]
        here = Unit.objects.filter(product__in=keys, gone_at__isnull=True).order_by().values_list("product").annotate(Count("pk"))
        units = dict(here)
        models: dict[int, list[str]] = {}
        for key, text in ProductAlias.objects.filter(product__in=keys, kind=AliasKind.MODEL).values_list("product", "text"):
            models.setdefault(key, []).append(text)
        paths = categories.paths(acting(request).account)
        available: dict[int, Counters] = {}
        for level in levels.present(Level.objects.filter(product__in=keys)):
            available[level.level.product_id] = available.get(level.level.product_id, Counters()).plus(level.available)
        for product in shown:
            product.available_here = available.get(product.pk, Counters())
            product.category_path_text = paths.get(product.category_id, NOTHING)
            product.units_here, product.model_names = units.get(product.pk, 0), models.get(product.pk, [])
        changes.result_list = shown
        return changes

    @admin.display(description="category", ordering="category__name_key")
    def category_path(self, product: Any) -> str:
        return str(product.category_path_text)

    @admin.display(description="stock")
    def stock(self, product: Any) -> SafeString:
        """What is available in all warehouses together, and the way to why that is so."""
        address = product_page(product)
        return format_html('<a class="ls-link" href="{}">{}</a>', address, counters(product.available_here))

    @admin.display(description="models")
    def models(self, product: Any) -> str:
        return ", ".join(product.model_names) or NOTHING

    @admin.display(description="units on hand")
    def on_hand(self, product: Any) -> int:
        return int(product.units_here)

    @admin.display(description="state", ordering="active")
    def active_mark(self, product: Product) -> Mark:
        return active_mark(product.active)

    @admin.display(description="purchase price")
    def bought_for(self, product: Product) -> str:
        return money(product.purchase_price)

    @admin.display(description="sale price")
    def sold_for(self, product: Product) -> str:
        return money(product.sale_price)

    @admin.display(description="units")
    def units(self, product: Product) -> SafeString:
        address = reverse("admin:inventory_unit_changelist")
        count = product.units.filter(gone_at__isnull=True).count()
        return format_html('<a class="ls-link" href="{}?product={}">{} on hand</a>', address, product.pk, count)

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """The verb saves and audits; a new product is added together with its other names, in save_related."""
        if change:
            given = {name: form.cleaned_data[name] for name in form.changed_data}
            catalogue.edit_product(acting(request), self.find(request, str(obj.pk)), **given)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            super().save_related(request, form, formsets, change)
            return
        typed = [row for formset in formsets for row in formset.cleaned_data if row and not row.get("DELETE")]
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        made = catalogue.add_product(
            acting(request),
            **{"sku": "", **given},
            models=[row["text"] for row in typed if row["kind"] == AliasKind.MODEL],
            barcodes=[row["text"] for row in typed if row["kind"] == AliasKind.BARCODE],
        )
        form.instance.pk = made.pk
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet[Any, Any], change: bool) -> None:
        rows = formset.save(commit=False)
        for alias in formset.deleted_objects:
            catalogue.remove_alias(acting(request), alias)
        for alias in rows:
            catalogue.add_alias(acting(request), form.instance, alias.kind, alias.text)

    def needing(self, row: Model) -> Uses:
        return catalogue.keeping(row)  # type: ignore[arg-type]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"may_import": may(request, "product.import"), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(import_view(self, PRODUCTS))
        return [path("import/", page, name="inventory_product_import"), *super().get_urls()]
