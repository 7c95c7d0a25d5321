"""What programs send about a shop whose stock is kept here."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from tests.inventory.ledger.build import Shop


def about(shop: Shop, quantity: Any = 10, **values: Any) -> dict[str, Any]:
    """A body about packs of tea in the shop."""
    return {"product": shop.tea.pk, "warehouse": shop.place.pk, "unit_kind": "packs", "quantity": quantity, **values}


def ids(client: APIClient, path: str) -> list[int]:
    """The ids of the first page of a list."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]
