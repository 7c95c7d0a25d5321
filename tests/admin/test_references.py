"""What people decide about outside products and places: which product is meant, which places count, whose word counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory import catalogue
from inventory.ledgerwords import product_page
from inventory.models import Product, Warehouse, WarehouseMode
from sync.models import Connection, FieldGroup, FieldOwner, ProductRef, StockRef, WarehouseRef
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account, make_actor
from tests.sync.finale_doors.conftest import make_finale

LIST = "/admin/sync/productref/"


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_finale(account)


def refer(connection: Connection, sku: str, product: Product | None = None, **values: Any) -> ProductRef:
    given = {"external_id": f"/exampleco/api/product/{sku}", "sku": sku, "sku_key": sku, "first_seen_at": timezone.now(), **values}
    return ProductRef.objects.create(account=connection.account, connection=connection, product=product, **given)


def test_the_list_of_work_is_what_nobody_could_match(staff: Client, connection: Connection) -> None:
    soil = catalogue.add_product(make_actor(connection.account), sku="SOIL-25")
    refer(connection, "SOIL-25", soil)
    refer(connection, "TRAY", problem="2 products here have its barcode. Choose the one that is meant.")
    shown = page(staff, LIST)
    assert ("2 products here have its barcode." in shown, "SOIL-25" in shown) == (True, False)
    assert "SOIL-25" in page(staff, f"{LIST}?q=soil")


def test_a_manager_says_which_product_it_is_and_it_leaves_the_list(manager: Client, staff: Client, connection: Connection) -> None:
    actor = make_actor(connection.account)
    tray = catalogue.add_product(actor, sku="TRAY-A", barcodes=["4006381333931"])
    catalogue.add_product(actor, sku="TRAY-B", barcodes=["4006381333931"])
    ref = refer(connection, "TRAY", barcode="4006381333931", barcode_key="4006381333931")
    shown = page(manager, f"{LIST}{ref.pk}/change/")
    assert ("It is this one TRAY-A" in shown, "It is this one TRAY-B" in shown) == (True, True)
    assert staff.post(f"{LIST}{ref.pk}/match/", {"product": "TRAY-A"}).status_code == 403
    wrong = text_of(manager.post(f"{LIST}{ref.pk}/match/", {"product": "nothing of the kind"}, follow=True))
    assert "No product has the SKU, barcode, model or name “nothing of the kind”." in wrong
    said = text_of(manager.post(f"{LIST}{ref.pk}/match/", {"product": "TRAY-A", "product_id": tray.pk}, follow=True))
    ref.refresh_from_db()
    assert ("TRAY of Finale is TRAY" in said, ref.product) == (True, tray)


def test_none_of_those_here_makes_a_new_one(manager: Client, connection: Connection) -> None:
    ref = refer(connection, "PERLITE-4CF", name="Perlite 4 cu ft")
    said = text_of(manager.post(f"{LIST}{ref.pk}/split/", follow=True))
    ref.refresh_from_db()
    assert ref.product is not None
    assert ("It was made new." in said, ref.product.sku, ref.product.name) == (True, "PERLITE-4CF", "Perlite 4 cu ft")


def test_what_belongs_to_another_account_is_nowhere(manager: Client, connection: Connection) -> None:
    other = make_finale(make_account("Other"))
    ref = refer(other, "SECRET")
    place = WarehouseRef.objects.create(account=other.account, connection=other, external_id="/f/1", first_seen_at=timezone.now())
    assert "SECRET" not in page(manager, f"{LIST}?state=all")
    for path in (f"{LIST}{ref.pk}/change/", f"/admin/sync/syncrun/connection/{other.pk}/places/"):
        assert manager.get(path).status_code == 404, path
    for path in (f"{LIST}{ref.pk}/match/", f"{LIST}{ref.pk}/split/", f"/admin/sync/syncrun/place/{place.pk}/counts/"):
        assert manager.post(path).status_code == 404, path


def test_a_place_is_left_out_and_let_count_again(manager: Client, connection: Connection) -> None:
    given = {"account": connection.account, "connection": connection, "first_seen_at": timezone.now()}
    house = Warehouse.objects.create(account=connection.account, name="Main", code="MAIN", mode=WarehouseMode.MIRROR)
    WarehouseRef.objects.create(**given, external_id="/f/10000", name="Main warehouse", warehouse=house)
    place = WarehouseRef.objects.create(**given, external_id="/f/10001", name="A-01", parent_id_there="/f/10000")
    where = f"/admin/sync/syncrun/connection/{connection.pk}/places/"
    assert "A-01 Main warehouse check_circle Counts Leave it out Main" in page(manager, where)
    said = text_of(manager.post(f"/admin/sync/syncrun/place/{place.pk}/counts/", {"counts": "off"}, follow=True))
    assert ("A-01 does not count" in said, "Does not count Let it count no warehouse" in said) == (True, True)
    place.refresh_from_db()
    assert (place.counts, place.counts_pinned) == (False, True)
    before = queries_of(manager, where)
    WarehouseRef.objects.bulk_create(
        [WarehouseRef(**given, external_id=f"/f/2{number}", name=f"B-{number}", parent_id_there="/f/10000") for number in range(9)]
    )
    assert queries_of(manager, where) == before


def test_the_order_of_those_whose_word_counts_is_kept(manager: Client, connection: Connection) -> None:
    second = make_finale(connection.account, "Second")
    shown = text_of(manager.post("/admin/sync/syncrun/owners/", {"group": "price", "owner": [second.pk, connection.pk]}, follow=True))
    assert "Purchase price: the order is kept." in shown
    owners = FieldOwner.objects.filter(group=FieldGroup.PRICE).order_by("rank")
    assert [owner.connection for owner in owners] == [second, connection]


def test_a_product_shows_what_is_said_of_it_and_a_pin_can_be_taken_off(manager: Client, connection: Connection) -> None:
    product = catalogue.add_product(make_actor(connection.account), sku="SOIL-25", name="Our soil")
    Product.objects.filter(pk=product.pk).update(pins=",name,")
    ref = refer(connection, "SOIL-25", product, name="Potting soil 25 l", cost="7.35", lead_time_days=14)
    for place, on_hand in (("/f/1", 40), ("/f/2", 12)):
        StockRef.objects.create(
            account=connection.account, connection=connection, key=f"{ref.external_id} {place}", product_id_there=ref.external_id,
            place_id_there=place, on_hand=on_hand, first_seen_at=timezone.now(),
        )  # fmt: skip
    shown = page(manager, product_page(product))
    assert "Finale: SOIL-25 52 on hand, 0 reserved, 0 on order" in shown
    assert "Name Our soil keep Pinned by hand Unpin Potting soil 25 l" in shown
    assert "Purchase price – Finale 7.35" in shown
    manager.post(f"/admin/sync/syncrun/product/{product.pk}/unpin/", {"field": "name"})
    product.refresh_from_db()
    assert (product.pins.strip(","), product.name) == ("", "Potting soil 25 l")
