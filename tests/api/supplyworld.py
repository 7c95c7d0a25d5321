"""One critical item, for tests that go through all addresses."""

from __future__ import annotations

from accounts.models import Account
from inventory import supply
from tests.inventory.stock import make_product

MARK = "QTX-SUPPLY-777"


def make_supply_row(account: Account) -> int:
    """The id of a product that is out of stock."""
    product = make_product(account, MARK)
    supply.refresh(account.pk)
    return product.pk
