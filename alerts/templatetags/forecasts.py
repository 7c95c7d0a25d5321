"""Forecasts on the pages of products and vendors, which lie below them and know nothing of them."""

from __future__ import annotations

from typing import Any

from django import template

from inventory.models import Product, Vendor

register = template.Library()


@register.inclusion_tag("admin/alerts/forecast_card.html", takes_context=True)
def forecast_card(context: template.Context, product: Product) -> dict[str, Any]:
    """The card on a product's page."""
    # The theme reads all tags while it is being loaded itself, and the pages need it.
    from alerts.admin.forecastcard import card

    # Not at the top: the admin itself loads the template tags, before it is complete.

    request = context["request"]
    return {"card": card(request, product), "request": request, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("admin/alerts/vendor_suggestions.html", takes_context=True)
def vendor_suggestions(context: template.Context, vendor: Vendor | None) -> dict[str, Any]:
    """What is to be ordered of a vendor, on the vendor's page."""
    from alerts.admin.vendorsuggestions import suggestions_of

    request = context["request"]
    found = suggestions_of(request, vendor) if vendor is not None else None
    return {"found": found, "vendor": vendor, "request": request, "csrf_token": context.get("csrf_token")}
