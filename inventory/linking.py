"""Which product a unit is."""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from inventory.models import AliasKind, Product, ProductAlias, Unit

_NONE = Value(0)


def link(units: QuerySet[Unit]) -> int:
    """Link `units` to the product that has their model as an alias, else to the one whose SKU reads like it, else to none; how many links
    changed.

    One statement, which writes only the rows whose link changes. Of several products with such a SKU the first one made is taken.
    """
    by_alias = ProductAlias.objects.filter(account=OuterRef("account"), kind=AliasKind.MODEL, key=OuterRef("model_key"))
    by_sku = Product.objects.filter(account=OuterRef("account"), model_key=OuterRef("model_key")).exclude(model_key="").order_by("pk")
    product = Coalesce(Subquery(by_alias.values("product")[:1]), Subquery(by_sku.values("pk")[:1]))
    linked, wanted = Coalesce(F("product_id"), _NONE), Coalesce(product, _NONE)
    return units.alias(linked=linked, wanted=wanted).exclude(linked=F("wanted")).order_by().update(product=product)
