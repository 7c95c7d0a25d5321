"""What the page of an item shows: each shop's state with told beside wanted, where the quantity comes from, files, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.acting import Actor
from accounts.workplace import acting, may
from inventory import levels, moment
from inventory.ledgerwords import amount, product_link
from inventory.marks import Mark
from inventory.models import Hold, Item, ItemStatus, Level
from inventory.quantity import plain
from marketplaces.admin.filters import shops_of
from marketplaces.admin.itemform import QuantityForm
from marketplaces.admin.live import every
from marketplaces.admin.shopwords import STATES
from marketplaces.admin.timeline import timeline
from marketplaces.admin.words import LISTING, MEANINGS, colour, colour_names, field_label, lot_link, provider_label, value_text
from marketplaces.condition import Condition, State, condition_of
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.provider import PROVIDERS
from marketplaces.push import Choice, choices_of
from sync.systems import values_of


@dataclass(frozen=True)
class Line:
    """A field as the shop was told it, and as it should be."""

    label: str
    told: str
    wanted: str

    @property
    def differs(self) -> bool:
        return self.told != self.wanted


@dataclass(frozen=True)
class Side:
    """A shop's half of the page. `about` says what the state means; `stands` why the shop as a whole takes nothing."""

    shop: Shop
    label: str
    listing: Listing | None
    mark: Mark
    about: str
    lines: list[Line]
    lot: SafeString | str
    condition: Condition
    condition_mark: Mark | None
    choices: tuple[Choice, ...] = ()
    refusal: Refusal | None = None
    page: str = ""

    @property
    def kept_off(self) -> bool:
        return self.listing is not None and self.listing.kept_off

    @property
    def bad(self) -> bool:
        """Whether what the shop said is an error and no mere remark."""
        states = (ListingState.FAILED, ListingState.NEEDS_PERSON, ListingState.UNMAPPED)
        return self.listing is not None and self.listing.state in states


@dataclass(frozen=True)
class Term:
    """A line of the sum from which a linked item's quantity comes."""

    label: str
    value: str
    result: bool = False


@dataclass(frozen=True)
class Formula:
    """How a linked item's quantity comes about, with its numbers filled in."""

    product: SafeString
    terms: list[Term] = field(default_factory=list)
    sentence: str = ""


def contents(request: HttpRequest, item: Item) -> dict[str, Any]:
    """For the templates above and below the form. A constant number of statements for each shop."""
    actor = acting(request)
    return {
        **live(actor, item),
        "title": str(item),
        "colour": colour(item.color_id, colour_names(actor.account, [item.color_id])),
        "formula": formula(item) if item.linked else None,
        "quantity_form": QuantityForm(auto_id="quantity_%s"),
        "timeline": timeline(item, request.GET.get("before", "")),
        "attachments": list(item.attachments.defer("body").order_by("id")),
        "live": reverse("admin:inventory_item_live", args=[item.pk]),
        "shown_version": request.POST.get("version") or item.version,
        **_allowed(request, item),
    }


def live(actor: Actor, item: Item) -> dict[str, Any]:
    """The part that turns by itself while the shops are being told."""
    listings = {row.shop_id: row for row in Listing.objects.filter(item=item)}
    now = moment.now()
    sides = [_side(item, shop, listings.get(shop.pk), condition_of(shop, now)) for shop in shops_of(actor)]
    return {
        "item": item,
        "sides": sides,
        "sold": item.status == ItemStatus.SOLD,
        "every": every(side.listing.state for side in sides if side.listing),
        "may_push": actor.may("listing.push"),
        "may_keep": actor.may("listing.edit") and item.archived_at is None,
        "may_resolve": actor.may("listing.resolve"),
    }


def _allowed(request: HttpRequest, item: Item) -> dict[str, bool]:
    here = item.archived_at is None
    return {
        "may_edit": here and may(request, "item.edit"),
        "may_adjust": here and not item.linked and may(request, "item.adjust"),
        "may_archive": may(request, "item.archive"),
        "may_undo": may(request, "item.undo"),
        "may_attach": may(request, "item.attach"),
        "may_preview": may(request, "listing.view"),
    }


