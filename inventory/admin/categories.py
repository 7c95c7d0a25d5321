from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import actor_for_request
from accounts.workplace import acting
from inventory import categories
from inventory.admin.keeping import KeptAdmin
from inventory.admin.stock import VerbForm
from inventory.models import Category, Product
from inventory.wording import NOTHING


def with_paths(field: Any, request: HttpRequest, *, leaving_out: Collection[int] = ()) -> Any:
    """Let a form's field offer the account's categories by their paths, in the order of these."""
    actor = actor_for_request(request)
    if field is not None and actor is not None:
        offered = [(pk, path) for pk, path in categories.paths(actor.account).items() if pk not in leaving_out]
        field.choices = [("", "---------"), *offered]
    return field


class CategoryAdmin(KeptAdmin):
    """Kinds of products. They may lie in each other."""

    form = VerbForm
    view_operation = "category.view"
    add_operation = "category.add"
    change_operation = "category.edit"
    delete_operation = "category.edit"
    otherwise = "Move what is in it elsewhere first."
    delete_verb = staticmethod(categories.delete_category)
    empty_title = "No category here"
    empty_text = "Add categories to narrow lists of products by them, or import products whose file names some."
    list_display = ("name", "place", "products")
    search_fields = ("name",)
    ordering = ("name_key", "id")
    fields = ("name", "parent")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        here = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
        inside = categories.within(acting(request).account, int(here)) if here.isdigit() else ()
        return with_paths(field, request, leaving_out=inside)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "parent":
            field.label, field.help_text = "Lies in", "Empty: it is on top."
        elif db_field.name == "name":
            field.help_text = f"Any text without {categories.SEPARATOR}, which stands between categories in files."
        return field

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        account = acting(request).account
        rows = Product.objects.filter(account=account, category__isnull=False)
        numbers = categories.with_inner(account, dict(rows.order_by().values_list("category").annotate(Count("pk"))))
        paths = categories.paths(account)
        for category in shown:
            category.place = paths.get(category.parent_id)
            category.product_count = numbers.get(category.pk, 0)
        changes.result_list = shown
        return changes

    @admin.display(description="lies in")
    def place(self, category: Any) -> str:
        return category.place or NOTHING

    @admin.display(description="products")
    def products(self, category: Any) -> SafeString | int:
        if not category.product_count:
            return 0
        address = reverse("admin:inventory_product_changelist")
        return format_html('<a class="ls-link" href="{}?category={}">{}</a>', address, category.pk, category.product_count)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data if name in self.fields}
        if change:
            categories.edit_category(acting(request), self.find(request, str(obj.pk)), **given)
            return
        obj.pk = categories.add_category(acting(request), name=form.cleaned_data["name"], parent=form.cleaned_data["parent"]).pk
