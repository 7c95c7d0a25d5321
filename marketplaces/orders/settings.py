"""The settings of a shop that are about its orders, for the systems of all marketplaces."""

from __future__ import annotations

from marketplaces.models import Shop
from sync.systems import Setting, SettingKind, values_of

SHIPPED, SHOWN = "shipped", "shown"

HOLD_RELEASE = Setting(
    "hold_release",
    "Sold goods of followed warehouses",
    "What is sold from a warehouse that follows an outside system is held back until that system knows of it.",
    SettingKind.CHOICE,
    default=SHIPPED,
    choices=(
        (SHIPPED, "Hold until the order is shipped and the warehouse was read after that"),
        (SHOWN, "Hold until the warehouse is next read: its system takes in this shop's orders itself"),
    ),
    section="Orders",
)


def hold_release(shop: Shop) -> str:
    """When what this shop has sold is no longer held."""
    return str(values_of(shop.connection).get(HOLD_RELEASE.name, SHIPPED))
