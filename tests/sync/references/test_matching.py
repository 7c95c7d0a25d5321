"""What a first sync makes of products that are here already: the barcode's before the SKU's, and a person's choice where it is unclear."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.catalogue import add_product
from inventory.models import Product
from sync import references
from sync.models import ProductRef
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


def test_barcode_is_believed_before_the_sku(account: Account, finale: FinaleStandIn) -> None:
    actor = make_actor(account)
    by_barcode = add_product(actor, sku="EARTH", name="Earth", barcodes=["085000123450"])
    by_sku = add_product(actor, sku="SOIL-25", name="Another soil")
    perlite = add_product(actor, sku="perlite-4cf", name="Perlite")
    synced(finale_connection(account, finale))
    matched = dict(ProductRef.objects.values_list("sku", "product_id"))
    assert matched["SOIL-25"] == by_barcode.pk
    assert matched["PERLITE-4CF"] == perlite.pk
    assert by_sku.pk not in matched.values()
    # Two were there, one by its barcode and one by its SKU; two are new; one stays alone.
    assert Product.objects.count() == 3 + 2


def test_ambiguous_barcode_waits_for_a_person(account: Account, finale: FinaleStandIn) -> None:
    actor = make_actor(account)
    one, other = (add_product(actor, sku=sku, name=sku) for sku in ("ONE", "OTHER"))
    for product in (one, other):
        product.aliases.create(account=account, kind="barcode", text="085000123450", key="085000123450")
    connection = finale_connection(account, finale)
    synced(connection)
    ref = ProductRef.objects.get(sku="SOIL-25")
    assert (ref.product, "2 products here" in ref.problem) == (None, True)
    assert "SOIL-25" not in on_hand()
    references.match_product(actor, ref, other)
    ref.refresh_from_db()
    assert (ref.product, ref.problem) == (other, "")
    # Its stock and what is said of it are there at once.
    other.refresh_from_db()
    assert (other.sku, other.name, other.lead_time_days) == ("SOIL-25", "Potting soil 25 l", 14)
    assert on_hand()["SOIL-25"] == 52
    run = synced(connection)
    assert run.changes_logged == 0
    one.refresh_from_db()
    assert one.name == "ONE"


def test_two_there_with_one_sku_are_two_here(account: Account, finale: FinaleStandIn) -> None:
    mine = add_product(make_actor(account), sku="TWIN", name="Twin")
    for name in ("First", "Second"):
        finale.world.add_product("TWIN", name)
    synced(finale_connection(account, finale))
    products = list(ProductRef.objects.filter(sku="TWIN").order_by("id").values_list("product_id", flat=True))
    assert len(set(products)) == 2
    assert mine.pk in products
    assert Product.objects.filter(sku="TWIN").count() == 2
