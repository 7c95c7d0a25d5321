"""A manager changes prices and sees them arrive; the shop refuses; it is mended, and what failed is sent again, all in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import Account
from accounts.roles import Role
from inventory.models import Item
from marketplaces.models import Listing
from sandbox.server import Sandbox
from tests.build import make_account, make_member
from tests.jobs.conftest import Worker
from tests.journeys.conftest import Visitor
from tests.marketplaces.build import StandIn, connect_bricklink, connect_brickowl, make_item

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Visitor]
LIST = reverse("admin:inventory_item_changelist")


@pytest.fixture
def account(transactional_db: None, sandbox: Sandbox, start_worker: Callable[..., Worker]) -> Account:
    """A business with a store at both marketplaces, a manager, and its workers running."""
    account = make_account("Corner Bricks")
    make_member(account, Role.MANAGER, "manager")
    connect_bricklink(sandbox, account)
    connect_brickowl(sandbox, account)
    start_worker().wait_for_beats()
    return account


def page_of(item: Item) -> str:
    return reverse("admin:inventory_item_change", args=[item.pk])


def both_say(visitor: Visitor, word: str, *, shops: int = 2) -> None:
    """So many of the open page's states turn to this word by themselves."""
    marks = "[...document.querySelectorAll('[data-part] .ls-mark')]"
    script = f"([word, number]) => {marks}.filter(mark => mark.textContent.endsWith(word)).length === number"
    visitor.page.wait_for_function(script, arg=[word, shops])


def set_price(visitor: Visitor, price: str) -> None:
    visitor.page.fill("[name=price]", price)
    visitor.page.get_by_role("button", name="Save", exact=True).click()
    visitor.reads("is saved.")


@pytest.mark.parametrize("width", [1400, pytest.param(390, marks=pytest.mark.once)])
def test_price_arrives_and_what_a_shop_refused_is_sent_again_once_it_is_mended(
    account: Account, sandbox: Sandbox, enter: Enter, width: int
) -> None:
    bricklink, brickowl = StandIn(sandbox, "bricklink"), StandIn(sandbox, "brickowl")
    brick, plate = make_item(account), make_item(account, part_number="3003", color_id=5)
    manager = enter("manager", width=width)

    # Both shops get both items; the list turns by itself.
    manager.go(LIST)
    both_say(manager, "Synced", shops=4)
    assert manager.is_narrow_enough()

    # Another price: syncing at first, then synced, on the page that stays open.
    bricklink.turn_on("slow", seconds=20, feeds=["update"])
    manager.go(page_of(brick))
    set_price(manager, "0.15")
    both_say(manager, "Syncing", shops=1)
    bricklink.turn_off("slow")
    both_say(manager, "Synced")
    assert {lot["unit_price"] for lot in bricklink.lots() if lot["item"]["no"] == "3001"} == {"0.1500"}
    assert "0.150" in {lot["price"] for lot in brickowl.lots()}
    assert manager.is_narrow_enough()

    # Somebody turns on a fault on the training page: BrickLink refuses, and says why; Brick Owl goes on.
    manager.page.goto(f"{sandbox.url}/_control/")
    switch(manager, "bricklink", "Turn new_field on")
    for item, price in ((brick, "0.16"), (plate, "0.17")):
        manager.go(page_of(item))
        set_price(manager, price)
        both_say(manager, "Failed", shops=1)
        both_say(manager, "Synced", shops=1)
    manager.reads("origin")
    assert manager.is_narrow_enough()

    # The overview says so, and leads to what fails.
    manager.go("/admin/")
    manager.reads("2 listings fail")

    # It is mended, and what failed is sent again in bulk.
    manager.page.goto(f"{sandbox.url}/_control/")
    switch(manager, "bricklink", "Turn new_field off")
    manager.go(f"{LIST}?state=failed")
    manager.page.locator("#action-toggle").check()
    manager.page.select_option("[name=action]", "push_now")
    manager.page.get_by_role("button", name="Run", exact=False).first.click()
    manager.reads("4 listings are sent now.")
    manager.go(LIST)
    both_say(manager, "Synced", shops=4)
    assert sorted(lot["unit_price"] for lot in bricklink.lots()) == ["0.1600", "0.1700"]
    assert not Listing.objects.exclude(state="synced").exists()


def switch(visitor: Visitor, system: str, name: str) -> None:
    """Press a button of the sandbox's training page."""
    visitor.page.locator(f"#{system}").get_by_role("button", name=name, exact=True).click()
    visitor.page.wait_for_load_state()
