"""What a look at the levels covers: the ledgers of an account, or one warehouse or product of them."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account
from inventory.errors import NotALedger
from inventory.models import Product, Warehouse, WarehouseMode


@dataclass(frozen=True)
class Scope:
    """Levels and batches of these warehouses, all of them ledgers of one account, and of one product where it is given."""

    account_id: int
    warehouses: tuple[int, ...]
    product: int | None = None

    def where(self, alias: str = "") -> str:
        """The condition for rows of batches or levels, in SQL. Only ids that came from the database are in it."""
        prefix = f"{alias}." if alias else ""
        condition = f"{prefix}warehouse_id IN ({', '.join(map(str, self.warehouses)) or 'NULL'})"
        return condition if self.product is None else f"{condition} AND {prefix}product_id = {self.product}"


def scope_of(account: Account, *, product: Product | None = None, warehouse: Warehouse | None = None) -> Scope:
    """All ledgers of the account, warehouses and products out of use included, narrowed by what is given.

    Raises NotALedger for a warehouse whose stock an outside system keeps, DoesNotExist for what the account does not have.
    """
    ledgers = Warehouse.objects.filter(account=account, mode=WarehouseMode.LEDGER).order_by("pk").values_list("pk", flat=True)
    if warehouse is not None and not ledgers.filter(pk=warehouse.pk).exists():
        place = Warehouse.objects.get(pk=warehouse.pk, account=account)
        raise NotALedger(f"An outside system keeps the stock of {place}; there is nothing to reconcile.")
    if product is not None:
        Product.objects.only("pk").get(pk=product.pk, account=account)
    narrowed = ledgers if warehouse is None else ledgers.filter(pk=warehouse.pk)
    return Scope(account.pk, tuple(narrowed), None if product is None else product.pk)
