from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplaces import push
from marketplaces.models import Listing, Verification
from sync.wire.errors import BadCredentials
from tests.marketplaces.push.toy import ToyRemote
from tests.marketplaces.verify.build import World

pytestmark = pytest.mark.django_db


def run(*arguments: str, account: str = "7qx") -> tuple[int, str]:
    """The exit code and what was said."""
    said = StringIO()
    try:
        call_command("push", "--account", account, *arguments, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def answer(*arguments: str) -> tuple[int, Any]:
    code, said = run(*arguments, "--json")
    return code, json.loads(said)


def test_what_is_due_is_sent() -> None:
    world = World()
    item = world.item(10)

    code, said = run()

    assert (code, said) == (0, "Toys 7QX: 1 synced.\n")
    assert world.store.quantity(item.token) == 10


def test_what_failed_is_named_with_the_reason_and_tried_again_when_asked() -> None:
    world = World()
    item = world.item(10, price=None)
    code, said = run()
    assert code == 1
    assert f"3001 ({item.token}): The item has no price. Enter one." in said

    type(item).objects.filter(pk=item.pk).update(price="0.125")
    code, found = answer("--retry", "--item", item.token)

    assert (code, found["retried"]) == (0, 1)
    assert found["shops"] == [
        {"shop": "Toys 7QX", "stopped": "", "maintenance": False, "listings": {"synced": 1}, "troubled": []},
    ]


def test_a_dry_run_sends_nothing() -> None:
    world = World()
    item = world.item(10)

    code, found = answer("--dry-run")

    assert (code, world.store.calls) == (1, [])
    (step,) = found["steps"]
    assert (step["token"], step["operation"], step["quantity"]) == (item.token, "create", [0, 10])
    world.push()
    assert run("--dry-run") == (0, "Nothing is to be sent.\n")


def test_a_comparison_says_what_differs_and_leaves_it() -> None:
    world = World()
    listing = world.listed(10)
    assert run("--verify") == (0, "Toys 7QX: 1 lot compared: all agree.\n")
    world.change_there(listing, quantity=7)

    code, said = run("--verify", "--shop", "toys 7qx")

    assert code == 1
    assert said.splitlines() == [
        "Toys 7QX: 1 lot compared: 1 differs.",
        f"  3001, colour 11: Lot {listing.lot_id} has quantity 7 instead of 10.",
    ]
    assert world.there(listing).quantity == 7


def test_a_repair_tells_the_shop_again_and_leaves_the_rest_to_a_person() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7)

    assert run("--repair")[0] == 0
    assert world.there(listing).quantity == 10

    world.lot_there(part_number="3002")
    code, found = answer("--repair")
    assert (code, found["shops"][0]["open"]) == (1, 1)
    assert set(world.store.lots) == {listing.lot_id, "900000001"}


def test_a_shop_that_can_not_be_read_ends_with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    World()

    def refuses(_remote: ToyRemote, _spending: object) -> object:
        raise BadCredentials("The shop refuses the login.", hint="Enter it again.")

    monkeypatch.setattr(ToyRemote, "lots", refuses)

    assert run("--verify") == (2, "Toys 7QX: The shop refuses the login. Enter it again.\n")
    assert Verification.objects.get().status == "failed"


def test_a_shop_in_maintenance_is_sent_nothing_and_says_so() -> None:
    world = World()
    world.item(10)
    push.set_maintenance(world.actor, world.shop, True)

    code, said = run()

    assert (code, world.store.calls) == (1, [])
    assert "In maintenance: nothing is sent." in said


def test_what_is_not_there_is_refused_with_what_there_is() -> None:
    World()

    with pytest.raises(CommandError, match="No shop is called “eBay”") as refused:
        run("--shop", "eBay")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="no item with the token or id “nobody”"):
        run("--item", "nobody")


def test_only_the_item_that_is_meant_counts() -> None:
    world = World()
    good, bad = world.item(10), world.item(10, price=None, part_number="3002")

    assert run("--item", good.token)[0] == 0
    assert run("--item", str(bad.pk))[0] == 1
    assert Listing.objects.get(item=bad).state == "failed"
