"""Stock in the audit log: its rows by product and by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest

from accounts.acting import actor_for_request
from accounts.admin.audit import filtered_by
from accounts.admin.auditwords import PAGES
from accounts.models import Account, AuditLog
from inventory import finding
from inventory.ledger.correction import ENTITY
from inventory.models import (
    Batch,
    Cause,
    Conflict,
    Count,
    CountLine,
    CustomerReturn,
    Level,
    Load,
    Product,
    Purchase,
    Sale,
    Transfer,
    Unit,
    WriteOff,
)

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter, TextFilter

MOST = 100
"""So many products are looked for; who types less than a name sees rows of the first of them."""
TEXT: CharField[str, str] = CharField(max_length=60)
OF_A_PRODUCT: tuple[tuple[str, Any, str, str], ...] = (
    (ENTITY, Level, "product", "pk"),
    ("Batch", Batch, "product", "pk"),
    ("Purchase", Purchase, "batch__product", "pk"),
    ("Sale", Sale, "product", "pk"),
    ("WriteOff", WriteOff, "product", "pk"),
    ("Transfer", Transfer, "product", "pk"),
    ("CustomerReturn", CustomerReturn, "product", "pk"),
    ("Count", CountLine, "product", "count_id"),
)
"""What the log calls rows of a product: the entity, its model, the way to the product, and the column whose value the log has."""

PAGES.update(
    {
        ENTITY: "inventory_level_change",
        **{
            model.__name__: f"inventory_{model._meta.model_name}_change"
            for model in (Product, Batch, Purchase, Sale, WriteOff, Transfer, CustomerReturn, Count, Unit, Load, Conflict)
        },
    }
)


@filtered_by
class ProductFilter(TextFilter):
    """What was done to a product and to all that is booked of it: found by SKU, barcode, model or name."""

    title = parameter_name = "product"

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        actor, text = actor_for_request(request), (self.value() or "").strip()
        return queryset.filter(about(actor.account, text)) if actor is not None and text else queryset


@filtered_by
class CauseFilter(DropdownFilter):
    """By one of the causes for which stock is written."""

    title = parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(cause.value, str(cause.label)) for cause in Cause]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        return queryset.filter(cause=self.value()) if self.value() else queryset


def about(account: Account, text: str) -> Q:
    """Rows about the products of an account that the text finds."""
    products = list(finding.matching(Product.objects.filter(account=account), text).values_list("pk", flat=True)[:MOST])
    found = Q(entity="Product", entity_id__in=[str(pk) for pk in products])
    for entity, model, way, column in OF_A_PRODUCT:
        ids = model.objects.filter(account=account, **{f"{way}__in": products}).order_by()
        found |= Q(entity=entity, entity_id__in=ids.annotate(named=Cast(column, TEXT)).values("named"))
    return found
