"""What a marketplace has to offer to be pushed to, and the marketplaces there are. Nothing else knows one by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from inventory.models import Item
from marketplaces.lots import Created, Fields, Refusal, RemoteLine, RemoteLot, RemoteOrder, Store, Wanted
from marketplaces.models import Shop
from sync.systems import System
from sync.wire.caller import Spending

LONGEST_PAUSE = 4.0
"""Seconds. A drain waits no longer inside a call; what needs longer comes back later."""


class Remote(Protocol):
    """An open line to a shop. Every method is one call unless it says otherwise, and raises WireError.

    A write is sent once. Of its errors `may_have_acted` says whether it may have been done all the same; BudgetSpent, BreakerOpen and
    TargetRefused mean that nothing was sent.
    """

    def prepare(self, item: Item, spending: Spending) -> None:
        """Look up, and keep, what `wanted` needs to know of the item and is not known yet. Often nothing; else a few reading calls."""

    def create(self, wanted: Wanted, token: str, spending: Spending) -> Created:
        """Make a lot, marked with the item's token."""

    def update(
        self, lot_id: str, *, difference: int, absolute: int | None, fields: Fields, present: Fields, spending: Spending
    ) -> RemoteLot | None:
        """Move the quantity by `difference`, or set it to `absolute` where that is given, and set `fields`. `present` is what the shop
        shows as far as we know, for those that want it repeated. The lot afterwards, where the shop shows it. Raises LotNotThere."""

    def delete(self, lot_id: str, spending: Spending) -> None:
        """Delete the lot. Raises LotNotThere."""

    def read(self, lot_id: str, spending: Spending) -> RemoteLot | None:
        """The lot, sold out and hidden ones too; None when there is none."""

    def find(self, wanted: Wanted, token: str, since: datetime, spending: Spending) -> list[RemoteLot]:
        """The lots that a create sent after `since` may have made: those marked with the token, else those exactly like it."""

    def lots(self, spending: Spending) -> Iterator[RemoteLot]:
        """All lots of the shop: sold out and hidden ones, in stockrooms too. One call."""

    def orders(self, since: datetime | None, spending: Spending) -> Sequence[RemoteOrder]:
        """Received orders that may have changed since then; a shop without such a filter gives all that it keeps."""

    def order_lines(self, order_id: str, spending: Spending) -> Sequence[RemoteLine]:
        """What an order holds now."""

    def store(self, spending: Spending) -> Store:
        """Who we are there."""


class Provider(Protocol):
    """A marketplace."""

    key: str
    label: str
    system: System
    sets_quantities: bool
    """Whether a quantity can be set there; else it can only be moved."""
    settle_pauses: tuple[int, ...]
    """Seconds after which an unknown create is looked for; not found at the last two of them, it was not done."""
    lists_refunds: bool
    """Whether what a shop lists of an order changes when pieces of it are refunded; else its contents are read again now and then."""

    def budgets(self, rules: Mapping[str, Any]) -> Sequence[tuple[str, int, int, int]]:
        """The call budgets of a connection with these settings: name, length of the window in seconds, calls, how many are reserved."""

    def wanted(self, item: Item, shop: Shop, rules: Mapping[str, Any]) -> Wanted | Refusal:
        """What the shop should show of the item, by the connection's settings `rules` and the shop's stored mappings. Sends nothing."""

    def open(self, shop: Shop) -> AbstractContextManager[Remote]:
        """A line to the shop. Raises CredentialsUnreadable, BadCredentials where a credential is missing."""

    def part_id(self, text: str) -> str:
        """An id of the catalogue as a person copies it, in the form in which it is kept."""

    def link(self, lot_id: str, remote_number: str) -> str:
        """The address at which a person finds the lot, blank where there is none."""


_registered: dict[str, Provider] = {}
PROVIDERS: Mapping[str, Provider] = MappingProxyType(_registered)


def register(provider: Provider) -> None:
    """Let shops be connected at this marketplace; for ready(). Raises ValueError when its key means another one already."""
    if _registered.setdefault(provider.key, provider) is not provider:
        raise ValueError(f"The marketplace “{provider.key}” is registered already.")


def provider_of(shop: Shop) -> Provider:
    """The marketplace of a shop. Raises KeyError for one that is not registered."""
    return _registered[shop.provider]
