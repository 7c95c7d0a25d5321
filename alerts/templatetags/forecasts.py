"""Suggestions on the pages of vendors, which lie below them and know nothing of them."""

from __future__ import annotations

from typing import Any

from django import template

from inventory.models import Vendor

register = template.Library()


@register.inclusion_tag("admin/alerts/vendor_suggestions.html", takes_context=True)
def vendor_suggestions(context: template.Context, vendor: Vendor | None) -> dict[str, Any]:
    """What is to be ordered of a vendor, on the vendor's page."""
    # The theme reads all tags while it is being loaded itself, and the pages need it.
    from alerts.admin.vendorsuggestions import suggestions_of

    request = context["request"]
    found = suggestions_of(request, vendor) if vendor is not None else None
    return {"found": found, "vendor": vendor, "request": request, "csrf_token": context.get("csrf_token")}
