"""One row of everything that items and shops leave behind, for tests that go through all addresses."""

from __future__ import annotations

from accounts.acting import Actor
from accounts.models import Account
from inventory import items
from marketplaces.models import ColorMapping, PartMapping
from tests.api.pushbuild import (
    make_attempt,
    make_budget,
    make_difference,
    make_item,
    make_line,
    make_listing,
    make_lot,
    make_order,
    make_shop,
    make_verification,
)

MARK = "QTX-BRICK-777"


def make_push_rows(actor: Actor, account: Account) -> dict[str, int]:
    """An item that a shop sells, with what that leaves behind, by the beginnings of their addresses."""
    shop = make_shop(account, MARK)
    make_budget(shop)
    item = make_item(account, "3001", name=MARK)
    items.attach(actor, item, f"{MARK}.txt", "text/plain", MARK.encode())
    listing = make_listing(shop, item, state="needs_person", code="lot_vanished", sentence=f"The lot of {MARK} is gone.")
    make_lot(listing)
    attempt = make_attempt(listing, sentence=MARK)
    order = make_order(shop, phase="cancelled", restock="offered", buyer=MARK)
    make_line(order, name=MARK)
    run = make_verification(shop)
    make_difference(run, label=MARK)
    part = PartMapping.objects.create(account=account, shop=shop, item_type="PART", part_number=MARK, finding="missing")
    color = ColorMapping.objects.create(account=account, shop=shop, color_id=5, name=MARK)
    return {
        "/api/items/": item.pk,
        "/api/shops/": shop.pk,
        "/api/listings/": listing.pk,
        "/api/attempts/": attempt.pk,
        "/api/orders/": order.pk,
        "/api/verifications/": run.pk,
        "/api/mappings/parts/": part.pk,
        "/api/mappings/colors/": color.pk,
    }
