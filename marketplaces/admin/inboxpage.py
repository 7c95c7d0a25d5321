"""What waits for a person, each with the page on which it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.acting import Actor
from inventory.marks import Mark
from marketplaces.admin.filters import shops_of
from marketplaces.admin.words import item_page
from marketplaces.inbox import PAGE, Entry, Kind, inbox
from marketplaces.models import Difference, Listing, OrderLine

MARKS: Mapping[Kind, Mark] = {
    Kind.SHORTFALL: Mark("Sold, not there", "danger", "production_quantity_limits"),
    Kind.UNMATCHED: Mark("Not matched", "warning", "link_off"),
    Kind.NEEDS_PERSON: Mark("Needs a person", "danger", "front_hand"),
    Kind.DIFFERENCE: Mark("Differs", "warning", "difference"),
    Kind.RESTOCK: Mark("Restock?", "warning", "assignment_return"),
    Kind.UNREADABLE: Mark("Not read", "danger", "receipt_long"),
}


@dataclass(frozen=True)
class Tab:
    label: str
    count: int
    link: str
    chosen: bool


def contents(actor: Actor, query: Mapping[str, str]) -> dict[str, Any]:
    """For the template. A constant number of statements."""
    shops = shops_of(actor)
    shop = next((each for each in shops if str(each.pk) == query.get("shop")), None)
    chosen = next((kind for kind in Kind if kind == query.get("kind")), None)
    found = inbox(actor.account, shop=shop)
    entries = [entry for entry in found.entries if chosen is None or entry.kind is chosen]
    pages, place = _pages(entries), shop.pk if shop else None
    return {
        "tabs": [
            Tab("All", found.total, _address("", place), chosen is None),
            *(Tab(kind.label, found.counts[kind], _address(kind, place), kind is chosen) for kind in Kind if found.counts[kind]),
        ],
        "shops": [(each, _address(chosen or "", each.pk), each == shop) for each in shops] if len(shops) > 1 else [],
        "every_shop": _address(chosen or "", None),
        "rows": [(entry, MARKS[entry.kind], pages.get((entry.entity, entry.id), "")) for entry in entries],
        "cut": any(found.counts[kind] > PAGE for kind in Kind if chosen in (None, kind)),
        "shown": PAGE,
    }


def _address(kind: str, shop: int | None) -> str:
    return f"?{urlencode({name: value for name, value in (('kind', kind), ('shop', shop)) if value})}"


def _pages(entries: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """Where each is settled. A statement for each sort of thing that waits."""
    ids: dict[str, list[int]] = {}
    for entry in entries:
        ids.setdefault(entry.entity, []).append(entry.id)
    pages = {("order", pk): reverse("admin:marketplaces_order_change", args=[pk]) for pk in ids.get("order", ())}
    if "listing" in ids:
        for pk, item in Listing.objects.filter(pk__in=ids["listing"]).values_list("pk", "item"):
            pages["listing", pk] = f"{item_page(item)}#shops"
    if "orderline" in ids:
        for pk, order in OrderLine.objects.filter(pk__in=ids["orderline"]).values_list("pk", "order"):
            pages["orderline", pk] = reverse("admin:marketplaces_order_change", args=[order])
    if "difference" in ids:
        rows = Difference.objects.filter(pk__in=ids["difference"]).values_list("pk", "verification", "kind")
        for pk, run, kind in rows:
            pages["difference", pk] = f"{reverse('admin:marketplaces_verification_change', args=[run])}?kind={kind}#differences"
    return pages
