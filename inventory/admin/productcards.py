"""What apps above this one show on the page of a product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from inventory.models import Product


@dataclass(frozen=True)
class ProductCard:
    """A part of the page: its template gets `shown` as `card`. The lower the `place`, the further up it stands."""

    template: str
    shown: Any
    place: int = 50


Maker = Callable[[HttpRequest, Product], ProductCard | None]
"""Called with the request and the product; None shows nothing."""

_makers: list[Maker] = []


def shown_by(maker: Maker) -> Maker:
    """Let `maker` add to every product's page. For apps above this one, when their admin is loaded."""
    if maker not in _makers:
        _makers.append(maker)
    return maker


def cards_of(request: HttpRequest, product: Product) -> list[ProductCard]:
    """What there is to be shown of `product`, in order."""
    made = (maker(request, product) for maker in _makers)
    return sorted((card for card in made if card is not None), key=lambda card: card.place)
