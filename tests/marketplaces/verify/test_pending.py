from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory import items
from inventory.errors import UnreadableFile
from inventory.models import Item, ItemChange
from marketplaces import pending
from tests.build import make_actor
from tests.inventory.ledger.build import make_product
from tests.marketplaces.verify.build import World
from tests.marketplaces.verify.test_push_command import answer, run

EARLY, LATE = "2026-03-04T05:06:07Z", "2026-03-05T05:06:07+00:00"
HEAD = "lot,shop,operation,quantity,price,notes,queued_at\n"


def rows(text: str) -> list[pending.Queued]:
    found, problems = pending.read(text.encode())
    assert problems == []
    return found


def test_a_table_and_lines_of_json_are_read_alike() -> None:
    head = "Lot ID;Part number;Colour;New or used;Marketplace;Change type;Qty;Unit price;Description;Queued at"
    csv = f"{head}\n7001;3001;11;N;BrickLink;Update;12;0.125;Fine;{EARLY}\n"
    line = json.dumps(
        {"lotId": 7001, "partNumber": "3001", "color_id": 11, "condition": "new", "provider": "BrickLink", "operation": "update"}
        | {"newQuantity": 12, "newPrice": 0.125, "newNotes": "Fine", "createdAt": 1772600767000}
    )

    (from_table,), (from_json,) = rows(csv), rows(line)

    assert from_table.queued_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert from_json.queued_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert from_table.values == from_json.values == {"quantity": 12, "price": Decimal("0.125"), "notes": "Fine"}
    for each in (from_table, from_json):
        assert (each.lot_id, each.number, each.color, each.condition, each.operation) == ("7001", "3001", 11, "new", "change")


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (f"7001,,explode,1,,,{EARLY}", "operation", "There is no operation “explode”"),
        (f"7001,,update,-1,,,{EARLY}", "quantity", "whole number of 0 or more"),
        (f"7001,,update,,0,,{EARLY}", "price", "above 0"),
        (f"7001,,update,,,,{EARLY}", "operation", "neither a quantity nor a price nor notes"),
        (f",,update,1,,,{EARLY}", "token", "names no item"),
        ("7001,,update,1,,,yesterday", "queued_at", "“yesterday” is no time"),
    ],
)
def test_what_is_wrong_with_a_row_is_named(row: str, column: str, said: str) -> None:
    found, (problem,) = pending.read((HEAD + row).encode())

    assert (found, problem.row, problem.column) == ([], 2, column)
    assert said in problem.sentence


def test_what_is_no_such_file_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        pending.read(b"name,price\nx,1\n")
    with pytest.raises(UnreadableFile):
        pending.read(b'{"lot": 1}\nnonsense\n')


@given(st.binary(max_size=200))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    try:
        pending.read(content)
    except UnreadableFile:
        return


