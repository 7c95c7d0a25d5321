"""A shop at the toy marketplace, its lots, and items of ours that are listed there, in plain lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory.models import Item
from marketplaces import verify
from marketplaces.lots import RemoteLot
from marketplaces.models import Difference, Listing, Shop, Verification
from marketplaces.push import drain
from tests.build import make_account, make_actor
from tests.marketplaces.push.toy import ToyStore, make_item, make_shop


class World:
    """A business with one toy shop."""

    def __init__(self, name: str = "7QX", **settings: Any) -> None:
        self.account: Account = make_account(name)
        self.actor: Actor = make_actor(self.account)
        self.shop: Shop
        self.store: ToyStore
        self.shop, self.store = make_shop(self.account, name=f"Toys {name}", **settings)

    def item(self, quantity: int = 10, **fields: Any) -> Item:
        """An item that nothing was told of yet."""
        return make_item(self.account, quantity, **fields)

    def listed(self, quantity: int = 10, **fields: Any) -> Listing:
        """An item that the shop was told of."""
        item = self.item(quantity, **fields)
        self.push()
        return Listing.objects.get(shop=self.shop, item=item)

    def many_listed(self, number: int) -> None:
        """More like the first that is listed, quickly."""
        pattern = Listing.objects.filter(shop=self.shop).order_by("pk")[0]
        lot = self.store.lots[pattern.lot_id]
        numbers = [f"4{each:05}" for each in range(number)]
        items = [Item(account=self.account, part_number=each, quantity_available=lot.quantity, price="0.125") for each in numbers]
        identities = {each: {**lot.identity, "number": each} for each in numbers}
        like: dict[str, Any] = {"account": self.account, "shop": self.shop, "told_quantity": lot.quantity, "state": "synced"}
        Item.objects.bulk_create(items, 500)
        listings = [Listing(item=each, lot_id=f"8{each.part_number}", **like) for each in items]
        for listing in listings:
            listing.told = {**pattern.told, "identity": identities[listing.item.part_number]}
        Listing.objects.bulk_create(listings, 500)
        lots = {f"8{each}": replace(lot, lot_id=f"8{each}", token="", identity=identities[each]) for each in numbers}
        self.store.lots.update(lots)

    def push(self) -> None:
        drain(self.shop.pk)

    def change_there(self, listing: Listing, **changes: Any) -> None:
        """Somebody works at the shop itself: a quantity, or fields of the lot."""
        lot = self.store.lots[listing.lot_id]
        quantity = changes.pop("quantity", lot.quantity)
        self.store.lots[lot.lot_id] = replace(lot, quantity=quantity, fields={**lot.fields, **changes})

    def lot_there(self, lot_id: str = "900000001", quantity: int = 5, **values: Any) -> RemoteLot:
        """A lot that somebody has made at the shop itself."""
        given: dict[str, Any] = {
            "part_number": "3001",
            "item_type": "PART",
            "color_id": 11,
            "condition": "new",
            "name": "Brick",
            **values,
        }
        fields = {"price": "0.125", "notes": "", **given.pop("fields", {})}
        identity = given.pop("identity", {"number": given["part_number"], "condition": given["condition"]})
        self.store.lots[lot_id] = RemoteLot(lot_id, quantity, identity, fields, **given)
        return self.store.lots[lot_id]

    def verify(self) -> Verification:
        """A comparison, from its start to its end."""
        run = verify.start(self.actor, self.shop)
        verify.execute(run.pk)
        run.refresh_from_db()
        return run

    def found(self) -> list[Difference]:
        """What a comparison finds now."""
        run = self.verify()
        assert run.status == "succeeded", run.message
        return list(run.differences.order_by("pk"))

    def only(self) -> Difference:
        (difference,) = self.found()
        return difference

    def carry_out(self) -> None:
        """What a worker does about decisions, and then about listings."""
        verify.carry_out(self.shop.pk)
        self.push()

    def there(self, listing: Listing) -> RemoteLot:
        return self.store.lots[Listing.objects.values_list("lot_id", flat=True).get(pk=listing.pk)]
