"""The database counts every change of an item, whoever makes it."""

from __future__ import annotations

import pytest
from django.db import connection

from inventory import items
from inventory.models import Item
from tests.inventory.items.build import make_item, make_linked, now
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


def test_sql_alone_lets_the_version_grow() -> None:
    shop = Shop()
    item, other = make_item(shop), make_item(shop)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_item SET price = 2 WHERE id = %s", [item.pk])
        cursor.execute("UPDATE inventory_item SET quantity_available = quantity_available - 1, version = 1 WHERE id = %s", [item.pk])
    assert (now(item).version, now(other).version) == (3, 1)


def test_a_plain_save_and_a_queryset_count_too() -> None:
    item = make_item(Shop())
    assert item.version == 1
    item.save()
    Item.objects.filter(pk=item.pk).update(notes="Clean")
    item.save(update_fields=["notes"])
    assert now(item).version == 4


def test_following_and_many_changes_at_once_count_too() -> None:
    shop = Shop()
    shop.buy(30)
    linked = make_linked(shop)
    version = linked.version
    shop.sell(1)
    assert now(linked).version == version + 1
    many = [make_item(shop, part_number=str(number)) for number in range(12)]
    items.upsert_many(shop.actor, [{"token": item.token, "price": item.pk} for item in many])
    assert {now(item).version for item in many} == {2}
