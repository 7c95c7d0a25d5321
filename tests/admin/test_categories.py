from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, AuditLog
from inventory.categories import add_category
from inventory.models import Category, Warehouse
from tests.admin.pages import page, queries_of, text_of
from tests.admin.stock import make_product
from tests.build import make_actor

LIST = "/admin/inventory/category/"


@pytest.fixture
def kitchen(account: Account) -> Category:
    return add_category(make_actor(account), name="Kitchen")


@pytest.fixture
def fridges(account: Account, kitchen: Category) -> Category:
    return add_category(make_actor(account), name="Fridges", parent=kitchen)


def page_of(category: Category) -> str:
    return f"{LIST}{category.pk}/change/"


def test_list_says_where_each_lies_and_how_many_products_are_in_it_and_below(viewer: Client, account: Account, fridges: Category) -> None:
    make_product(account, category=fridges)
    shown = page(viewer, LIST)
    assert "Fridges Kitchen 1" in shown
    assert "Kitchen – 1" in shown


def test_staff_adds_one_in_another(staff: Client, account: Account, kitchen: Category) -> None:
    assert staff.post(f"{LIST}add/", {"name": "Ovens", "parent": str(kitchen.pk)}).status_code == 302
    ovens = Category.objects.get(name="Ovens")
    assert (ovens.parent, ovens.account) == (kitchen, account)


def test_places_are_offered_by_their_paths_and_not_what_lies_in_it(manager: Client, account: Account, fridges: Category) -> None:
    small = add_category(make_actor(account), name="Small", parent=fridges)
    assert "Kitchen > Fridges > Small" in page(manager, f"{LIST}add/")
    shown = page(manager, page_of(fridges))
    assert "Kitchen > Fridges" not in shown
    assert "Kitchen" in shown
    answer = manager.post(page_of(fridges), {"name": "Fridges", "parent": str(small.pk)})
    assert "Fridges can't lie in itself or in what lies in it." in text_of(answer)


def test_manager_moves_and_renames(manager: Client, fridges: Category) -> None:
    assert manager.post(page_of(fridges), {"name": "Cold", "parent": ""}).status_code == 302
    fridges.refresh_from_db()
    assert (fridges.name, fridges.parent) == ("Cold", None)
    assert AuditLog.objects.filter(entity="Category", action="CHANGE").count() == 1


def test_taken_name_comes_back_on_the_form(manager: Client, kitchen: Category) -> None:
    assert "There is already a category kitchen on top." in text_of(manager.post(f"{LIST}add/", {"name": "kitchen", "parent": ""}))
    assert "stands between a category" in text_of(manager.post(f"{LIST}add/", {"name": "A > B", "parent": ""}))


def test_it_goes_once_nothing_is_in_it(manager: Client, account: Account, kitchen: Category, fridges: Category) -> None:
    make_product(account, category=kitchen)
    address = f"{LIST}{kitchen.pk}/delete/"
    assert "Kitchen: 1 category and 1 product. Move what is in it elsewhere first." in page(manager, address)
    manager.post(address, {"post": "yes"})
    assert Category.objects.count() == 2
    manager.post(LIST, {"action": "delete_selected", "_selected_action": [str(fridges.pk)], "post": "yes"})
    assert list(Category.objects.all()) == [kitchen]
    assert AuditLog.objects.filter(entity="Category", action="DELETE").count() == 1


def test_staff_changes_nothing_and_viewer_adds_nothing(staff: Client, viewer: Client, kitchen: Category) -> None:
    assert staff.post(page_of(kitchen), {"name": "X", "parent": ""}).status_code == 403
    assert staff.post(f"{LIST}{kitchen.pk}/delete/", {"post": "yes"}).status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403


def test_categories_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    theirs = add_category(make_actor(foreign.account), name="Theirs")
    assert "Theirs" not in page(manager, LIST)
    assert "Theirs" not in page(manager, f"{LIST}add/")
    assert manager.get(page_of(theirs)).status_code == 404
    assert "Select a valid choice" in text_of(manager.post(f"{LIST}add/", {"name": "X", "parent": str(theirs.pk)}))


def test_list_takes_as_many_statements_for_many_as_for_one(viewer: Client, account: Account, fridges: Category) -> None:
    few = queries_of(viewer, LIST)
    for number in range(15):
        make_product(account, f"S{number}", category=add_category(make_actor(account), name=f"C{number}", parent=fridges))
    assert queries_of(viewer, LIST) == few
