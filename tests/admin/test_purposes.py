"""What went out and came in otherwise: apart in the lists, under its own name on the pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory.ledger import PurchaseFact, SaleFact, TransferFact, receive_many, sell_many, transfer_many
from inventory.ledgerwords import product_page
from inventory.models import Purchase, Sale
from tests.admin.bookings import address
from tests.admin.pages import page
from tests.inventory.ledger.build import Shop, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Shop:
    """Bought 20, found 2; sold 5, wasted 3, used 1, and sent 4 to a store."""
    shop = Shop(account)
    shop.buy(20, cost="2")
    shop.sell(5, price="4")
    about = {"product_id": shop.tea.pk, "unit_kind": "packs"}
    here = {**about, "warehouse_id": shop.place.pk}
    now = timezone.now()
    sell_many(shop.actor, [SaleFact(source_key="w", quantity=3, sold_at=now, purpose="wastage", reference="SCRAP/1", **here)])
    sell_many(shop.actor, [SaleFact(source_key="c", quantity=1, sold_at=now, purpose="consumption", **here)])
    receive_many(shop.actor, [PurchaseFact(source_key="f", quantity=2, bought_at=now, purpose="found", **here)])
    store = make_place(account, "STORE")
    moved = TransferFact(source_key="m", quantity=4, moved_at=now, from_id=shop.place.pk, to_id=store.pk, **about)
    transfer_many(shop.actor, [moved])
    return shop


def listed(browser: Client, kind: str, query: str = "") -> list[str]:
    return [str(row) for row in browser.get(f"{address(kind)}{query}").context["cl"].result_list]


def test_lists_keep_purposes_apart(viewer: Client, shop: Shop) -> None:
    sale, wasted, used = (Sale.objects.get(source_key=key) for key in (None, "w", "c"))
    assert listed(viewer, "sale") == [f"Sale {sale.pk}"]
    assert listed(viewer, "sale", "?purpose=wastage") == [f"Wastage {wasted.pk}"]
    assert len(listed(viewer, "sale", "?purpose=all")) == 4
    assert listed(viewer, "sale", "?purpose=nonsense") == [f"Sale {sale.pk}"]
    # Whoever searches means all of them.
    assert listed(viewer, "sale", "?q=SCRAP/1") == [f"Wastage {wasted.pk}"]
    chips = {chip.label: chip.count for chip in viewer.get(f"{address('sale')}?purpose=consumption").context["cl"].chips}
    assert chips == {"Booked": 1, "Cancelled": 0, "All": 1}
    assert f"{used.pk} Consumption" in page(viewer, f"{address('sale')}?purpose=consumption")
    bought = Purchase.objects.get(source_key=None)
    assert listed(viewer, "purchase") == [f"Purchase {bought.pk}"]
    assert listed(viewer, "purchase", "?purpose=found") == [f"Goods found {Purchase.objects.get(source_key='f').pk}"]
    assert listed(viewer, "purchase", "?purpose=transfer") == [f"Arrival {Purchase.objects.get(purpose='transfer').pk}"]


def test_pages_say_what_it_was_for(manager: Client, shop: Shop) -> None:
    sent, arrived, bought = (
        Sale.objects.get(source_key="m:out"),
        Purchase.objects.get(purpose="transfer"),
        Purchase.objects.get(source_key=None),
    )
    out = page(manager, address("sale", sent.pk))
    assert "Sent elsewhere" in out
    assert f"Where it arrived Arrival {arrived.pk} : 4 packs in Shop STORE" in out
    assert "Margin" not in out
    came = page(manager, address("purchase", arrived.pk))
    assert f"Sent from Shop MAIN: Goods sent {sent.pk}" in came
    # Both sides belong together, so neither is taken back by hand.
    for document, words in ((out, "Cancel this sale"), (came, "Void this purchase")):
        assert words not in document
    wasted = page(manager, address("sale", Sale.objects.get(source_key="w").pk))
    assert "Wastage" in wasted
    assert "Take back a part" not in wasted
    batch = page(manager, address("batch", bought.batch_id))
    became = page(manager, address("purchase", bought.pk))
    for words, quantity in (("Sold", 5), ("Used in production", 1), ("Wastage", 3), ("Sent elsewhere", 4)):
        assert f"{words} − {quantity}" in batch
        assert f"{words} − {quantity}" in became
    product = page(manager, product_page(shop.tea))
    assert "5 sold, 1 used in production, 3 wastage, 4 sent elsewhere" in product
