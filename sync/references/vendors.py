"""Vendors here in line with the suppliers that one connection tells of. Set-based."""

from __future__ import annotations

from django.db import connection as database

from inventory.dialect import differs
from inventory.keys import name_key
from inventory.models import Vendor
from inventory.productrecord import one_at_a_time
from sync.models import Connection, VendorRef
from sync.references.statements import Some, table_of

FILLED = ("email", "phone", "contact", "address")
"""Fields of a vendor that follow the supplier, unless people have set them."""


def follow(connection: Connection, some: Some) -> None:
    """Find or make the vendors of these suppliers, and let their contacts be what was said. Within the caller's transaction.

    A vendor of the same name that the connection knows as nobody else is the one that is meant; else it is a new one. Names are unique
    here: a second supplier of a name gets its number behind it.
    """
    one_at_a_time(connection.account)
    _match(connection, some)
    _write(some)


def _match(connection: Connection, some: Some) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, r.name, r.name_key, r.party_id FROM {table_of(VendorRef)} r "
            f"WHERE {some.where} AND r.vendor_id IS NULL AND r.gone_at IS NULL ORDER BY r.id",
            some.parameters,
        )
        found = cursor.fetchall()
    if not found:
        return
    account = connection.account_id
    known = dict(Vendor.objects.filter(account=account, name_key__in={row[2] for row in found}).values_list("name_key", "pk"))
    taken = set(VendorRef.objects.filter(connection=connection, vendor__in=known.values()).values_list("vendor_id", flat=True))
    chosen: dict[int, int] = {}
    new: dict[int, Vendor] = {}
    names = set(known)
    for number, name, key, party in found:
        vendor = known.get(key)
        if vendor is not None and vendor not in taken:
            chosen[number] = vendor
            taken.add(vendor)
        else:
            free = _free_name(account, name, party, number, names)
            names.add(name_key(free))
            new[number] = Vendor(account_id=account, name=free, name_key=name_key(free))
    made = Vendor.objects.bulk_create(list(new.values()), batch_size=500)
    chosen |= dict(zip(new, (each.pk for each in made), strict=True))
    refs = VendorRef.objects.in_bulk(list(chosen))
    for number, ref in refs.items():
        ref.vendor_id = chosen[number]
    VendorRef.objects.bulk_update(refs.values(), ["vendor"], batch_size=500)


def _free_name(account: int, name: str, party: str, number: int, names: set[str]) -> str:
    for tried in (name, f"{name[:150]} ({party or number})", f"{name[:150]} ({number})", f"{name[:150]} ({party}, {number})"):
        key = name_key(tried)
        # Whether the name itself is there was looked up for all of them at once.
        if key and key not in names and (tried == name or not Vendor.objects.filter(account=account, name_key=key).exists()):
            return tried[:200]
    return f"Supplier {number}"


def _write(some: Some) -> None:
    wanted = {
        column: f"CASE WHEN r.{column} <> '' AND p.pins NOT LIKE '%%,{column},%%' THEN r.{column} ELSE p.{column} END" for column in FILLED
    }
    wanted["active"] = "CASE WHEN p.pins NOT LIKE '%%,active,%%' THEN (r.active AND r.gone_at IS NULL) ELSE p.active END"
    vendor = table_of(Vendor)
    chosen = ", ".join(f"{expression} AS {column}" for column, expression in wanted.items())
    # Where two suppliers are one vendor here, the older one speaks for both.
    first = f"NOT EXISTS (SELECT 1 FROM {table_of(VendorRef)} f WHERE f.vendor_id = r.vendor_id AND f.gone_at IS NULL AND f.id < r.id)"
    with database.cursor() as cursor:
        cursor.execute(
            f"UPDATE {vendor} AS p SET {', '.join(f'{column} = n.{column}' for column in wanted)} FROM ("
            f"SELECT p.id AS id, {chosen} FROM {table_of(VendorRef)} r JOIN {vendor} p ON p.id = r.vendor_id "
            f"WHERE {some.where} AND {first}) n "
            f"WHERE p.id = n.id AND ({' OR '.join(differs(f'p.{column}', f'n.{column}') for column in wanted)})",
            some.parameters,
        )
