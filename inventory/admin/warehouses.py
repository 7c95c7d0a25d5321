from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.workplace import acting
from inventory import warehouses
from inventory.admin.stock import StockAdmin, VerbForm
from inventory.marks import Mark
from inventory.models import Bucket, Warehouse, WarehouseMode


class WarehouseForm(VerbForm):
    level_buckets = forms.MultipleChoiceField(
        label="Buckets that count",
        choices=Bucket.choices,
        required=False,
        initial=["FG", "ASIS"],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Where units are listed one by one: those in these buckets make up the levels of their products.",
    )

    class Meta:
        help_texts = {
            "mode": "Who changes its stock. It stays as it is once anything is in the warehouse.",
            "opened_at": "What happened before is in its opening count and is not booked. Empty: now. It stays once anything is booked.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "level_buckets" in self.initial:
            self.initial["level_buckets"] = warehouses.buckets_of(self.initial["level_buckets"])


class WarehouseAdmin(StockAdmin):
    """Places where stock is. They are put out of use, never deleted: stock and its history stand in them."""

    form = WarehouseForm
    view_operation = "warehouse.view"
    add_operation = "warehouse.edit"
    change_operation = "warehouse.edit"
    list_display = ("name", "code", "mode", "units_on_hand", "state")
    list_filter = ("mode", "active")
    search_fields = ("name", "code")
    conditional_fields = {"level_buckets": "mode == 'mirror'", "opened_at": "mode == 'ledger'"}
    set_by_hand = ("name", "mode", "level_buckets", "opened_at", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Warehouse]:
        rows: QuerySet[Warehouse] = super().get_queryset(request).annotate(on_hand=Count("units", filter=Q(units__gone_at__isnull=True)))
        return rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fields: tuple[Any, ...] = (("name", "code"), "mode", "level_buckets", "opened_at")
        return (*fields, "active", ("units_on_hand", "created_at")) if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Programs and files call the warehouse by its code.
        return ("code", "units_on_hand", "created_at") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        # Those of outside systems come with their connections.
        return {"mode": WarehouseMode.LEDGER, **super().get_changeform_initial_data(request)}

    @admin.display(description="units on hand")
    def units_on_hand(self, warehouse: Any) -> int:
        return int(warehouse.on_hand)

    @admin.display(description="state", ordering="active")
    def state(self, warehouse: Warehouse) -> Mark:
        return Mark("In use", "success", "check_circle") if warehouse.active else Mark("Out of use", "", "block")

    def save_model(self, request: HttpRequest, obj: Warehouse, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in self.set_by_hand if name in form.cleaned_data}
        if change:
            changed = {name: value for name, value in given.items() if name in form.changed_data}
            warehouses.edit_warehouse(acting(request), self.find(request, str(obj.pk)), **changed)
            return
        obj.pk = warehouses.add_warehouse(acting(request), code=form.cleaned_data["code"], **given).pk
