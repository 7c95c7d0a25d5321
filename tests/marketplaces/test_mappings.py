"""What a person says that a shop calls our numbers and colours, and the list of what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import NotAllowed
from accounts.models import Account, AuditLog
from accounts.roles import Role
from marketplaces import findings, mappings
from marketplaces.errors import NotDecidable
from marketplaces.models import ColorMapping, Listing, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.provider import PROVIDERS
from sync import connections
from sync.choosing import ConnectionPaused
from tests.build import make_account, make_actor
from tests.marketplaces.build import make_item

pytestmark = pytest.mark.django_db

CANDIDATES = [{"id": "900001", "name": "Brick", "type": "Part", "suggested": False}, {"id": "900002", "name": "Older", "type": "Minibuild"}]


@pytest.fixture
def shop(account: Account) -> Iterator[Shop]:
    made = connections.add(make_actor(account), system="brickowl", name="Owl", settings={}, secrets={"api_key": "k"})
    return Shop.objects.select_related("connection", "account").get(connection=made)


def part(shop: Shop, **values: Any) -> PartMapping:
    given = {"item_type": "PART", "part_number": "3001", "finding": PartFinding.MISSING, **values}
    return PartMapping.objects.create(account=shop.account, shop=shop, **given)


def settle() -> None:
    Listing.objects.update(state="unmapped", due_at=None)


def due() -> set[int]:
    return set(Listing.objects.filter(due_at__isnull=False).values_list("item_id", flat=True))


def test_number_that_is_entered_makes_its_items_due_and_no_others(shop: Shop) -> None:
    item, other = make_item(shop.account), make_item(shop.account, part_number="3002")
    settle()
    mapping = mappings.set_part(make_actor(shop.account), shop, item_type="PART", part_number="3001", remote_id=" 900001-38 ")
    assert (mapping.remote_id, mapping.finding, mapping.origin, mapping.set_by) == ("900001", "found", "override", "Mara")
    assert due() == {item.pk}
    assert other.pk not in due()
    assert AuditLog.objects.filter(entity="PartMapping", action="SET").exists()


def test_entered_number_wins_over_what_is_looked_up_later(shop: Shop) -> None:
    item = make_item(shop.account)
    mappings.set_part(make_actor(shop.account), shop, item_type="PART", part_number="3001", remote_id="900001")
    findings.keep_part(shop, item, PartFinding.FOUND, shop.created_at, remote_id="900009")
    assert PartMapping.objects.get().remote_id == "900001"


def test_candidate_is_chosen_with_its_type_and_nothing_else_can_be(shop: Shop) -> None:
    mapping = part(shop, finding=PartFinding.AMBIGUOUS, candidates=CANDIDATES)
    with pytest.raises(NotDecidable):
        mappings.choose_candidate(make_actor(shop.account), mapping, "900003")
    chosen = mappings.choose_candidate(make_actor(shop.account), mapping, "900002")
    assert (chosen.pk, chosen.remote_id, chosen.remote_type, chosen.remote_name) == (mapping.pk, "900002", "Minibuild", "Older")


def test_cleared_number_is_looked_up_anew(shop: Shop) -> None:
    item = make_item(shop.account)
    mapping = part(shop, finding=PartFinding.FOUND, remote_id="900001", origin=MappingOrigin.OVERRIDE)
    settle()
    mappings.clear_part(make_actor(shop.account), mapping)
    assert not PartMapping.objects.exists()
    assert due() == {item.pk}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"remote_id": ""}, "remote_id"),
        ({"remote_id": "90 0001"}, "remote_id"),
        ({"remote_id": "9" * 41}, "remote_id"),
        ({"part_number": " "}, "part_number"),
        ({"part_number": "3001\x00"}, "part_number"),
        ({"item_type": "BRICK"}, "item_type"),
    ],
)
def test_what_can_not_be_a_number_is_refused_by_its_name(shop: Shop, given: dict[str, str], named: str) -> None:
    values = {"item_type": "PART", "part_number": "3001", "remote_id": "900001", **given}
    with pytest.raises(ValidationError) as raised:
        mappings.set_part(make_actor(shop.account), shop, **values)
    assert set(raised.value.message_dict) == {named}


def test_colour_that_is_entered_wins_and_makes_its_items_due(shop: Shop) -> None:
    item, _ = make_item(shop.account, color_id=174), make_item(shop.account)
    settle()
    mappings.set_color(make_actor(shop.account), shop, color_id=174, remote_id="257")
    assert due() == {item.pk}
    findings.keep_colors(shop, {174: ("999", "Other", "Blue"), 11: ("38", "Black", "Black")}, shop.created_at)
    assert dict(ColorMapping.objects.values_list("color_id", "remote_id")) == {174: "257", 11: "38"}


def test_colour_that_is_called_otherwise_makes_its_items_due(shop: Shop) -> None:
    findings.keep_colors(shop, {11: ("38", "Black", "Black"), 1: ("92", "White", "White")}, shop.created_at)
    item, _ = make_item(shop.account), make_item(shop.account, color_id=1)
    settle()
    findings.keep_colors(shop, {11: ("39", "Black", "Black"), 1: ("92", "White", "White")}, shop.created_at)
    assert due() == {item.pk}


def test_cleared_colour_lets_the_list_be_read_again(shop: Shop) -> None:
    findings.keep_colors(shop, {11: ("38", "Black", "Black"), 1: ("92", "White", "White")}, shop.created_at)
    mappings.clear_color(make_actor(shop.account), ColorMapping.objects.get(color_id=11))
    assert list(ColorMapping.objects.values_list("color_id", "looked_up_at")) == [(1, None)]


@pytest.mark.parametrize(("color_id", "remote_id"), [(0, "38"), (-1, "38"), (11, "0"), (11, "black"), (11, "")])
def test_what_is_no_colour_is_refused(shop: Shop, color_id: int, remote_id: str) -> None:
    with pytest.raises(ValidationError):
        mappings.set_color(make_actor(shop.account), shop, color_id=color_id, remote_id=remote_id)


def test_list_of_work_is_what_items_wait_for(shop: Shop) -> None:
    make_item(shop.account, part_number="3001")
    make_item(shop.account, part_number="3001", color_id=999)
    make_item(shop.account, part_number="3002")
    kept_off = make_item(shop.account, part_number="3003")
    Listing.objects.filter(item=kept_off).update(kept_off=True)
    part(shop)
    part(shop, part_number="3002", finding=PartFinding.FOUND, remote_id="900002")
    part(shop, part_number="3003")
    part(shop, part_number="nobody-has-it")
    findings.note_color(shop, 999, shop.created_at)
    findings.note_color(shop, 998, shop.created_at)
    found = mappings.unmapped(shop.account)
    assert list(found.parts.values_list("part_number", "items")) == [("3001", 2)]
    assert list(found.colors.values_list("color_id", "items")) == [(999, 1)]
    assert found.parts.count() == 1
    assert not mappings.unmapped(make_account("Other")).parts.exists()


def test_look_up_again_asks_for_all_that_was_not_known(shop: Shop) -> None:
    item, known = make_item(shop.account), make_item(shop.account, part_number="3002")
    part(shop, looked_up_at=shop.created_at)
    part(shop, part_number="3002", finding=PartFinding.FOUND, remote_id="900002", looked_up_at=shop.created_at)
    settle()
    assert mappings.look_up_again(make_actor(shop.account), shop) == 1
    assert PartMapping.objects.get(part_number="3001").looked_up_at is None
    assert due() == {item.pk}
    assert known.pk not in due()


def test_only_who_may_edit_mappings_does(shop: Shop) -> None:
    clerk = make_actor(shop.account, Role.STAFF)
    with pytest.raises(NotAllowed):
        mappings.set_part(clerk, shop, item_type="PART", part_number="3001", remote_id="900001")
    with pytest.raises(NotAllowed):
        mappings.clear_part(clerk, part(shop))
    with pytest.raises(NotAllowed):
        mappings.refresh_colors(clerk, shop)


def test_shop_of_another_account_is_not_there(shop: Shop) -> None:
    stranger = make_actor(make_account("Other"))
    with pytest.raises(Shop.DoesNotExist):
        mappings.set_part(stranger, shop, item_type="PART", part_number="3001", remote_id="900001")
    with pytest.raises(PartMapping.DoesNotExist):
        mappings.clear_part(stranger, part(shop))


def test_no_list_is_read_while_calls_are_switched_off(shop: Shop, settings: Any) -> None:
    settings.DISABLE_EXTERNAL_CALLS = True
    assert shop.provider in PROVIDERS
    with pytest.raises(mappings.NoColorList):
        mappings.refresh_colors(make_actor(shop.account), shop)


def test_colours_are_not_read_over_a_paused_connection(shop: Shop) -> None:
    clerk = make_actor(shop.account)
    connections.pause(clerk, shop.connection)
    with pytest.raises(ConnectionPaused):
        mappings.refresh_colors(clerk, shop)
