"""A form that was opened before somebody else changed the same: it changes what was changed in it, and nothing back."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from inventory import ledger
from tests.inventory.ledger.build import Shop, batch_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def opened(browser: Client, address: str) -> dict[str, str]:
    """What the form sends when nothing in it is touched."""
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", browser.get(address).content.decode()):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "name" in given and (given.get("type") != "checkbox" or " checked" in tag):
            fields[given["name"]] = unescape(given.get("value", ""))
    return fields


def save(browser: Client, address: str, fields: dict[str, str], **changed: Any) -> None:
    assert browser.post(address, {**fields, **changed}).status_code == 302


def test_note_of_a_sale_does_not_bring_its_old_quantity_back(manager: Client, shop: Shop) -> None:
    shop.buy(20)
    sale = shop.sell(10)
    address = reverse("admin:inventory_sale_edit", args=[sale.pk])
    fields = opened(manager, address)
    ledger.edit_sale(shop.actor, sale, quantity=4)
    save(manager, address, fields, note="Called about it")
    sale.refresh_from_db()
    assert (sale.quantity, sale.note, shop.packs) == (Decimal(4), "Called about it", Decimal(16))


def test_lot_of_a_purchase_does_not_bring_its_old_quantity_and_cost_back(manager: Client, shop: Shop) -> None:
    purchase = shop.buy(20)
    address = reverse("admin:inventory_purchase_edit", args=[purchase.pk])
    fields = opened(manager, address)
    ledger.edit_purchase(shop.actor, purchase, quantity=12, unit_cost="3.00")
    save(manager, address, fields, lot="L2", unit_kind="packs")
    batch = batch_of(purchase)
    assert (batch.received, batch.unit_cost, batch.lot) == (Decimal(12), Decimal(3), "L2")


def test_quantity_that_is_typed_is_written(manager: Client, shop: Shop) -> None:
    shop.buy(20)
    sale = shop.sell(10)
    address = reverse("admin:inventory_sale_edit", args=[sale.pk])
    save(manager, address, opened(manager, address), quantity="7")
    assert shop.packs == Decimal(13)
