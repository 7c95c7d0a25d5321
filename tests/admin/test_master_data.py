"""Categories and reordering rules as outside systems say them: looked at by everybody, changed by nobody."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.roles import Role
from inventory.models import Category
from sync.models import CategoryRef, Connection, ProductRef, ReorderRef, WarehouseRef
from tests.admin.pages import page, queries_of
from tests.build import make_account

CATEGORIES, RULES = "/admin/sync/categoryref/", "/admin/sync/reorderref/"


def odoo(account: Account) -> Connection:
    return Connection.objects.create(account=account, system="odoo", name="Odoo", settings={})


@pytest.fixture
def connection(account: Account) -> Connection:
    return odoo(account)


def add(model: Any, connection: Connection, external_id: str, **values: Any) -> Any:
    said = {"account": connection.account, "connection": connection, "external_id": external_id, "first_seen_at": timezone.now()}
    return model.objects.create(**said, **values)


def tell(connection: Connection, number: int = 1) -> tuple[CategoryRef, ReorderRef]:
    """A category there and here, and a rule for a product in a place."""
    here = Category.objects.create(account=connection.account, name=f"Rice {number}", name_key=f"RICE {number}")
    category = add(CategoryRef, connection, f"category:{number}", name=f"Rice {number}", path=f"Grocery / Rice {number}", category=here)
    add(ProductRef, connection, f"product:{number}", sku=f"RICE-{number}", sku_key=f"RICE-{number}", name="Basmati")
    add(WarehouseRef, connection, f"location:{number}", name=f"CLF/Shelf {number}")
    about = {"product_id_there": f"product:{number}", "place_id_there": f"location:{number}", "point": Decimal(8), "maximum": Decimal(20)}
    return category, add(ReorderRef, connection, f"rule:{number}", **about)


def test_rows_are_named_as_people_know_them(viewer: Client, connection: Connection) -> None:
    category, rule = tell(connection)
    add(ReorderRef, connection, "rule:9", product_id_there="product:9", place_id_there="location:9")
    assert "Grocery / Rice 1 Odoo Rice 1" in page(viewer, CATEGORIES)
    shown = page(viewer, RULES)
    assert "RICE-1 Basmati CLF/Shelf 1 Odoo 8 20" in shown
    # Of what is not known by a name there is nothing else to say.
    assert "product:9 location:9 Odoo – –" in shown
    assert "category:1" in page(viewer, f"{CATEGORIES}{category.pk}/change/")
    assert "RICE-1 Basmati" in page(viewer, f"{RULES}{rule.pk}/change/")


def test_rows_are_found_by_name_and_by_whether_they_are_there(viewer: Client, connection: Connection) -> None:
    for number in (1, 2):
        tell(connection, number)
    CategoryRef.objects.filter(external_id="category:2").update(gone_at=timezone.now())
    for address in (f"{CATEGORIES}?q=rice+1", f"{RULES}?q=rice-1", f"{RULES}?q=shelf+1", CATEGORIES):
        shown = page(viewer, address).casefold()
        assert ("rice 1" in shown or "rice-1" in shown, "rice 2" in shown or "rice-2" in shown) == (True, False), address
    assert "Rice 2" in page(viewer, f"{CATEGORIES}?state=gone")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_look_and_none_may_change(browser_as: Callable[[Role], Client], connection: Connection, role: Role) -> None:
    browser = browser_as(role)
    for address, row in zip((CATEGORIES, RULES), tell(connection), strict=True):
        assert browser.get(address).status_code == browser.get(f"{address}{row.pk}/change/").status_code == 200
        assert browser.get(f"{address}add/").status_code == 403
        assert browser.post(f"{address}{row.pk}/change/", {}).status_code == 403
        assert browser.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_rows_of_others_are_not_there(viewer: Client, connection: Connection) -> None:
    rows = tell(odoo(make_account("Other")))
    for address, row in zip((CATEGORIES, RULES), rows, strict=True):
        assert "Rice 1" not in page(viewer, address)
        assert "RICE-1" not in page(viewer, address)
        assert viewer.get(f"{address}{row.pk}/change/").status_code in (302, 404)


def test_lists_ask_the_same_whatever_they_show(viewer: Client, connection: Connection) -> None:
    tell(connection)
    few = queries_of(viewer, CATEGORIES), queries_of(viewer, RULES)
    for number in range(2, 12):
        tell(connection, number)
    assert (queries_of(viewer, CATEGORIES), queries_of(viewer, RULES)) == few
