from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.catalogue import add_product
from inventory.errors import InUse, NameTaken
from inventory.models import Vendor
from inventory.vendors import add_vendor, delete_vendor, edit_vendor
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


@pytest.fixture
def north(manager: Actor) -> Vendor:
    return add_vendor(manager, name="North Supply", code="N-1")


def test_vendor_with_all_that_is_known(manager: Actor) -> None:
    vendor = add_vendor(
        manager, name=" North  Supply ", code="N-1", email="a@north.example", phone="555 0100", lead_time_days=14, notes="Calls\r\nback."
    )
    vendor.refresh_from_db()
    assert (vendor.name, vendor.name_key, vendor.code, vendor.lead_time_days) == ("North Supply", "NORTH SUPPLY", "N-1", 14)
    assert (vendor.notes, vendor.active) == ("Calls\nback.", True)
    assert AuditLog.objects.get(entity="Vendor").after["email"] == "a@north.example"


def test_name_and_code_are_there_once(manager: Actor, north: Vendor) -> None:
    with pytest.raises(NameTaken, match="There is already a vendor North Supply"):
        add_vendor(manager, name="north supply")
    with pytest.raises(NameTaken, match="North Supply has the code N-1"):
        add_vendor(manager, name="South", code="n-1")
    for name in ("South", "West"):
        add_vendor(manager, name=name)
    with pytest.raises(NameTaken):
        edit_vendor(manager, Vendor.objects.get(name="West"), name="SOUTH")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": " "}, "name"),
        ({"name": "N" * 201}, "name"),
        ({"code": "C" * 41}, "code"),
        ({"code": "C\x00"}, "code"),
        ({"email": "nobody"}, "email"),
        ({"notes": "a\x00"}, "notes"),
        ({"lead_time_days": -1}, "lead_time_days"),
        ({"lead_time_days": 3651}, "lead_time_days"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_field_is_named(manager: Actor, fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        add_vendor(manager, **{"name": "North", **fields})
    assert list(caught.value.message_dict) == [named]


def test_edit_writes_and_audits_what_differs(manager: Actor, north: Vendor) -> None:
    edit_vendor(manager, north, lead_time_days=7, active=False, name="North Supply")
    edit_vendor(manager, north, lead_time_days=7)
    entry = AuditLog.objects.get(entity="Vendor", action="CHANGE")
    assert (entry.before, entry.after) == ({"lead_time_days": None, "active": True}, {"lead_time_days": 7, "active": False})


def test_stays_while_a_product_is_bought_from_them(manager: Actor, north: Vendor) -> None:
    product = add_product(manager, sku="FRIDGE", vendor=north)
    with pytest.raises(InUse, match="North Supply is the vendor of 1 product"):
        delete_vendor(manager, north)
    product.delete()
    delete_vendor(manager, north)
    assert not Vendor.objects.exists()
    assert AuditLog.objects.get(action="DELETE").before["code"] == "N-1"


def test_roles_and_accounts(manager: Actor, north: Vendor) -> None:
    staff, viewer = make_actor(manager.account, Role.STAFF), make_actor(manager.account, Role.VIEWER)
    add_vendor(staff, name="South")
    refused: list[Callable[[], object]] = [
        lambda: add_vendor(viewer, name="x"),
        lambda: edit_vendor(staff, north, name="x"),
        lambda: delete_vendor(staff, north),
    ]
    for verb in refused:
        with pytest.raises(NotAllowed):
            verb()
    stranger = make_actor(make_account("8QX"))
    for verb in (lambda: edit_vendor(stranger, north, name="x"), lambda: delete_vendor(stranger, north)):
        with pytest.raises(Vendor.DoesNotExist):
            verb()