def _side(item: Item, shop: Shop, listing: Listing | None, condition: Condition) -> Side:
    wanted = _wanted(item, shop)
    state = listing.state if listing else ListingState.WAITING
    idle = listing is not None and not listing.lot_id and not item.offered
    about = "Nothing of it is offered, and the shop has no lot of it." if idle and state == ListingState.SYNCED else MEANINGS[state]
    number = str(wanted.identity.get("boid") or wanted.identity.get("number", "")) if isinstance(wanted, Wanted) else ""
    return Side(
        shop,
        provider_label(shop.provider),
        listing,
        LISTING[state] if listing else Mark("Not listed"),
        about if listing else "It has not been listed here yet.",
        [] if listing is None else list(_lines(item, listing, wanted)),
        lot_link(shop.provider, listing.lot_id if listing else "", number),
        condition,
        None if condition.state is State.READY else STATES[condition.state],
        choices_of(listing) if listing else (),
        wanted if isinstance(wanted, Refusal) and not idle else None,
        reverse("admin:marketplaces_shop_change", args=[shop.pk]),
    )


def _wanted(item: Item, shop: Shop) -> Wanted | Refusal | None:
    provider = PROVIDERS.get(shop.provider)
    return provider.wanted(item, shop, values_of(shop.connection)) if provider else None


def _lines(item: Item, listing: Listing, wanted: Wanted | Refusal | None) -> Iterator[Line]:
    """Told beside wanted: the quantity, what the lot is, and each field that we manage."""
    told_fields: Mapping[str, Any] = listing.told.get("fields") or {}
    there = bool(listing.lot_id)
    quantity = item.offered if not listing.kept_off else 0
    if isinstance(wanted, Wanted) and not listing.kept_off:
        quantity = wanted.quantity
    yield Line(
        field_label("quantity"), f"{listing.told_quantity:,}" if there else NOT_THERE, f"{quantity:,}" if quantity or there else NOT_THERE
    )
    if not isinstance(wanted, Wanted) or (not there and (listing.kept_off or not item.offered)):
        return
    yield from (
        Line(field_label(name), value_text(name, told_fields.get(name)) if there else NOT_THERE, value_text(name, value))
        for name, value in wanted.fields.items()
    )


NOT_THERE = "no lot"


def formula(item: Item) -> Formula:
    """What is there in each of its warehouses, what is kept back, and what comes out. Four statements."""
    product = item.product
    assert product is not None
    kind = item.unit_kind
    places = [source.warehouse for source in item.sources.select_related("warehouse")]
    rows = Level.objects.filter(product=product, warehouse__in=places).select_related("warehouse")
    shown = {each.level.warehouse_id: each.available.of(kind) for each in levels.present(rows)}
    held = sum((hold.quantity for hold in _holds(item)), Decimal(0))
    terms = [Term(f"Available in {place.name}", amount(shown.get(place.pk, Decimal(0)), kind)) for place in places]
    if held:
        terms.append(Term("Held for orders", f"− {amount(held, kind)}"))
    if item.buffer:
        terms.append(Term("Kept back", f"− {amount(item.buffer, kind)}"))
    if item.share != 100:
        terms.append(Term("Share of it that is offered", f"{item.share} %"))
    if item.pack != 1:
        terms.append(Term("In one piece of the item", f"÷ {amount(item.pack, kind)}"))
    if item.minimum:
        terms.append(Term("None is offered below", f"{item.minimum:,}"))
    if item.maximum is not None:
        terms.append(Term("Never more than", f"{item.maximum:,}"))
    terms.append(Term("Offered", f"{item.quantity_available:,}", result=True))
    free = sum(shown.get(place.pk, Decimal(0)) for place in places) - held - item.buffer
    sentence = f"{plain(free):f} × {item.share} % ÷ {plain(item.pack):f}, rounded down" if free > 0 else "Nothing is left to offer"
    return Formula(product_link(product), terms, sentence)


def _holds(item: Item) -> Any:
    places = item.sources.values("warehouse")
    return Hold.objects.filter(product=item.product_id, unit_kind=item.unit_kind, warehouse__in=places, released_at__isnull=True)
