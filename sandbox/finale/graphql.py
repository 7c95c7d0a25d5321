"""Finale's second way in: pages by cursor, values as people read them, failures with status 200."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.exchange import Answer, Request, json_answer
from sandbox.finale.asking import Field, NotUnderstood, asked
from sandbox.finale.records import Records
from sandbox.finale.samples import Record
from sandbox.finale.world import World
from sandbox.switches import Board

NONE = "--"
FIRST = 100
Reading = Callable[[World, Record], Any]


class Failed(ValueError):
    """A query that is answered with errors; the message is theirs."""


def amount(thousandths: int) -> str:
    """1,234.5"""
    return number(thousandths / 1000)


def number(value: Any) -> str:
    """As people read numbers; NONE where there is none."""
    if value in (None, ""):
        return NONE
    return f"{float(value):,.3f}".rstrip("0").rstrip(".")


def _day(value: str | None) -> str:
    if not value:
        return NONE
    day = datetime.fromisoformat(value)
    return f"{day.month}/{day.day}/{day.year}"


def _days(value: Any) -> str:
    return NONE if value in (None, "") else f"{number(value)} d"


def _status(_: World, record: Record) -> str:
    return "Active" if str(record.get("statusId") or "ACTIVE").rpartition("_")[2] in ("ACTIVE", "ENABLED") else "Inactive"


def _of(column: str, shown: Callable[[Any], Any] = lambda value: value) -> Reading:
    return lambda _, record: shown(record.get(column))


def _main_supplier(world: World, record: Record) -> Record | None:
    entries = [entry for entry in record.get("supplierList") or () if entry.get("supplierPartyUrl")]
    main = next((entry for entry in entries if "MAIN" in entry.get("supplierPrefOrderId", "")), entries[0] if entries else None)
    return world.parties.record(main["supplierPartyUrl"]) if main else None


def _reorder(column: str) -> Reading:
    def sum_of(_: World, record: Record) -> str:
        given = [entry[column] for entry in record.get("reorderGuidelineList") or () if entry.get(column) is not None]
        return number(sum(given)) if given else NONE

    return sum_of


def _in_stock(world: World, record: Record) -> str:
    return amount(world.stock.totals(record["productUrl"]).on_hand)


def _available(world: World, record: Record) -> str:
    totals = world.stock.totals(record["productUrl"])
    return amount(totals.on_hand - totals.reserved)


def _on_order(world: World, record: Record) -> str:
    return amount(world.stock.totals(record["productUrl"]).on_order)


def _contact(kind: str) -> Reading:
    def first(_: World, record: Record) -> str | None:
        found = next((entry for entry in record.get("contactMechList") or () if entry.get("contactMechTypeId") == kind), None)
        if found is None:
            return None
        if kind != "POSTAL_ADDRESS":
            return str(found.get("infoString") or "") or None
        town = " ".join(str(found[name]) for name in ("city", "stateProvinceGeoId", "postalCode", "countryGeoId") if found.get(name))
        return ", ".join(part for part in (found.get("address1"), found.get("address2"), town) if part)

    return first


PRODUCT: dict[str, Reading] = {
    "productId": _of("productId"),
    "productUrl": _of("productUrl"),
    "status": _status,
    "description": _of("internalName"),
    "category": _of("userCategory"),
    "itemCost": _of("cost", number),
    "itemPrice": lambda _, record: next((number(entry["price"]) for entry in record.get("priceList") or () if "price" in entry), NONE),
    "leadTime": _of("leadTime", _days),
    "stdPacking": _of("normalizedPackingString"),
    "stdReorderLevel": _reorder("reorderPoint"),
    "stdReorderQuantity": _reorder("reorderQuantity"),
    "universalProductCode": _of("universalProductCode"),
    # Often without a number where unitsInStock has one.
    "stockOnHand": lambda world, record: NONE if record.get("normalizedPackingString") else _in_stock(world, record),
    "unitsInStock": _in_stock,
    "stockAvailable": _available,
    "stockOnOrder": _on_order,
    "stockoutDays": lambda world, record: NONE,
    "demandQuantity": lambda world, record: NONE,
    "consumptionQuantity": lambda world, record: NONE,
    "reorderQuantityToOrder": lambda world, record: NONE,
    "recordLastUpdated": _of("lastUpdatedDate", _day),
    "supplier1": _main_supplier,
}
PARTY: dict[str, Reading] = {
    "partyId": lambda _, record: record.get("partyId") or record["partyUrl"].rpartition("/")[2],
    "partyUrl": _of("partyUrl"),
    "name": lambda _, record: record.get("groupName") or record.get("description"),
    "contactName": _of("contactName"),
    "primaryEmailAddress": _contact("EMAIL_ADDRESS"),
    "primaryPhoneNumber": _contact("TELECOM_NUMBER"),
    "primaryAddress": _contact("POSTAL_ADDRESS"),
    "leadTime": _of("leadTime", _days),
    "defaultTerms": _of("defaultTerms"),
    "status": _status,
}
NESTED = {"supplier1": PARTY}


def answer(world: World, request: Request, board: Board, faults: list[str]) -> Answer:
    """The answer to a POST of a query and its variables. The world's lock is held."""
    try:
        variables = request.form.get("variables")
        wanted = asked(str(request.form.get("query") or ""), variables if isinstance(variables, dict) else {})
        if board.take("error_in_200", "graphql") is not None:
            faults.append("error_in_200")
            raise Failed("Exception while fetching data: internal error")
        gone = board.take("removed_field", "graphql")
        stale = board.take("stale_cursor", "graphql") is not None
        faults += [name for name, struck in (("removed_field", gone is not None), ("stale_cursor", stale)) if struck]
        hidden = (gone.column or "stockOnOrder") if gone else ""
        return json_answer({"data": {field.alias: _connection(world, field, hidden, stale) for field in wanted}})
    except (NotUnderstood, Failed) as problem:
        return json_answer({"errors": [{"message": str(problem)}], "data": None})


