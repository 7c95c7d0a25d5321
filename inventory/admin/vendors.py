from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.workplace import acting
from inventory import vendors
from inventory.admin import orderpage
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.keeping import KeptAdmin
from inventory.admin.stock import VerbForm
from inventory.marks import Mark
from inventory.models import Product, Vendor
from inventory.wording import NOTHING


class ActiveFilter(StateFilter):
    states = (
        State("active", "Active", Q(active=True)),
        State("inactive", "Not active", Q(active=False), shown_empty=False),
        State("all", "All", Q()),
    )
    otherwise = "active"
    when_searched = "all"


def active_mark(active: bool) -> Mark:
    return Mark("Active", "success", "check_circle") if active else Mark("Not active", "", "block")


class VendorAdmin(KeptAdmin, ChipsAdmin):
    """Whom the business buys from."""

    form = VerbForm
    view_operation = "vendor.view"
    add_operation = "vendor.add"
    change_operation = "vendor.edit"
    delete_operation = "vendor.edit"
    otherwise = "Set the vendor to not active instead."
    delete_verb = staticmethod(vendors.delete_vendor)
    state_filter = ActiveFilter
    change_form_outer_after_template = "admin/inventory/vendor_orders.html"
    empty_title = "No vendor here"
    empty_text = "Add those you buy from, or import products whose file names some."
    list_display = ("name", "code", "contact", "email", "phone", "lead_time", "products", "state")
    list_filter = (ActiveFilter,)
    search_fields = ("name", "code", "email", "phone", "contact")
    search_help_text = "Name, code, contact person, e-mail address or telephone; vendors that are not active are found too"
    ordering = ("name_key", "id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fields: tuple[Any, ...] = (("name", "code"), ("contact", "lead_time_days"), ("email", "phone"), "address", "notes")
        return (*fields, "active") if obj else fields

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        vendor = context.get("original")
        if vendor is not None:
            context.update(orderpage.of_vendor(request, vendor))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        rows = Product.objects.filter(vendor__in=[vendor.pk for vendor in shown])
        numbers = dict(rows.order_by().values_list("vendor").annotate(Count("pk")))
        for vendor in shown:
            vendor.product_count = numbers.get(vendor.pk, 0)
        changes.result_list = shown
        return changes

    @admin.display(description="lead time", ordering="lead_time_days")
    def lead_time(self, vendor: Vendor) -> str:
        days = vendor.lead_time_days
        return NOTHING if days is None else f"{days} day" if days == 1 else f"{days} days"

    @admin.display(description="products")
    def products(self, vendor: Any) -> SafeString | int:
        if not vendor.product_count:
            return 0
        address = reverse("admin:inventory_product_changelist")
        return format_html('<a class="ls-link" href="{}?vendor__id__exact={}">{}</a>', address, vendor.pk, vendor.product_count)

    @admin.display(description="state", ordering="active")
    def state(self, vendor: Vendor) -> Mark:
        return active_mark(vendor.active)

    def save_model(self, request: HttpRequest, obj: Vendor, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        if change:
            vendors.edit_vendor(acting(request), self.find(request, str(obj.pk)), **given)
            return
        obj.pk = vendors.add_vendor(acting(request), **{"name": "", **given}).pk
