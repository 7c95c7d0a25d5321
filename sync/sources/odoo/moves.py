"""Done stock moves, and what was ordered, as facts (docs/odoo.md, “Moves”)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sync.facts.said import FactSaid
from sync.sources.odoo import mapping
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.orders import Orders
from sync.sources.odoo.pulling import Pulled

LOSSES = frozenset({"wastage", "adjustments"})
"""Feeds that one and the same move may be in, if it is said to be scrap between their readings."""


def rows(
    pulled: Sequence[Pulled], orders: Orders | None, facts: Facts, settle: Callable[[Sequence[FactSaid]], Sequence[FactSaid]]
) -> Iterator[FactSaid]:
    """The facts of all feeds that were read, each once, a page at a time; with `orders` what is ordered in place of what was received.

    `settle` has the last word on the facts of a page.
    """
    taken: set[str] = set()
    for one in pulled:
        for page in one.pages():
            fresh = [said for said in mapping.moves(page, facts) if said.external_id not in taken]
            if one.feed in LOSSES:
                taken.update(said.external_id for said in fresh)
            yield from settle(fresh)
    if orders is not None:
        yield from orders.facts()
