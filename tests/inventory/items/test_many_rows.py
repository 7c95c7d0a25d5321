"""Many rows at once, by the API and from a file: all of them or none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory import items
from inventory.csvtable import RowProblem
from inventory.errors import RowsRefused, UnreadableFile
from inventory.models import Item
from tests.build import make_account, make_actor
from tests.inventory.items.build import heard, last, make_item, make_linked, now
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_rows_are_made_and_changed_in_one_go(shop: Shop) -> None:
    first, second = make_item(shop), make_item(shop, part_number="3002")
    with heard() as news:
        done = items.upsert_many(
            shop.actor,
            [
                {"id": first.pk, "version": 1, "price": "0.2"},
                {"part_number": "9999", "item_type": "SET", "quantity_available": 3},
                {"token": second.token, "color_id": 11},
            ],
        )
    assert (done.added, done.changed, done.unchanged) == (1, 1, 1)
    assert [each.part_number for each in done.items] == ["3001", "9999-1", "3002"]
    assert (now(first).price, now(second).version, last(done.items[1]).kind) == (Decimal("0.2"), 1, "create")
    assert [sorted(each["items"]) for each in news] == [[first.pk, done.items[1].pk]]


def test_one_bad_row_is_enough_and_each_is_named(shop: Shop) -> None:
    item, archived, linked = make_item(shop), make_item(shop), make_linked(shop)
    items.archive(shop.actor, archived)
    stranger = make_item(Shop(make_account("Other")))
    with pytest.raises(RowsRefused, match=r"Nothing was written\. Row 2, price: Enter a price above 0") as refused:
        items.upsert_many(
            shop.actor,
            [
                {"id": item.pk, "price": "0.2"},
                {"part_number": "3003", "price": 0, "color_id": "red"},
                {"id": archived.pk, "price": "1"},
                {"id": linked.pk, "quantity_available": 5},
                {"id": item.pk, "price": "0.3"},
                {"id": linked.pk, "version": 1, "price": "1"},
            ],
        )
    rows = (refused.value.details or {})["rows"]
    assert [(row["row"], row["field"]) for row in rows] == [
        (2, "price"),
        (2, "color_id"),
        (3, "id"),
        (4, "quantity_available"),
        (5, "id"),
        (6, "id"),
    ]
    assert rows[4]["sentence"] == "The same item stands in row 1 already."
    with pytest.raises(RowsRefused, match="Row 1, id: There is no item"):
        items.upsert_many(shop.actor, [{"id": stranger.pk, "price": "1"}])
    with pytest.raises(RowsRefused, match="Row 1, token: There is no item with the token zzzzzzzz"):
        items.upsert_many(shop.actor, [{"token": "zzzzzzzz", "price": "1"}])
    assert (now(item).price, Item.objects.filter(account=shop.account).count()) == (Decimal("0.125"), 3)


def test_staff_may_add_and_count_rows_but_not_edit_them(shop: Shop) -> None:
    item, staff = make_item(shop), make_actor(shop.account, Role.STAFF)
    assert items.upsert_many(staff, [{"part_number": "3003"}, {"id": item.pk, "quantity_available": 5}]).changed == 1
    with pytest.raises(NotAllowed):
        items.upsert_many(staff, [{"part_number": "3003"}, {"id": item.pk, "price": "1"}])


FILE = """Number;Colour;Condition;Location;Quantity;Price;Notes;Tiers;Hobby
3001;11;N;A-12;20;0,125;Clean;50:0.110 100:0.100;chess
3002;5;used;;7;;;;
9999;;;;1;49.90;;;
"""


def test_a_file_is_looked_at_first_and_then_imported(shop: Shop) -> None:
    brick = make_item(shop, location="A-12")
    other = make_item(shop, location="B-1")
    content = FILE.replace("9999;;", "9999;0;").encode()
    seen = items.import_csv(shop.actor, content, dry_run=True)
    assert (seen.added, seen.changed, seen.unchanged, seen.applied, seen.ignored) == (2, 1, 0, False, ("Hobby",))
    assert seen.sentence == "Nothing was written yet. It would be: 2 items added, 1 changed, 0 as before."
    assert Item.objects.count() == 2
    done = items.import_csv(shop.actor, content)
    assert (done.sentence, done.applied) == ("2 items added, 1 changed, 0 as before.", True)
    stored = now(brick)
    assert (stored.quantity_available, stored.notes, stored.tiers) == (20, "Clean", [[50, "0.110"], [100, "0.100"]])
    assert (last(brick).cause, now(other).version) == ("import", 1)
    added = Item.objects.get(part_number="3002")
    assert (added.color_id, added.condition, added.price, added.created_by_label) == (5, "used", None, "Mara")
    again = items.import_csv(shop.actor, content)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)


def test_a_token_says_which_item_is_meant_and_everything_else_may_change(shop: Shop) -> None:
    item = make_item(shop)
    report = items.import_csv(shop.actor, f"Token,Number,Location\n{item.token},3010,C-3\n".encode())
    assert (report.changed, now(item).part_number, now(item).location) == (1, "3010", "C-3")


def test_without_a_column_for_the_location_it_can_be_any_but_only_one(shop: Shop) -> None:
    item = make_item(shop, location="A-12")
    report = items.import_csv(shop.actor, b"Number,Color,Qty\n3001,11,30\n")
    assert (report.changed, now(item).quantity_available) == (1, 30)
    make_item(shop, location="B-1")
    report = items.import_csv(shop.actor, b"Number,Color,Qty\n3001,11,40\n")
    assert report.problems == (RowProblem(2, "Number", "There are 2 such items; say which by its token, or by its location."),)


def test_a_set_finds_itself_without_its_suffix(shop: Shop) -> None:
    item = make_item(shop, part_number="9999-1", item_type="SET", color_id=0, completeness="sealed")
    report = items.import_csv(shop.actor, b"Type,Number,Completeness,Price\nSet,9999,sealed,60\n")
    assert (report.changed, now(item).price) == (1, 60)
    assert report.notices == (RowProblem(2, "Number", "9999 was kept as 9999-1, as numbers of sets end with a suffix."),)


def test_every_cell_that_is_wrong_is_named_and_nothing_is_imported(shop: Shop) -> None:
    linked = make_linked(shop)
    content = f"""Token,Number,Colour,Price,Quantity,Condition
