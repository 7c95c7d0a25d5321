"""What is known here about some facts: a handful of statements, however many facts there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from inventory.models import AliasKind, Product, ProductAlias, Warehouse, WarehouseMode
from sync.facts.deciding import Books, Fact, Place
from sync.facts.deciding import Warehouse as Kept
from sync.models import Connection, FactRule, ProductRef, RuleAction, VendorRef, WarehouseRef
from sync.references.places import warehouse_of
from sync.systems import system, values_of


def about(connection: Connection, facts: Sequence[Fact]) -> Books:
    """Everything that is needed to decide on these facts."""
    rules = _rules(connection)
    barcodes = _by_barcode(connection, {fact.barcode_key for fact in facts if fact.barcode_key})
    there = {fact.product_there for fact in facts if fact.product_there}
    refs = ProductRef.objects.filter(connection=connection, external_id__in=there).values_list("external_id", "product_id") if there else ()
    by_product = dict(refs)
    chosen = {number for found in barcodes.values() for number, _ in found}
    chosen |= {number for number in (*by_product.values(), *rules.values(), *(fact.product for fact in facts)) if number is not None}
    return Books(
        by_barcode=barcodes,
        by_product=by_product,
        places=_places(connection),
        warehouses={
            number: Kept(mode == WarehouseMode.LEDGER, opened_at)
            for number, mode, opened_at in Warehouse.objects.filter(account=connection.account_id).values_list("pk", "mode", "opened_at")
        },
        fractional=dict(Product.objects.filter(pk__in=chosen).order_by().values_list("pk", "fractional")),
        rules=rules,
        unmapped=system(connection.system).unmapped_place,
    )


def vendors(connection: Connection, there: Collection[str]) -> dict[str, int]:
    """The vendors here that the connection's external ids mean."""
    wanted = [each for each in there if each]
    if not wanted:
        return {}
    refs = VendorRef.objects.filter(connection=connection, external_id__in=wanted, vendor__isnull=False)
    return dict(refs.values_list("external_id", "vendor_id"))


def zone_of(connection: Connection) -> ZoneInfo:
    """The zone of the account's business day."""
    return ZoneInfo(connection.account.time_zone)


def zone_there(connection: Connection) -> ZoneInfo:
    """The zone of the outside system's business day: a setting where it has one, else the account's."""
    return ZoneInfo(str(values_of(connection).get("time_zone") or connection.account.time_zone))


def _rules(connection: Connection) -> dict[tuple[str, str], int | None]:
    rows = FactRule.objects.filter(connection=connection).order_by().values_list("about", "value_key", "action", "product_id")
    return {(about_, key): None if action == RuleAction.IGNORE else product for about_, key, action, product in rows}


def _by_barcode(connection: Connection, keys: Collection[str]) -> dict[str, list[tuple[int, bool]]]:
    if not keys:
        return {}
    found: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    named = ProductAlias.objects.filter(account=connection.account_id, kind=AliasKind.BARCODE, key__in=keys)
    for key, number, active in named.order_by("product_id").values_list("key", "product_id", "product__active"):
        found[key].append((number, active))
    return dict(found)


def _places(connection: Connection) -> dict[str, Place]:
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection)}
    return {there: Place(warehouse_of(ref, refs), ref.counts, ref.name) for there, ref in refs.items()}