def _connection(world: World, field: Field, hidden: str, stale: bool) -> Record:
    if field.name == "productViewConnection":
        records, known, kind = world.products, PRODUCT, "product"
        urls = records.sorted_urls()
    elif field.name == "partyViewConnection":
        records, known, kind = world.parties, PARTY, "party"
        urls = _in_role(records, field.arguments.get("role"))
    else:
        raise Failed(f"Cannot query field “{field.name}” on type “Query”.")
    known = {name: reading for name, reading in known.items() if name != hidden}
    first = field.arguments.get("first")
    if first is not None and (not isinstance(first, int) or first < 1):
        raise Failed("Argument “first” must be a number from 1 on.")
    start = 0 if stale else _start(urls, field.arguments.get("after"))
    page = urls[start : start + (first or FIRST)]
    result: Record = {}
    for part in field.fields:
        if part.name == "pageInfo":
            more = start + len(page) < len(urls)
            info = {"hasNextPage": more, "endCursor": _cursor(page[-1]) if page else None, "hasPreviousPage": start > 0}
            result[part.alias] = {each.alias: _named(info, each.name, "PageInfo") for each in part.fields}
        elif part.name == "edges":
            result[part.alias] = [_edge(world, records, url, part, known, kind) for url in page]
        else:
            raise Failed(f"Cannot query field “{part.name}” on type “{kind}ViewConnection”.")
    return result


def _edge(world: World, records: Records, url: str, edges: Field, known: Mapping[str, Reading], kind: str) -> Record:
    record = records.record(url)
    assert record is not None
    made: Record = {}
    for part in edges.fields:
        made[part.alias] = (
            _node(world, record, part, known, kind) if part.name == "node" else _named({"cursor": _cursor(url)}, part.name, kind)
        )
    return made


def _node(world: World, record: Record, node: Field, known: Mapping[str, Reading], kind: str) -> Record:
    made: Record = {}
    for field in node.fields:
        value = _named(known, field.name, kind)(world, record)
        if field.name in NESTED and value is not None:
            value = _node(world, value, field, NESTED[field.name], "party")
        made[field.alias] = value
    return made


def _named(known: Mapping[str, Any], name: str, kind: str) -> Any:
    if name not in known:
        raise Failed(f"Cannot query field “{name}” on type “{kind}”.")
    return known[name]


def _in_role(records: Records, role: Any) -> list[str]:
    wanted = set(role if isinstance(role, list) else [role]) if role else set()
    return sorted(row["partyUrl"] for row in records.all() if not wanted or wanted & set(row.get("roleTypeIdList") or ()))


def _cursor(url: str) -> str:
    return base64.b64encode(f"after {url}".encode()).decode()


def _start(urls: list[str], after: Any) -> int:
    if not after:
        return 0
    try:
        text = base64.b64decode(str(after), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Failed("Argument “after” is no cursor.") from error
    return bisect_right(urls, text.removeprefix("after "))
