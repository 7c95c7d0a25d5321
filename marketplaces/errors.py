"""Why something can't be done at a marketplace. Each says what happens next."""

from __future__ import annotations

from accounts.errors import Problem
from sync.wire.errors import Refused


class LotNotThere(Refused):
    """Needs a look: the shop has no lot of that id (any more)."""


class ShopRefused(Refused):
    """Needs a person or another value: the shop understood and said no. `sentence` holds the shop's own words."""


class NotAShop(Problem):
    """Refused: the connection does not sell."""


class KeptOff(Problem):
    """Refused: the item is kept off that shop."""

    status = 409


class NotDecidable(Problem):
    """Refused: it was decided before, or is not of that kind."""

    status = 409


class AlreadyVerifying(Problem):
    """Refused: one comparison of a shop at a time."""

    status = 409


class NoSuchLines(Problem):
    """Refused whole: some of the lines that are named are not the order's; `details` has their ids."""


class CallsSwitchedOff(Problem):
    """Refused: this installation calls nobody outside."""

    status = 409
    hint = "The operator switches them on: DISABLE_EXTERNAL_CALLS."


class NotBooked(Problem):
    """Needs a person: the stock of a sale can't be corrected as asked; nothing was changed."""

    status = 409
