"""What people set here stays, whatever outside systems say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.acting import Actor
from accounts.models import Account, AuditLog
from accounts.roles import Role
from inventory import pins
from inventory.catalogue import edit_product, import_csv
from inventory.models import Level, Product, Supply, Vendor
from inventory.reorder import set_reorder
from inventory.vendors import edit_vendor
from tests.build import make_account, make_member
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def mara(account: Account) -> Actor:
    member = make_member(account)
    return Actor(account=account, user=member.user, role=Role.OWNER, label="Mara")


def test_only_people_pin_and_only_what_others_may_set(account: Account, mara: Actor) -> None:
    system = Actor.system(account, "Finale sync")
    assert pins.pin(system, ",name,", {"sku"}, among=pins.OF_PRODUCTS) == ",name,"
    assert pins.pin(mara, ",name,", {"purchase_price", "sale_price", "name"}, among=pins.OF_PRODUCTS) == ",name,purchase_price,"
    assert pins.pin(mara, "", {"sale_price"}, among=pins.OF_PRODUCTS) == ""


def test_changed_field_of_a_product_is_pinned_and_the_audit_says_so(account: Account, mara: Actor) -> None:
    tea = make_product(account)
    edit_product(mara, tea, name="Green tea", sale_price=Decimal(3), sku="QTX10")
    assert Product.objects.get().pins == ",name,"
    edit_product(mara, tea, purchase_price=Decimal("1.5"))
    entry = AuditLog.objects.filter(entity="Product").latest("id")
    assert (entry.before["pinned"], entry.after["pinned"]) == (["name"], ["name", "purchase_price"])
    edit_product(mara, tea, name="Greener tea")
    assert "pinned" not in AuditLog.objects.filter(entity="Product").latest("id").after


def test_import_of_a_person_pins(account: Account, mara: Actor) -> None:
    make_product(account)
    import_csv(mara, b"SKU,Name,Purchase price\nQTX10,Product QTX10,2.50\n")
    assert Product.objects.get().pins == ",purchase_price,"


def test_reorder_point_is_pinned_until_both_are_emptied(account: Account, mara: Actor) -> None:
    tea, place = make_product(account), make_warehouse(account)
    set_reorder(mara, tea, place, point=5, quantity=None)
    assert Level.objects.get().reorder_pinned
    assert AuditLog.objects.filter(entity="WarehouseInventory").latest("id").after["reorder_pinned"] is True
    set_reorder(mara, tea, place, point=None, quantity=None)
    assert not Level.objects.get().reorder_pinned


def test_point_and_exclusion_count_at_once(account: Account, mara: Actor) -> None:
    tea, place = make_product(account), make_warehouse(account)
    set_reorder(mara, tea, place, point=5, quantity=None)
    assert Supply.objects.get().reorder_point == 5
    edit_product(mara, tea, reorder_excluded=True)
    assert not Supply.objects.exists()


def test_contacts_of_a_vendor_are_pinned(account: Account, mara: Actor) -> None:
    vendor = Vendor.objects.create(account=account, name="Green Traders", name_key="GREEN TRADERS")
    edit_vendor(mara, vendor, contact="Ida", address="1 Long Road\nSpringfield", notes="Call first")
    stored = Vendor.objects.get()
    assert (stored.contact, stored.address, stored.pins) == ("Ida", "1 Long Road\nSpringfield", ",address,contact,")
