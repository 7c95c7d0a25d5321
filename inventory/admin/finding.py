"""What the fields for products and vendors suggest while somebody types, and what they know of the one that is meant."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from accounts.workplace import acting, may
from inventory import finding, levels
from inventory.ledgerwords import counters, money
from inventory.models import Level, Product

LONGEST = 300
PLACES = 5


@require_GET
def find_product(request: HttpRequest) -> JsonResponse:
    """Suggestions for `q`, and the one product that it names exactly, if it does."""
    if not may(request, "product.view"):
        raise PermissionDenied
    account, text = acting(request).account, request.GET.get("q", "").strip()[:LONGEST]
    found = finding.named(account, text) if text else []
    offered = finding.like(account, text) if text else []
    return JsonResponse(
        {
            "options": [{"value": product.sku, "label": product.name} for product in offered],
            "exact": _known(found[0]) if len(found) == 1 else None,
        }
    )


@require_GET
def find_vendor(request: HttpRequest) -> JsonResponse:
    """Suggestions for `q`."""
    if not may(request, "vendor.view"):
        raise PermissionDenied
    text = request.GET.get("q", "").strip()[:LONGEST]
    offered = finding.vendors_like(acting(request).account, text) if text else []
    return JsonResponse({"options": [{"value": vendor.name, "label": vendor.code} for vendor in offered], "exact": None})


def _known(product: Product) -> dict[str, Any]:
    here = levels.present(Level.objects.filter(product=product).select_related("warehouse").order_by("warehouse__name")[: PLACES + 1])
    stocked = [f"{counters(shown.on_hand)} in {shown.level.warehouse}" for shown in here[:PLACES] if any(shown.on_hand)]
    more = ", and more elsewhere" if len(here) > PLACES else ""
    prices = {"usual cost": product.purchase_price, "usual price": product.sale_price}
    said = [str(product), f"there are {'; '.join(stocked)}{more}" if stocked else "none is in stock"]
    said += [f"{name} {money(price)}" for name, price in prices.items() if price is not None]
    if not product.active:
        said.append("not active")
    return {"unit_kind": product.unit_kind, "fractional": product.fractional, "sentence": " · ".join(said)}
