"""What is critical, for the first screen."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Account
from alerts.critical import LISTS
from inventory.admin import waiting
from inventory.admin.waiting import Matter
from inventory.models import Supply

PAGE = "inventory_supply_changelist"


def _on(key: str) -> Any:
    def rows(account: Account) -> QuerySet[Supply]:
        return Supply.objects.filter(LISTS[key], account=account)

    return rows


MATTERS = (
    Matter(
        "Out of stock",
        _on("out"),
        PAGE,
        "?list=out",
        "danger",
        "remove_shopping_cart",
        "%d product is out of stock.",
        "%d products are out of stock.",
        "See what to order",
    ),
    Matter(
        "Below reorder point",
        _on("below"),
        PAGE,
        "?list=below",
        "warning",
        "south",
        "%d product is at or below its reorder point.",
        "%d products are at or below their reorder points.",
        "See what to order",
    ),
    Matter("About to run out", _on("soon"), PAGE, "?list=soon"),
)


def _concerned(account: Account) -> bool:
    return Supply.objects.filter(account=account).exists()


waiting.also("Critical items", MATTERS, _concerned)
