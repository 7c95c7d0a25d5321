"""What the collection of parties says of suppliers (docs/finale.md, “Suppliers”). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from inventory.keys import name_key
from sync.engine.source import Held
from sync.sources.finale import cells
from sync.sources.finale.cells import Unclear
from sync.sources.finale.columns import Row
from sync.sources.finale.held import held_or, last_segment, url
from sync.sources.finale.said import VendorSaid
from sync.texts import clean, fixed

SUPPLIER = "SUPPLIER"
OURSELVES = "PRIMARY"
"""The party that is the customer's own company."""
_CONTACTS = ("email", "phone", "contact", "address", "raw")


def unsaid(absent: Collection[str]) -> frozenset[str]:
    """The fields of VendorSaid that an answer without the columns `absent` says nothing of: stored values of them stay."""
    return frozenset((*(_CONTACTS if "contactMechList" in absent else ()), *(("active",) if "statusId" in absent else ())))


def vendor(row: Row, number: int = 0, absent: Collection[str] = ()) -> VendorSaid | Held | None:
    """A supplier; None for a party that is none. It may be a customer as well. `absent` as for products."""
    return held_or("vendors", row, number, lambda: _vendor(row, absent))


def _vendor(row: Row, absent: Collection[str]) -> VendorSaid | None:
    there, roles, party, group, description, status, contacts, changed = row
    if roles is not None and not isinstance(roles, list):
        raise Unclear("roleTypeIdList", "“roleTypeIdList” is no list.")
    there = url(there, "partyUrl")
    party = cells.text(party, "partyId", 80) or last_segment(there)
    if SUPPLIER not in (roles or ()) or party == OURSELVES:
        return None
    name = cells.text(group, "groupName", 200) or cells.text(description, "description", 200) or party
    ways = cells.entries(contacts, "contactMechList")
    said = VendorSaid(
        external_id=there,
        party_id=party,
        name=name,
        name_key=name_key(name),
        email=_way(ways, "EMAIL_ADDRESS", 254),
        phone=_way(ways, "TELECOM_NUMBER", 60),
        contact=_contact(ways),
        address=_address(ways),
        active=not str(status or "").upper().endswith(("DISABLED", "INACTIVE")),
        raw=fixed(ways) if ways else "",
        changed_upstream_at=cells.moment(changed, "lastUpdatedDate"),
    )
    unknown: dict[str, Any] = dict.fromkeys(unsaid(absent))
    return said._replace(**unknown) if unknown else said


def _way(ways: Sequence[Mapping[str, Any]], kind: str, limit: int) -> str:
    """The first contact of its kind; blank where it is too long to be one. All of them are in the raw list."""
    found = next((each for each in ways if each.get("contactMechTypeId") == kind and each.get("infoString")), {})
    text = clean(str(found.get("infoString") or ""))
    return text if len(text) <= limit else ""


def _postal(ways: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((each for each in ways if each.get("contactMechTypeId") == "POSTAL_ADDRESS"), {})


def _contact(ways: Sequence[Mapping[str, Any]]) -> str:
    postal = _postal(ways)
    return clean(str(postal.get("attnName") or postal.get("toName") or ""))[:120]


def _address(ways: Sequence[Mapping[str, Any]]) -> str:
    postal = _postal(ways)
    region = " ".join(clean(str(postal.get(name) or "")) for name in ("stateProvinceGeoId", "postalCode")).strip()
    lines = [
        *(clean(str(postal.get(name) or "")) for name in ("address1", "address2", "city")),
        region,
        clean(str(postal.get("countryGeoId") or "")),
    ]
    return ", ".join(line for line in lines if line)[:500]
