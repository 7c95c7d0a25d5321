"""What the database itself lets nobody write."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.models import Allocation, Batch, Level, Sale
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    return shop


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Batch, {"remaining": 7}),
        (Batch, {"sold": -1, "remaining": 11}),
        (Batch, {"received": 3, "remaining": -1}),
        (Batch, {"warehouse": None}),
        (Batch, {"unit_kind": "crates"}),
        (Batch, {"voided_at": timezone.now()}),
        (Level, {"packs": -1}),
        (Level, {"warehouse": None}),
        (Sale, {"quantity": 0}),
        (Allocation, {"quantity": 0}),
        (Allocation, {"released": 5}),
    ],
)
def test_no_row_becomes_impossible(shop: Shop, model: Any, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**values)


def test_a_product_has_one_level_in_a_place(shop: Shop) -> None:
    twice = {"account": shop.account, "product": shop.tea, "warehouse": shop.place, "ledger": True, "changed_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Level.objects.create(**twice)


def test_a_cause_that_is_not_on_the_list_is_refused() -> None:
    shop = Shop()
    with pytest.raises(IntegrityError), transaction.atomic():
        shop.buy(10, cause=_Cause("hourly_fix"))


class _Cause(str):
    """A cause that somebody made up."""

    @property
    def value(self) -> str:
        return str(self)