,3001,red,0.1,1,new
,3002,1,0,1,mint
,,1,0.1,1,new
,3003,1,0.1,1,new
,3003,1,0.2,1,new
{linked.token},,,,5,
nobody00,,,,5,
,3004,1,"1,234",1.5,new
""".encode()
    report = items.import_csv(shop.actor, content)
    assert [(each.row, each.column) for each in report.problems] == [
        (2, "Colour"),
        (3, "Price"),
        (3, "Condition"),
        (4, "Number"),
        (6, "Number"),
        (7, "Quantity"),
        (8, "Token"),
        (9, "Price"),
        (9, "Quantity"),
    ]
    assert report.problems[4].sentence == "The same item stands in row 5 already."
    assert (report.applied, report.sentence) == (False, "Nothing was imported: 9 cells to be corrected.")
    assert Item.objects.count() == 1


@pytest.mark.parametrize("bad", ["3002,11,1.5", "3002,red,1", "3002,11,-1", ",11,1"])
def test_one_bad_row_keeps_the_good_ones_out(shop: Shop, bad: str) -> None:
    report = items.import_csv(shop.actor, f"Number,Colour,Quantity\n3001,11,5\n{bad}\n".encode())
    assert ([each.row for each in report.problems], report.applied, Item.objects.count()) == ([3], False, 0)


def test_what_is_no_list_of_items_is_refused(shop: Shop) -> None:
    with pytest.raises(UnreadableFile, match="no column Number"):
        items.import_csv(shop.actor, b"Sku,Price\n1,2\n")
    with pytest.raises(NotAllowed):
        items.import_csv(make_actor(shop.account, Role.STAFF), b"Number\n3001\n")


def test_a_hundred_changed_rows_take_few_more_statements_than_one(shop: Shop) -> None:
    made = [make_item(shop, part_number=str(number)) for number in range(101)]
    counts = []
    for price, part in (("7", made[:1]), ("8", made[1:])):
        with CaptureQueriesContext(connection) as asked:
            items.edit_many(shop.actor, [item.pk for item in part], price=price)
        counts.append(len(asked))
    # History and audit are written some dozens of rows at a time on SQLite.
    assert counts[1] <= counts[0] + 6
