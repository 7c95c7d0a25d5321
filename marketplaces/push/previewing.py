"""What would be sent for an item, shop by shop: judged as a push judges it, with nothing sent and nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.acting import Actor
from inventory.models import Item
from marketplaces.lots import Refusal
from marketplaces.models import OPEN_STATES, Attempt, Listing, Shop
from marketplaces.push.held import View
from marketplaces.push.line import Line
from marketplaces.push.plan import Create, Delete, Nothing, Read, Retire, Step, Update
from marketplaces.push.requesting import selling
from marketplaces.push.told import told_of
from marketplaces.push.working import next_step

_WORDS: Mapping[type[Any], str] = {
    Nothing: "nothing",
    Read: "read",
    Create: "create",
    Update: "update",
    Retire: "replace",
    Delete: "delete",
    Refusal: "refused",
}


@dataclass(frozen=True)
class Preview:
    """The next thing a shop would be sent. `quantity` is the number of pieces it would then have been told."""

    shop: Shop
    operation: str
    lot_id: str
    told_quantity: int
    quantity: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    sentence: str = ""
    hint: str = ""


def preview(actor: Actor, item: Item) -> list[Preview]:
    """What each shop would be sent next for the item. What would first have to be looked up there is judged by what is known.

    Raises NotAllowed, Item.DoesNotExist for one of another account.
    """
    actor.require("listing.view")
    row = Item.objects.get(pk=item.pk, account=actor.account)
    listings = {each.shop_id: each for each in Listing.objects.filter(item=row)}
    open_ones = {each.listing_id: each for each in Attempt.objects.filter(listing__item=row, state__in=OPEN_STATES)}
    found = []
    for shop in selling(actor.account.pk).select_related("connection"):
        listing = listings.get(shop.pk) or Listing(account=actor.account, shop=shop, item=row)
        view = View(listing, row, shop, told_of(listing), open_ones.get(listing.pk))
        found.append(_described(view))
    return found


def _described(view: View) -> Preview:
    told = view.told
    if view.attempt is not None:
        sentence = "The outcome of the last call is open: it is read back first."
        return Preview(view.shop, "read", told.lot_id, told.quantity, told.quantity, sentence=sentence)
    step, warnings = next_step(Line(view.shop), view, sends=False)
    quantity, fields = _told_by(step, told.quantity)
    problem = (step.code, step.sentence, step.hint) if isinstance(step, Refusal) else ("", " ".join(warnings), "")
    return Preview(view.shop, _WORDS[type(step)], told.lot_id, told.quantity, quantity, fields, *problem)


def _told_by(step: Step, told: int) -> tuple[int, Mapping[str, Any]]:
    if isinstance(step, Create):
        return step.wanted.quantity, step.wanted.fields
    if isinstance(step, Update):
        return told + step.difference if step.absolute is None else step.absolute, step.fields
    return (0, {}) if isinstance(step, Delete) and not step.retiring else (told, {})
