"""What each kind of alert is like: how soon people usually hear of it, and how it ends (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.models import Kind, Mode
from inventory.models import SupplyState


@dataclass(frozen=True)
class Manner:
    """`one` and `many` name them after a number. `recovers`: people are told when it is over.

    `lasts`: nothing shows when it is over, so it is over when somebody has acknowledged it, or `lasts` days after it was last seen.
    """

    one: str
    many: str
    mode: Mode = Mode.SOON
    recovers: bool = True
    lasts: int = 0


MANNERS: Mapping[Kind, Manner] = {
    Kind.SYNC_FAILED: Manner("sync failed", "syncs failed"),
    Kind.CREDENTIALS_REFUSED: Manner("login refused", "logins refused"),
    Kind.SHOP_STOPPED: Manner("shop stopped", "shops stopped"),
    Kind.MASS_CHANGE: Manner("mass change to review", "mass changes to review", recovers=False),
    Kind.SYNC_STUCK: Manner("sync stuck", "syncs stuck"),
    Kind.OUT_OF_STOCK: Manner("out of stock", "out of stock"),
    Kind.REORDER: Manner("to reorder", "to reorder"),
    Kind.ABOUT_TO_RUN_OUT: Manner("about to run out", "about to run out"),
    Kind.BATCHES_EXPIRING: Manner("batch that expires", "batches that expire", Mode.DAILY, recovers=False),
    Kind.SYNC_PARTIAL: Manner("sync partly done", "syncs partly done"),
    Kind.FEED_STALE: Manner("old data", "old data"),
    Kind.BUDGET_LOW: Manner("call budget nearly spent", "call budgets nearly spent", Mode.OFF),
    Kind.DRIFT: Manner("stock that does not add up", "stock that does not add up", recovers=False, lasts=7),
}
"""In the order in which a digest speaks of them."""


def counted(kind: str, number: int) -> str:
    """So many alerts of a kind, in words: 1 sync failed, 12 out of stock."""
    manner = MANNERS[Kind(kind)]
    return f"{number:,} {manner.one if number == 1 else manner.many}"


SUPPLY = {
    SupplyState.OUT: Kind.OUT_OF_STOCK,
    SupplyState.BELOW: Kind.REORDER,
    SupplyState.SOON: Kind.ABOUT_TO_RUN_OUT,
}
"""Worst first."""

SUPPLY_KINDS = tuple(SUPPLY.values())


def mode_of(events: Mapping[str, str], kind: str) -> Mode:
    """How soon somebody with these settings hears of `kind`: what they chose, else the usual."""
    chosen = events.get(kind)
    return Mode(chosen) if chosen in Mode.values else MANNERS[Kind(kind)].mode


def is_worse(kind: str, than: str) -> bool:
    """Whether a product with an alert of `kind` is worse off than with one of `than`."""
    return SUPPLY_KINDS.index(Kind(kind)) < SUPPLY_KINDS.index(Kind(than))
