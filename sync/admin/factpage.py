"""What the page of one fact shows: as it was said, what became of it here, and what it moved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory import history
from inventory.ledgerwords import number, product_link, row_link
from inventory.marks import Mark
from inventory.models import Movement, Purchase, Sale
from inventory.wording import NOTHING, moment
from sync.facts import codes
from sync.facts.booking import correlation_of
from sync.models import FactState, ProductRef, SourceFact, WarehouseRef
from sync.systems import SYSTEMS, system

MOVEMENTS_SHOWN = 50

STATES: Mapping[str, Mark] = {
    FactState.WAITING: Mark("Waiting to be booked", "info", "schedule"),
    FactState.BOOKED: Mark("Booked", "success", "check_circle"),
    FactState.HELD: Mark("Held", "warning", "front_hand"),
    FactState.HISTORY: Mark("Kept as history", "", "history"),
    FactState.IGNORED: Mark("Ignored", "", "visibility_off"),
    FactState.VOID: Mark("Void", "", "block"),
}

WHY_HISTORY = "The warehouse follows an outside system, or its stock was counted after this: the line is kept and moves no stock here."


def contents(fact: SourceFact) -> dict[str, Any]:
    """For its template. `fact` comes with its connection, product and warehouses."""
    rows = Movement.objects.filter(account=fact.account_id, correlation=correlation_of(fact.connection_id, fact.external_id))
    shown = list(rows.order_by("-id").select_related("warehouse", "batch")[: MOVEMENTS_SHOWN + 1])
    return {
        "mark": STATES[fact.state],
        "why": WHY_HISTORY if fact.state == FactState.HISTORY else fact.sentence or codes.IGNORED.get(fact.code, ""),
        "here": list(became(fact)),
        "there": list(said(fact)),
        "documents": [row_link(each) for each in documents_of(fact)],
        "raw": raw(fact),
        "lines": history.described(shown[:MOVEMENTS_SHOWN]),
        "more_lines": len(shown) > MOVEMENTS_SHOWN,
    }


def whereabouts(fact: SourceFact) -> str:
    """From where to where, as it is known here, else as it is called there."""
    left = fact.warehouse.name if fact.warehouse else fact.place_there
    came = fact.warehouse_to.name if fact.warehouse_to else fact.place_to_there if fact.warehouse is None else ""
    return f"{left} → {came}" if left and came else left or came or NOTHING


def documents_of(fact: SourceFact) -> Iterator[Sale | Purchase]:
    """What was booked of it: sales, purchases, and the two halves of a transfer. Two queries."""
    keys = [fact.external_id, f"{fact.external_id}:out"]
    yield from Sale.objects.filter(account=fact.account_id, source_key__in=keys)
    # The character after ":" is ";".
    arrived = Q(source_key=fact.external_id) | Q(source_key__gte=f"{fact.external_id}:in:", source_key__lt=f"{fact.external_id}:in;")
    yield from Purchase.objects.filter(arrived, account=fact.account_id).order_by("pk")[:MOVEMENTS_SHOWN]


def became(fact: SourceFact) -> Iterator[tuple[str, SafeString | str]]:
    """What is known of it here."""
    if fact.product:
        yield "Product", product_link(fact.product)
    if fact.warehouse:
        yield "From" if fact.warehouse_to else "Warehouse", fact.warehouse.name
    if fact.warehouse_to:
        yield "To", fact.warehouse_to.name
    if fact.held_at:
        yield "Held since", moment(fact.held_at)
    if fact.tried_at:
        yield "Last tried", moment(fact.tried_at)
    if fact.revision:
        yield "Corrected there", "once" if fact.revision == 1 else f"{fact.revision} times"


def said(fact: SourceFact) -> Iterator[tuple[str, SafeString | str]]:
    """What the outside system says; what it does not say is left out."""
    feeds = system(fact.connection.system).feeds if fact.connection.system in SYSTEMS else {}
    named = _names(fact)
    rows = (
        ("List", feeds.get(fact.feed, fact.feed)),
        ("Bill or picking", fact.document),
        ("Day", f"{fact.day:%Y-%m-%d}" if fact.day else ""),
        ("Happened", moment(fact.happened_at) if fact.happened_at else ""),
        ("Quantity", "" if fact.quantity is None else number(fact.quantity)),
        ("Barcode", fact.barcode),
        ("Product there", named["product"]),
        ("From there", named["left"]),
        ("To there", named["came"]),
        ("Cost of one", fact.unit_cost),
        ("Supplier there", fact.vendor_there),
        ("First seen", moment(fact.first_seen_at)),
        ("Not there any more since", moment(fact.gone_at) if fact.gone_at else ""),
        ("Line there", format_html('<span class="ls-break">{}</span>', fact.external_id)),
    )
    return ((label, text) for label, text in rows if text)


def raw(fact: SourceFact) -> list[tuple[str, str]]:
    """The row as it came, name by name; nothing where it is kept no more."""
    try:
        found = json.loads(fact.raw or "{}")
    except ValueError:
        return [("", fact.raw)]
    return [(name, "" if value is None else str(value)) for name, value in found.items()] if isinstance(found, dict) else [("", fact.raw)]


def _names(fact: SourceFact) -> dict[str, str]:
    """What the outside system calls the product and the places, with their ids where these say something else."""
    places = {fact.place_there, fact.place_to_there} - {""}
    named = dict(WarehouseRef.objects.filter(connection=fact.connection_id, external_id__in=places).values_list("external_id", "name"))
    ref = ProductRef.objects.filter(connection=fact.connection_id, external_id=fact.product_there).first() if fact.product_there else None

    def called(there: str, name: str) -> str:
        return f"{name} ({there})" if there and name and name != there else there

    return {
        "product": called(fact.product_there, str(ref) if ref else ""),
        "left": called(fact.place_there, named.get(fact.place_there, "")),
        "came": called(fact.place_to_there, named.get(fact.place_to_there, "")),
    }
