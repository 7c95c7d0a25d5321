"""A fact as a source says it: the columns of SourceFact in the order in which the engine takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class FactSaid(NamedTuple):
    """`quantity` is in thousandths of the product's own unit and above zero; None where there is none to believe.

    `happened_at` knows its time zone; `day` is the business day there. `barcode_key` is `inventory.keys.model_key` of the barcode.
    `said_problem` is one of the codes of sync.facts.codes, blank where the row can be believed. `raw` is JSON in a fixed form.
    """

    external_id: str
    feed: str
    kind: str
    product_there: str = ""
    barcode: str = ""
    barcode_key: str = ""
    place_there: str = ""
    place_to_there: str = ""
    quantity: int | None = None
    happened_at: datetime | None = None
    day: date | None = None
    document: str = ""
    pair_there: str = ""
    unit_cost: str = ""
    vendor_there: str = ""
    said_problem: str = ""
    raw: str = ""
    changed_upstream_at: datetime | None = None