@pytest.mark.django_db
class TestApplying:
    def test_what_still_differs_is_applied_and_pushed(self) -> None:
        world = World()
        listing = world.listed(10)

        applied = pending.apply(world.actor, rows(f"{HEAD}{listing.lot_id},Toys 7QX,update,12,0.2,Fine,{EARLY}\n"))
        world.push()

        item = Item.objects.get(pk=listing.item_id)
        assert (item.quantity_available, item.price, item.notes) == (12, Decimal("0.2"), "Fine")
        assert [(each.row, each.outcome, each.sentence) for each in applied.said] == [(2, "applied", "quantity 12, price 0.2, notes Fine")]
        assert world.there(listing).quantity == 12
        assert ItemChange.objects.filter(item=item, cause="pending").count() == 1

    def test_it_is_safe_to_run_twice(self) -> None:
        world = World()
        listing = world.listed(10)
        lot = listing.lot_id
        changes = rows(f"{HEAD}{lot},,update,11,,,{EARLY}\n{lot},,update,12,,,{LATE}\n{lot},,update,,0.2,,{LATE}\n")

        first, second = pending.apply(world.actor, changes), pending.apply(world.actor, changes)

        assert [each.outcome for each in first.said] == ["overtaken", "applied", "applied"]
        assert [each.outcome for each in second.said] == ["overtaken", "same", "same"]
        assert Item.objects.get(pk=listing.item_id).quantity_available == 12

    def test_what_was_changed_here_since_is_not_taken_back(self) -> None:
        world = World()
        listing = world.listed(10)
        items.set_quantity(world.actor, listing.item, 5, "Counted")

        applied = pending.apply(world.actor, rows(f"{HEAD}{listing.lot_id},,update,12,,,{EARLY}\n{listing.lot_id},,update,,0.2,,{EARLY}\n"))

        assert [each.outcome for each in applied.said] == ["older", "applied"]
        item = Item.objects.get(pk=listing.item_id)
        assert (item.quantity_available, item.price) == (5, Decimal("0.2"))

    def test_what_was_queued_after_the_last_change_here_is_applied(self) -> None:
        world = World()
        listing = world.listed(10)
        items.set_quantity(world.actor, listing.item, 5, "Counted")
        later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()

        applied = pending.apply(world.actor, rows(f"{HEAD}{listing.lot_id},,update,12,,,{later}\n"))

        assert applied.counts == {"applied": 1}

    def test_deleting_archives(self) -> None:
        world = World()
        listing = world.listed(10)

        changes = rows(f"{HEAD}{listing.lot_id},,update,12,,,{EARLY}\n{listing.lot_id},,delete,,,,{LATE}\n")
        applied = pending.apply(world.actor, changes)
        world.push()

        assert [each.outcome for each in applied.said] == ["overtaken", "applied"]
        assert Item.objects.get(pk=listing.item_id).archived_at is not None
        assert world.store.lots == {}
        assert [each.outcome for each in pending.apply(world.actor, changes).said] == ["overtaken", "same"]

    def test_an_item_is_known_by_its_token_its_lot_or_its_kind(self) -> None:
        world = World()
        one = world.item(1, part_number="3005")
        world.item(1, part_number="3006")
        world.item(1, part_number="3006")
        head = "token,number,color,condition,quantity,queued_at\n"

        applied = pending.apply(
            world.actor,
            rows(
                f"{head}{one.token},,,,2,{EARLY}\n,3005,11,new,3,{LATE}\n,3006,11,new,2,{EARLY}\n,3007,,,2,{EARLY}\nnobody,,,,2,{EARLY}\n"
            ),
        )

        assert [(each.outcome, each.sentence) for each in applied.said] == [
            ("overtaken", "A later row of the file sets the same."),
            ("applied", "quantity 3"),
            ("refused", "2 items are 3006 colour 11 new. Name one by its token."),
            ("refused", "There is no item 3007."),
            ("refused", "There is no item “nobody”."),
        ]

    def test_what_can_not_be_applied_says_why(self) -> None:
        world = World()
        linked, archived = world.listed(10), world.listed(10, part_number="3002")
        Item.objects.filter(pk=linked.item_id).update(product=make_product(world.account))
        items.archive(world.actor, archived.item)

        ours = f"{linked.lot_id},,update,12,,,{EARLY}\n{archived.lot_id},,update,12,,,{LATE}\n"
        applied = pending.apply(world.actor, rows(f"{HEAD}{ours}1,eBay,update,1,,,{EARLY}\n999,,update,1,,,{EARLY}\n"))

        assert applied.refused == 4
        assert [each.sentence for each in applied.said] == [
            "The quantity follows the stock of QTX-TEA Tea; correct that.",
            "The item is archived. Take it out of the archive first.",
            "There is no shop “eBay”.",
            "Lot 999 is not known here. Compare the shop and adopt it first.",
        ]

    def test_only_an_owner_moves_in(self) -> None:
        world = World()

        with pytest.raises(NotAllowed):
            pending.apply(make_actor(world.account, Role.MANAGER), [])

    def test_the_command_says_of_each_row_what_became_of_it(self, tmp_path: Path) -> None:
        world = World()
        listing = world.listed(10)
        file = tmp_path / "queue.csv"
        file.write_text(f"{HEAD}{listing.lot_id},,update,12,,,{EARLY}\n7,,update,1,,,never\n")

        code, found = answer("--pending-from", str(file), "--dry-run")
        assert (code, found["counts"]) == (1, {"applied": 1, "refused": 1})
        assert Item.objects.get(pk=listing.item_id).quantity_available == 10

        code, said = run("--pending-from", str(file))
        assert code == 1
        assert said.splitlines() == [
            "     2  applied    3001: quantity 12",
            "     3  refused    queued_at: “never” is no time. Write it like 2026-03-04T05:06:07Z.",
            "1 applied, 1 refused.",
        ]


@pytest.mark.parametrize("line", ['{"quantity": ' + "9" * 5000 + "}", "[" * 100_000, '{"a":' + "[" * 100_000])
def test_json_that_nothing_can_read_is_named_by_its_line(line: str) -> None:
    with pytest.raises(UnreadableFile):
        pending.read(f'{{"token": "a", "quantity": 1, "at": "{EARLY}"}}\n{line}'.encode())


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_time_beyond_the_calendar_is_no_time(time: str) -> None:
    found, problems = pending.read(f"{HEAD}7001,,update,1,,,{time}\n".encode())
    assert (found, [(each.row, each.column) for each in problems]) == ([], [(2, "queued_at")])
