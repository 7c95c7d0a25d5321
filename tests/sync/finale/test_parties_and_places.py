from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sync.engine.source import Held
from sync.feedproblem import FeedProblem
from sync.sources.finale import mapping
from sync.sources.finale.said import PlaceSaid, VendorSaid
from tests.sync.finale.tables import A01, GREEN, MAIN, TRANSIT, body

CONTACTS = [
    {"contactMechTypeId": "EMAIL_ADDRESS", "infoString": "orders@greensource.example"},
    {"contactMechTypeId": "EMAIL_ADDRESS", "infoString": "second@greensource.example"},
    {"contactMechTypeId": "TELECOM_NUMBER", "infoString": "+1 555 010 0199"},
    {
        "contactMechTypeId": "POSTAL_ADDRESS",
        "attnName": "Ann Reed",
        "address1": "4 Mill Lane",
        "city": "Riverton",
        "stateProvinceGeoId": "OR",
        "postalCode": "97000",
        "countryGeoId": "USA",
    },
]


def party(**fields: Any) -> VendorSaid | Held | None:
    row = {"partyUrl": GREEN, "partyId": "10021", "groupName": "Green Source Ltd", "roleTypeIdList": ["SUPPLIER"], **fields}
    return mapping.vendor(mapping.row_of("vendors", row), 1)


def vendor(**fields: Any) -> VendorSaid:
    found = party(**fields)
    assert isinstance(found, VendorSaid)
    return found


def place(**fields: Any) -> PlaceSaid:
    found = mapping.place(mapping.row_of("places", {"facilityUrl": A01, "parentFacilityUrl": MAIN, **fields}))
    assert isinstance(found, PlaceSaid)
    return found


def test_supplier_with_its_first_contacts_of_each_kind() -> None:
    found = vendor(contactMechList=CONTACTS, lastUpdatedDate="2025-12-01T11:00:00")
    assert found[:9] == (
        GREEN,
        "10021",
        "Green Source Ltd",
        "GREEN SOURCE LTD",
        "orders@greensource.example",
        "+1 555 010 0199",
        "Ann Reed",
        "4 Mill Lane, Riverton, OR 97000, USA",
        True,
    )
    assert "second@greensource.example" in (found.raw or "")
    assert found.changed_upstream_at == datetime(2025, 12, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize("contacts", [[], None, [{"contactMechTypeId": "OTHER"}]])
def test_supplier_without_any_contact(contacts: Any) -> None:
    assert vendor(contactMechList=contacts)[4:8] == ("", "", "", "")


@pytest.mark.parametrize(
    ("roles", "is_one"), [(["SUPPLIER"], True), (["CUSTOMER", "SUPPLIER"], True), (["CUSTOMER"], False), ([], False), (None, False)]
)
def test_supplier_is_who_has_the_role_and_perhaps_others(roles: Any, is_one: bool) -> None:
    assert (party(roleTypeIdList=roles) is not None) is is_one


def test_what_no_database_takes_is_in_no_part_of_a_contact() -> None:
    found = vendor(contactMechList=[{"contactMechTypeId": "POSTAL_ADDRESS", "address1": "4 Mill\nLane", "countryGeoId": "U\x00S\ud800"}])
    assert found.address == "4 Mill Lane, US?"
    assert (found.raw or "").encode().endswith(b"}]")


def test_own_company_is_no_supplier() -> None:
    assert party(partyId="PRIMARY") is None


def test_name_is_the_groups_else_the_description_else_the_id() -> None:
    assert vendor(groupName=None, description="Green").name == "Green"
    assert vendor(groupName=" ", description=None).name == "10021"


def test_missing_id_is_the_end_of_the_url() -> None:
    found = vendor(partyId=None, groupName=None)
    assert (found.party_id, found.name) == ("10021", "10021")


def test_collection_without_contacts_says_nothing_of_them() -> None:
    found = mapping.table("vendors", body(partyUrl=[GREEN], roleTypeIdList=[["SUPPLIER"]], groupName=["Green"]))
    said = mapping.vendor(next(found.blocks())[0], 1, found.absent)
    assert isinstance(said, VendorSaid)
    assert (said.email, said.phone, said.address, said.contact, said.raw, said.active) == (None,) * 6


def test_disabled_supplier_is_not_active() -> None:
    assert vendor(statusId="PARTY_DISABLED").active is False
    assert vendor(statusId="PARTY_ENABLED").active is True
    assert vendor(statusId=None).active is True


def test_parties_without_roles_are_refused() -> None:
    with pytest.raises(FeedProblem, match="“roleTypeIdList”"):
        mapping.table("vendors", body(partyUrl=[GREEN], groupName=["Green"]))


def test_location_and_its_sublocation() -> None:
    assert place(facilityName="A-01", facilityId="10001", statusId="FACILITY_ACTIVE") == PlaceSaid(A01, "A-01", "10001", MAIN, True)
    assert place(facilityName=None, facilityId=None, parentFacilityUrl=None, statusId="FACILITY_INACTIVE") == PlaceSaid(
        A01, "10001", "", "", False
    )


def test_tree_is_built_whatever_order_the_places_come_in() -> None:
    places = [PlaceSaid(there, "", "", parent, True) for there, parent in ((A01, MAIN), (MAIN, ""), (TRANSIT, "/not/listed"))]
    assert mapping.locations(places) == {A01: MAIN, MAIN: MAIN, TRANSIT: TRANSIT}
    assert mapping.locations(reversed(places)) == {A01: MAIN, MAIN: MAIN, TRANSIT: TRANSIT}


def test_place_in_a_sublocation_belongs_to_the_location_at_the_top() -> None:
    places = [PlaceSaid(there, "", "", parent, True) for there, parent in (("bin", A01), (A01, MAIN), (MAIN, ""))]
    assert mapping.locations(places)["bin"] == MAIN


def test_places_that_lie_in_each_other_end() -> None:
    found = mapping.locations([PlaceSaid("a", "", "", "b", True), PlaceSaid("b", "", "", "a", True)])
    assert set(found) == {"a", "b"}
    assert set(found.values()) <= {"a", "b"}
