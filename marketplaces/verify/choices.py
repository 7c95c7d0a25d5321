"""The ways out of a difference. Pure but for the question whether a lot is ours (docs/verify.md)."""

from __future__ import annotations

from accounts.errors import Problem
from marketplaces.models import Decision, Difference, DifferenceKind, Lot
from marketplaces.push import Choice

REPAIR = Choice("repair", "Ours is right", "The shop's orders are read, then the shop is told what differs.")
TAKE = Choice("take", "The shop's is right", "The item gets what the shop has; other shops are told.")
IGNORE = Choice("ignore", "Leave it", "Nothing is changed. The next comparison finds it again.")
RECREATE = Choice("repair", "Make it again", "If it is still missing then, the shop gets a new lot.")
ARCHIVE = Choice("take", "Archive the item", "It is offered nowhere any more.", removes=True)
KEEP_OFF = Choice("keep_off", "Keep it off this shop", "It stays at the other shops.")
ADOPT = Choice("adopt", "It is this item", "The lot becomes the item's; the shop is then told what the item has.")
IMPORT = Choice(
    "import_item", "Make an item of it", "A new item with the lot's number, quantity, price and texts; the lot is its own then."
)
REMOVE = Choice("remove", "Delete it at the shop", "The other lot stays.", removes=True)

CHOICES = ("repair", "take", "adopt", "import_item", "remove", "keep_off", "ignore")
DECISIONS = {
    "repair": Decision.REPAIRED,
    "take": Decision.TAKEN,
    "adopt": Decision.ADOPTED,
    "import_item": Decision.ADOPTED,
    "remove": Decision.REMOVED,
    "keep_off": Decision.TAKEN,
    "ignore": Decision.IGNORED,
}


class NoSuchChoice(Problem):
    """Refused: that is no way out of a difference of this kind."""


def choices_of(difference: Difference, *, ours: bool | None = None) -> tuple[Choice, ...]:
    """The ways out of a difference that is open; none for others. `ours` is what `is_ours` says, where that is known already."""
    if difference.decision != Decision.OPEN:
        return ()
    if difference.kind == DifferenceKind.DIFFERS:
        return REPAIR, TAKE, IGNORE
    if difference.kind == DifferenceKind.MISSING:
        return RECREATE, ARCHIVE, KEEP_OFF, IGNORE
    if difference.kind == DifferenceKind.DUPLICATE:
        return (REMOVE, IGNORE) if (is_ours(difference) if ours is None else ours) else (IGNORE,)
    return ADOPT, IMPORT, IGNORE


def is_ours(difference: Difference) -> bool:
    """Whether we made or adopted the lot. What is not ours is never deleted."""
    return Lot.objects.filter(shop=difference.shop_id, lot_id=difference.lot_id).exists()
