"""On the page of a product: what outside systems say has moved of it, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts.workplace import may
from inventory.admin.productcards import ProductCard, shown_by
from inventory.marks import Mark
from inventory.models import Product
from sync.admin.factpage import STATES, whereabouts
from sync.models import SourceFact

SHOWN = 5


@dataclass(frozen=True)
class Moves:
    """`lines` are the newest, each with its mark and where it was; `link` is the list of all."""

    lines: list[tuple[SourceFact, Mark, str]]
    more: bool
    link: str


@shown_by
def card(request: HttpRequest, product: Product) -> ProductCard | None:
    """Nothing where no outside system told of a move of it. One query."""
    if not may(request, "fact.view"):
        return None
    rows = SourceFact.objects.filter(product=product).select_related("connection", "warehouse", "warehouse_to").defer("raw", "pair_there")
    found = list(rows.order_by("-id")[: SHOWN + 1])
    if not found:
        return None
    link = f"{reverse('admin:sync_sourcefact_changelist')}?{urlencode({'product': product.sku})}"
    lines = [(fact, STATES[fact.state], whereabouts(fact)) for fact in found[:SHOWN]]
    return ProductCard("admin/sync/product_facts.html", Moves(lines, len(found) > SHOWN, link), place=75)
