from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.catalogue import add_product
from inventory.categories import add_category, delete_category, edit_category, paths, within
from inventory.errors import InUse, NameTaken
from inventory.models import Category
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


@pytest.fixture
def kitchen(manager: Actor) -> Category:
    return add_category(manager, name="Kitchen")


@pytest.fixture
def fridges(manager: Actor, kitchen: Category) -> Category:
    return add_category(manager, name="Fridges", parent=kitchen)


def test_name_is_kept_with_one_blank_between_words(manager: Actor) -> None:
    category = add_category(manager, name="  Top   Freezers ")
    assert (category.name, category.name_key, category.parent) == ("Top Freezers", "TOP FREEZERS", None)
    entry = AuditLog.objects.get(entity="Category")
    assert (entry.action, entry.entity_id, entry.after["name"]) == ("ADD", str(category.pk), "Top Freezers")


def test_name_is_there_once_in_each_place(manager: Actor, kitchen: Category, fridges: Category) -> None:
    with pytest.raises(NameTaken, match="There is already a category KITCHEN on top"):
        add_category(manager, name=" KITCHEN")
    with pytest.raises(NameTaken, match="fridges in Kitchen"):
        add_category(manager, name="fridges", parent=kitchen)
    top = add_category(manager, name="Fridges")
    with pytest.raises(NameTaken):
        edit_category(manager, top, parent=kitchen)
    assert add_category(make_actor(make_account("8QX")), name="Kitchen").pk


@pytest.mark.parametrize("name", ["", " \u200b", "A\x00B", "A > B", "N" * 121, "ß" * 61])
def test_names_that_can_t_be(manager: Actor, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        add_category(manager, name=name)
    assert list(caught.value.message_dict) == ["name"]


def test_moves_with_all_that_lies_in_it(manager: Actor, kitchen: Category, fridges: Category) -> None:
    house = add_category(manager, name="House")
    edit_category(manager, kitchen, parent=house)
    assert paths(manager.account) == {house.pk: "House", kitchen.pk: "House > Kitchen", fridges.pk: "House > Kitchen > Fridges"}
    assert within(manager.account, kitchen.pk) == {kitchen.pk, fridges.pk}
    edit_category(manager, kitchen, parent=None, name="Cooking")
    assert paths(manager.account)[fridges.pk] == "Cooking > Fridges"
    last = AuditLog.objects.filter(entity="Category").latest("pk")
    assert (last.before["name"], last.after["name"], last.after["parent"]) == ("Kitchen", "Cooking", None)


def test_lies_neither_in_itself_nor_in_what_lies_in_it(manager: Actor, kitchen: Category, fridges: Category) -> None:
    small = add_category(manager, name="Small", parent=fridges)
    for place in (kitchen, fridges, small):
        with pytest.raises(ValidationError, match="Kitchen can't lie in itself"):
            edit_category(manager, kitchen, parent=place)


def test_nothing_changes_and_nothing_is_audited_when_all_is_as_before(manager: Actor, fridges: Category) -> None:
    edit_category(manager, fridges, name="Fridges ", parent=fridges.parent)
    assert not AuditLog.objects.filter(action="CHANGE").exists()


def test_stays_while_something_is_in_it(manager: Actor, kitchen: Category, fridges: Category) -> None:
    add_product(manager, sku="FRIDGE", category=kitchen)
    with pytest.raises(InUse, match="There are 1 category and 1 product in the category Kitchen") as caught:
        delete_category(manager, kitchen)
    assert caught.value.details == {"categories": 1, "products": 1}
    delete_category(manager, fridges)
    assert list(Category.objects.all()) == [kitchen]
    assert AuditLog.objects.get(action="DELETE").before["name"] == "Fridges"


def test_roles(manager: Actor, kitchen: Category) -> None:
    staff, viewer = make_actor(manager.account, Role.STAFF), make_actor(manager.account, Role.VIEWER)
    add_category(staff, name="Laundry")
    refused: list[Callable[[], object]] = [
        lambda: add_category(viewer, name="x"),
        lambda: edit_category(staff, kitchen, name="x"),
        lambda: delete_category(staff, kitchen),
    ]
    for verb in refused:
        with pytest.raises(NotAllowed):
            verb()


def test_category_of_another_account_does_not_exist(manager: Actor, kitchen: Category) -> None:
    stranger = make_actor(make_account("8QX"))
    for verb in (lambda: edit_category(stranger, kitchen, name="x"), lambda: delete_category(stranger, kitchen)):
        with pytest.raises(Category.DoesNotExist):
            verb()
    with pytest.raises(ValidationError, match="no such category"):
        add_category(stranger, name="x", parent=kitchen)
    assert within(stranger.account, kitchen.pk) == set()
