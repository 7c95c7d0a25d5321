"""A warehouse begins here with what Odoo has in it, as a count that somebody approves (docs/odoo.md, “Opening”)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from accounts.acting import Actor
from accounts.errors import Problem
from inventory import ledger, moment
from inventory.models import Count, Movement, MovementKind, Product, Warehouse
from inventory.warehouses import edit_warehouse
from sync.choosing import usable
from sync.models import Connection, ProductRef
from sync.sources.odoo import quants
from sync.sources.odoo.adjusting import lines_of
from sync.sources.odoo.client import client_for

_MONEY = Decimal("0.0001")


class NothingThere(Problem):
    """Refused: Odoo has nothing in the warehouse that could be counted."""

    hint = "Sync products and warehouses first, and look whether its locations are assigned to this warehouse."


@dataclass(frozen=True)
class Proposed:
    """A count that waits. `left_out` are products there, by their names, that are not matched or whose quantity is no whole number."""

    count: Count
    left_out: tuple[str, ...]


def propose(actor: Actor, connection: Connection, warehouse: Warehouse, source_key: str | None = None) -> Proposed:
    """A count of what Odoo has in a warehouse now; nothing is booked before it is approved.

    Where nothing is booked there yet it is the warehouse's opening: what moved before this moment is history from then on, and what moves
    later is booked. Else it is an ordinary count, of which the differences are booked. With a `source_key` it is entered once, and every
    repetition answers with the first. Reads from Odoo, so never within a transaction. Raises NotAllowed, NothingThere, what the client
    raises, and what `ledger.enter_count` refuses.
    """
    actor.require("count.add")
    place = Warehouse.objects.get(pk=warehouse.pk, account=actor.account)
    first = Count.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
    if first is not None:
        return Proposed(first, ())
    begins = not Movement.objects.filter(warehouse=place).exclude(kind=MovementKind.CORRECTION).exists()
    if begins:
        actor.require("warehouse.edit")
    usable(connection)
    locations = quants.locations_of(connection, place.pk)
    now = moment.now()
    counted = quants.read(client_for(connection), locations) if locations else {}
    refs = {ref.external_id: ref for ref in ProductRef.objects.filter(connection=connection, external_id__in=counted)}
    known = {there: ref.product_id for there, ref in refs.items() if ref.product_id is not None}
    products = Product.objects.filter(account=actor.account).in_bulk(set(known.values()))
    lines, left_out = lines_of(counted, known, products, costs=_costs(refs))
    names = tuple(str(refs[there]) if there in refs else there for there in left_out)
    if not lines:
        raise NothingThere(f"Odoo has nothing in {place} that could be counted.")
    with transaction.atomic():
        if begins:
            edit_warehouse(actor, place, opened_at=now)
        note = f"What {connection} has there"[:300]
        count = ledger.enter_count(actor, warehouse=place, lines=lines, note=note, opening=begins, source_key=source_key)
    return Proposed(count, names)


def _costs(refs: Mapping[str, ProductRef]) -> dict[int, Decimal]:
    """What one of each product costs there, where that is known."""
    costs: dict[int, Decimal] = {}
    for ref in refs.values():
        cost = Decimal(ref.cost).quantize(_MONEY) if ref.cost else Decimal(0)
        if ref.product_id is not None and cost:
            costs.setdefault(ref.product_id, cost)
    return costs
