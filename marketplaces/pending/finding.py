"""Which item each queued change is about, in a few statements for every 500 (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from accounts.models import Account
from inventory.models import Item
from marketplaces.models import Listing, Lot, Shop
from marketplaces.pending.reading import Queued
from marketplaces.provider import PROVIDERS

AT_ONCE = 500

Found = tuple[int | None, str]
"""The item, or why it is not known."""


def shops_called(account: Account) -> dict[str, list[Shop]]:
    """The account's shops by everything they may be called: name, id, marketplace."""
    called: dict[str, list[Shop]] = {}
    for shop in Shop.objects.filter(account=account).select_related("connection").order_by("pk"):
        label = PROVIDERS[shop.provider].label if shop.provider in PROVIDERS else ""
        for name in {word(str(shop)), word(shop.provider), word(label), str(shop.pk)} - {""}:
            called.setdefault(name, []).append(shop)
    return called


def shop_of(change: Queued, shops: Mapping[str, list[Shop]]) -> tuple[Shop | None, str]:
    """The shop that a change was queued for, None where it names none; or why it is not known."""
    if not change.shop:
        return None, ""
    found = shops.get(word(change.shop), [])
    if len(found) == 1:
        return found[0], ""
    if found:
        return None, f"Several shops are called “{change.shop}”: {', '.join(map(str, found))}. Write one of these names."
    return None, f"There is no shop “{change.shop}”."


def items_of(account: Account, changes: Sequence[tuple[Queued, Shop | None]]) -> dict[int, Found]:
    """Of each row, its item: by token or id, else by lot, else as the only one of that number, colour and condition."""
    found: dict[int, Found] = {}
    for start in range(0, len(changes), AT_ONCE):
        part = changes[start : start + AT_ONCE]
        tokens = _tokens(account, {change.token for change, _ in part if change.token})
        lots = _lots(account, {change.lot_id for change, _ in part if change.lot_id})
        kinds = _kinds(account, {change.number for change, _ in part if change.number})
        for change, shop in part:
            found[change.row] = _one(change, shop, tokens, lots, kinds)
    return found


def _one(
    change: Queued,
    shop: Shop | None,
    tokens: Mapping[str, int],
    lots: Mapping[str, set[tuple[int, int]]],
    kinds: Mapping[str, list[tuple[int, str, int, str]]],
) -> Found:
    if change.token:
        item = tokens.get(change.token.lower())
        return (item, "") if item else (None, f"There is no item “{change.token}”.")
    if change.lot_id:
        owners = {item for shop_id, item in lots.get(change.lot_id, ()) if shop is None or shop_id == shop.pk}
        if owners:
            return _only(owners, f"lot {change.lot_id}")
        if not change.number:
            return None, f"Lot {change.lot_id} is not known here. Compare the shop and adopt it first."
    fits = {
        pk
        for pk, item_type, color, condition in kinds.get(change.number.lower(), ())
        if change.item_type in ("", item_type) and change.color in (None, color) and change.condition in ("", condition)
    }
    what = " ".join(filter(None, (change.number, f"colour {change.color}" if change.color is not None else "", change.condition)))
    return _only(fits, what) if fits else (None, f"There is no item {what}.")


def _only(items: set[int], what: str) -> Found:
    if len(items) == 1:
        return next(iter(items)), ""
    return None, f"{len(items)} items are {what}. Name one by its token."


def _tokens(account: Account, wanted: set[str]) -> dict[str, int]:
    """By token, or by id."""
    if not wanted:
        return {}
    lowered = {word.lower() for word in wanted}
    ids = {int(word) for word in lowered if word.isascii() and word.isdigit() and len(word) < 19}
    rows = Item.objects.filter(Q(token__in=lowered) | Q(pk__in=ids), account=account).values_list("pk", "token")
    found = {str(pk): pk for pk, _ in rows}
    # A token of digits only is a token first.
    return {**found, **{token: pk for pk, token in rows}}


def _lots(account: Account, wanted: Iterable[str]) -> dict[str, set[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    ids = list(wanted)
    if ids:
        live = Listing.objects.filter(account=account, lot_id__in=ids).values_list("lot_id", "shop_id", "item_id")
        past = Lot.objects.filter(account=account, lot_id__in=ids).values_list("lot_id", "shop_id", "listing__item_id")
        for lot_id, shop_id, item in (*live, *past):
            found.setdefault(lot_id, set()).add((shop_id, item))
    return found


def _kinds(account: Account, wanted: set[str]) -> dict[str, list[tuple[int, str, int, str]]]:
    found: dict[str, list[tuple[int, str, int, str]]] = {}
    if wanted:
        # Numbers keep their letters' case; who wrote the table may not have.
        spellings = {spelling for number in wanted for spelling in (number, number.lower(), number.upper())}
        rows = Item.objects.filter(account=account, part_number__in=spellings, archived_at__isnull=True)
        for pk, number, item_type, color, condition in rows.values_list("pk", "part_number", "item_type", "color_id", "condition"):
            found.setdefault(number.lower(), []).append((pk, item_type, color, condition))
    return found


def word(text: str) -> str:
    """A name as it is compared: letters and digits only."""
    return "".join(character for character in text.lower() if character.isalnum())
