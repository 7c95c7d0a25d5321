"""The demo account's shop, entered over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.models import Level, Movement, Purchase, Sale
from sandbox.children import Broken
from sandbox.shop import BUYS, SALES, Shop
from tests.build import make_account, make_member, make_token

pytestmark = pytest.mark.django_db(transaction=True)


def test_shop_is_filled_and_a_second_time_changes_nothing(live_server: Any) -> None:
    token = make_token(make_member(make_account()))
    Shop(live_server.url, token).fill()
    assert (Purchase.objects.count(), Sale.objects.count()) == (len(BUYS), len(SALES))
    # 12 and 24 packs came in; 3, 5 and 7 were sold.
    assert Level.objects.get(product__sku="QTS-DESCALER", warehouse__code="PARTS").packs == 21
    movements = Movement.objects.count()
    Shop(live_server.url, token).fill()
    assert Movement.objects.count() == movements


def test_refusal_is_said_with_the_hub_s_own_words(live_server: Any) -> None:
    with pytest.raises(Broken, match="answered 401"):
        Shop(live_server.url, "wrong").fill()
