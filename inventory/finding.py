"""Products and vendors by what somebody types or scans."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import Account
from inventory.keys import model_key, name_key, sku_key
from inventory.models import Product, ProductAlias, Vendor

OFFERED = 10


def named(account: Account, text: str) -> list[Product]:
    """The products that are meant by exactly this text: those with that SKU, else those with that barcode or model.

    Usually one. Several where a barcode is on more than one product; products that are not active only where no active one is meant.
    """
    key, alias = sku_key(text), model_key(text)
    if not key:
        return []
    rows = Product.objects.filter(account=account)
    found = list(rows.filter(sku_key=key)[:OFFERED])
    if not found and alias:
        known = ProductAlias.objects.filter(account=account, key=alias)
        found = list(rows.filter(Q(pk__in=known.values("product")) | Q(model_key=alias))[:OFFERED])
    return [product for product in found if product.active] or found


def like(account: Account, text: str, *, limit: int = OFFERED) -> list[Product]:
    """Products whose SKU or barcode begins with this text or whose name holds it, active ones and SKUs first."""
    rows = matching(Product.objects.filter(account=account), text)
    starts = Case(When(sku_key__startswith=sku_key(text), then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(rows.order_by("-active", starts, "sku_key", "id")[:limit])


def matching(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Those of `rows` whose SKU, barcode or model begins with this text, or whose name holds it."""
    known = Q(sku_key__startswith=sku_key(text)) | Q(name__icontains=text.strip())
    alias = model_key(text)
    if alias:
        known |= Q(pk__in=ProductAlias.objects.filter(key__startswith=alias).values("product"))
    return rows.filter(known)


def vendor_named(account: Account, text: str) -> Vendor | None:
    """The vendor with this name or code."""
    rows = Vendor.objects.filter(account=account)
    return rows.filter(name_key=name_key(text)).first() or rows.filter(code=text.strip()).exclude(code="").first()


def vendors_like(account: Account, text: str, *, limit: int = OFFERED) -> list[Vendor]:
    """Active vendors whose name holds this text or whose code begins with it."""
    known = Q(name_key__contains=name_key(text)) | Q(code__istartswith=text.strip())
    return list(Vendor.objects.filter(known, account=account, active=True)[:limit])
