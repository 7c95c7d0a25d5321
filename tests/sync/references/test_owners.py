"""Where two connections know a product, the one that has the say writes the fields; what the other one says is kept beside it."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product
from sync import references
from sync.models import FieldGroup, ProductRef
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import synced

pytestmark = pytest.mark.django_db


def test_owner_of_a_group_writes_it_and_the_other_is_only_kept(account: Account, finale: FinaleStandIn) -> None:
    first, second = (finale_connection(account, finale, name=name) for name in ("North", "South"))
    synced(first)
    finale.world.edit_product("PERLITE-4CF", internalName="Said to South", cost=99)
    synced(second)
    product = Product.objects.get(sku="PERLITE-4CF")
    # The older connection has the say until somebody decides.
    assert (product.name, str(product.purchase_price)) == ("Perlite 4 cu ft", "11.2000")
    assert ProductRef.objects.get(connection=second, sku="PERLITE-4CF").name == "Said to South"
    assert Product.objects.count() == 4
    references.set_owners(make_actor(account), FieldGroup.PRICE, [second, first])
    finale.world.edit_product("PERLITE-4CF", internalName="Said to both", cost=50)
    synced(second)
    product.refresh_from_db()
    assert (product.name, str(product.purchase_price)) == ("Perlite 4 cu ft", "50.0000")
    synced(first)
    product.refresh_from_db()
    assert (product.name, str(product.purchase_price)) == ("Said to both", "50.0000")
