"""What is edited while the catalogue is walked is caught up with at the end of the walk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.models import Product
from sync.models import ProductRef, Status, SyncRun
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import begin, synced, work
from tests.sync.finale.worlds import START, young

pytestmark = pytest.mark.django_db


def test_product_edited_during_the_walk_is_neither_lost_nor_old(account: Account, finale: FinaleStandIn) -> None:
    finale.have(young(12))
    connection = finale_connection(account, finale, cut_rows=8, hard_cut=8, start=START)
    synced(connection)
    finale.turn_on("cut", feeds="products", size=8)
    run = begin(connection)
    SyncRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(minutes=1))
    # It moves from a window that is still to be read to this moment, which is behind the end of the walk.
    finale.meanwhile("products", 2, lambda: finale.world.edit_product("ART-12", internalName="Edited"))
    run = work(run)
    assert run.status == Status.SUCCEEDED, run.message
    assert ProductRef.objects.get(sku="ART-12").gone_at is None
    product = Product.objects.get(sku="ART-12")
    assert (product.name, product.active) == ("Edited", True)
