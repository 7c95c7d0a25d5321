"""Shops and items as they are typed on a command line."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import QuerySet

from accounts.models import Account
from inventory.models import Item
from marketplaces.management.push.exits import ERROR
from marketplaces.models import Listing, Shop
from marketplaces.pending.finding import shops_called, word


def shops(account: Account, name: str | None) -> list[Shop]:
    """The shops that are meant: one by name, id or marketplace, else all that are switched on. Raises CommandError."""
    if name is None:
        return list(Shop.objects.filter(account=account, connection__enabled=True).select_related("connection").order_by("pk"))
    found = shops_called(account).get(word(name), [])
    if len(found) == 1:
        return found
    there = ", ".join(map(str, Shop.objects.filter(account=account).select_related("connection"))) or "none"
    what = "Several shops are" if found else "No shop is"
    raise CommandError(f"{what} called “{name}”. There are: {there}.", returncode=ERROR)


def item(account: Account, name: str | None) -> Item | None:
    """The item with this token or id, None where none is named. Raises CommandError when there is none."""
    if name is None:
        return None
    mine = Item.objects.filter(account=account)
    found = mine.filter(token=name.lower()).first()
    if found is None and name.isascii() and name.isdigit() and len(name) < 19:
        found = mine.filter(pk=int(name)).first()
    if found is None:
        raise CommandError(f"There is no item with the token or id “{name}”.", returncode=ERROR)
    return found


def listings(shops: list[Shop], item: Item | None) -> QuerySet[Listing]:
    """What is meant by both."""
    rows = Listing.objects.filter(shop__in=shops)
    return rows if item is None else rows.filter(item=item)
