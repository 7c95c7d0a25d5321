"""What a done stock move means, by the usages of the two locations it connects (docs/odoo.md, “Moves”). Pure."""

from __future__ import annotations

from typing import NamedTuple

from sync.models import FactKind

USAGES = ("supplier", "view", "internal", "customer", "inventory", "production", "transit")
"""What Odoo's locations can be for. Only what lies in an internal one is stock."""


class Meaning(NamedTuple):
    """The feed that a move belongs to, and what it is; a blank feed for one that no warehouse has to do with."""

    feed: str
    kind: FactKind


NOTHING = Meaning("", FactKind.IGNORED)

_MEANINGS = {
    ("supplier", "internal"): Meaning("purchases", FactKind.PURCHASE),
    ("internal", "supplier"): Meaning("vendor_returns", FactKind.VENDOR_RETURN),
    # Within one warehouse it is a put-away or a step of picking. Which warehouses they are is not asked here: people may join two.
    ("internal", "internal"): Meaning("transfers", FactKind.TRANSFER),
    ("internal", "transit"): Meaning("transfers", FactKind.TRANSFER),
    ("transit", "internal"): Meaning("transfers", FactKind.TRANSFER),
    ("internal", "inventory"): Meaning("adjustments", FactKind.WASTAGE),
    ("inventory", "internal"): Meaning("adjustments", FactKind.FOUND),
    ("internal", "production"): Meaning("manufacturing", FactKind.CONSUMPTION),
    ("production", "internal"): Meaning("manufacturing", FactKind.MANUFACTURE),
    ("internal", "customer"): Meaning("deliveries", FactKind.SALE),
    ("customer", "internal"): Meaning("deliveries", FactKind.SALE_RETURN),
}


def meaning(left: str, came: str, *, scrapped: bool = False) -> Meaning:
    """What a move from a location of the usage `left` to one of the usage `came` is. A loss that was `scrapped` is wastage."""
    found = _MEANINGS.get((left, came), NOTHING)
    if scrapped and (left, came) == ("internal", "inventory"):
        return Meaning("wastage", FactKind.WASTAGE)
    return found
