"""The differences of a comparison as rows, in a few statements for every thousand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import ngettext

from inventory.models import Item
from marketplaces.lots import RemoteLot
from marketplaces.models import Difference, DifferenceKind, Listing, Verification
from marketplaces.verify.compare import QUANTITY
from marketplaces.verify.found import AT_ONCE, Found, known_items
from marketplaces.verify.keeping import as_json, in_words
from marketplaces.verify.matching import Match, match


def differences(verification: Verification, found: Found) -> Iterator[Difference]:
    """What is to be decided, in the order of urgency: too much at the shop, other differences, what is missing, what is not known."""

    def made(kind: DifferenceKind, **values: Any) -> Difference:
        return Difference(account_id=verification.account_id, verification=verification, shop_id=found.shop.pk, kind=kind, **values)

    labels = _labels({row.item for row, *_ in found.differs} | {row.item for row, _ in found.missing})
    for row, lot, differs in sorted(found.differs, key=lambda each: -_too_much(each[2])):
        yield made(
            DifferenceKind.DIFFERS,
            listing_id=row.listing,
            item_id=row.item,
            lot_id=lot.lot_id,
            label=labels[row.item],
            fields=differs,
            lot=as_json(lot),
        )
    for row, lot_id in found.missing:
        yield made(
            DifferenceKind.MISSING,
            listing_id=row.listing,
            item_id=row.item,
            lot_id=lot_id,
            label=labels[row.item],
            fields={QUANTITY: [row.quantity, 0]},
        )
    yield from _unknown(found, made)


def _unknown(found: Found, made: Any) -> Iterator[Difference]:
    if not found.unknown:
        return
    known = known_items(found)
    listings = dict(_listings(found, set(known.ours.values()) | set(known.tokens.values())))
    for lot, could_be in match(found.unknown, known):
        twin = _twin(lot, could_be, found, known.ours, known.tokens)
        if twin is not None:
            values = {"kind": DifferenceKind.DUPLICATE, "item_id": twin, "listing_id": listings.get(twin)}
        else:
            values = {"kind": DifferenceKind.UNKNOWN_LOT, "item_id": could_be.item, "candidates": list(could_be.candidates)}
        yield made(**values, lot_id=lot.lot_id, label=in_words(lot), lot=as_json(lot))


def _twin(lot: RemoteLot, could_be: Match, found: Found, ours: Any, tokens: Any) -> int | None:
    """The item that has this lot besides another one that the shop has, too."""
    item = ours.get(lot.lot_id) or tokens.get(lot.token)
    return item if item is not None and item in found.present else None


def _listings(found: Found, items: set[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(items)
    for start in range(0, len(ordered), AT_ONCE):
        yield from Listing.objects.filter(shop=found.shop, item__in=ordered[start : start + AT_ONCE]).values_list("item_id", "pk")


def _labels(items: set[int]) -> dict[int, str]:
    ordered, labels = sorted(items), {}
    for start in range(0, len(ordered), AT_ONCE):
        part = Item.objects.filter(pk__in=ordered[start : start + AT_ONCE])
        for pk, number, name, color in part.values_list("pk", "part_number", "name", "color_id"):
            labels[pk] = f"{f'{number} {name}'.strip()}{f', colour {color}' if color else ''}"[:300]
    return labels


def _too_much(differs: Any) -> int:
    ours, theirs = differs.get(QUANTITY, (0, 0))
    return int(theirs) - int(ours)


def counters(found: Found, made: Iterable[Difference]) -> dict[str, Any]:
    """Of a verification: lots, agreeing, moving, differences by kind, and by field of those that differ."""
    kinds = Counter(str(difference.kind) for difference in made)
    fields = Counter(name for _, _, differs in found.differs for name in differs)
    return {
        "lots": found.lots,
        "agreeing": found.agreeing,
        "moving": found.moving,
        **{kind.value: kinds[kind.value] for kind in DifferenceKind},
        "fields": dict(sorted(fields.items())),
    }


def sentence(counted: dict[str, Any]) -> str:
    """The outcome in words."""
    lots = ngettext("%d lot", "%d lots", counted["lots"]) % counted["lots"]
    words = {
        DifferenceKind.DIFFERS: ("%d differs", "%d differ"),
        DifferenceKind.MISSING: ("%d is missing there", "%d are missing there"),
        DifferenceKind.UNKNOWN_LOT: ("%d is not known here", "%d are not known here"),
        DifferenceKind.DUPLICATE: ("%d is there twice", "%d are there twice"),
    }
    said = [ngettext(one, many, counted[kind.value]) % counted[kind.value] for kind, (one, many) in words.items() if counted[kind.value]]
    moving = counted["moving"]
    besides = f" {ngettext('%d is just being changed', '%d are just being changed', moving) % moving} and not judged." if moving else ""
    return f"{lots} compared: {', '.join(said) if said else 'all agree'}.{besides}"
