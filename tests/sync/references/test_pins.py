"""What people have set survives every sync, until they let it follow again: then it does at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.acting import Actor
from accounts.models import Account
from accounts.roles import Role
from inventory import reorder
from inventory.catalogue import edit_product
from inventory.models import Level, Product
from sync import references
from tests.build import make_member
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import synced

pytestmark = pytest.mark.django_db


def test_pinned_fields_survive_and_unpinned_ones_follow_at_once(account: Account, finale: FinaleStandIn) -> None:
    member = make_member(account)
    actor = Actor(account, member.user, Role(member.role), "Mara")
    connection = finale_connection(account, finale)
    synced(connection)
    product = edit_product(actor, Product.objects.get(sku="PERLITE-4CF"), name="Our perlite", purchase_price=Decimal("1"))
    level = product.levels.get()
    reorder.set_reorder(actor, product, level.warehouse, point=5, quantity=7)
    finale.world.edit_product("PERLITE-4CF", internalName="Their perlite", cost=20, leadTime=3)
    synced(connection)
    product.refresh_from_db()
    assert (product.name, product.purchase_price, product.lead_time_days) == ("Our perlite", 1, 3)
    assert Level.objects.get(pk=level.pk).reorder_point == 5
    references.unpin(actor, product, ["name", "reorder"])
    product.refresh_from_db()
    assert (product.name, product.purchase_price) == ("Their perlite", 1)
    level.refresh_from_db()
    assert (level.reorder_point, level.reorder_quantity) == (24, 48)
    assert synced(connection).changes_logged == 0
