"""Purchase orders while they are drafts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import purchasing
from inventory.errors import AlreadyOnOrder, ChangedMeanwhile, NotADraft
from inventory.models import PurchaseOrder, Vendor
from inventory.purchasing import OrderedLine
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import make_product
from tests.inventory.purchasing.build import Business, fresh, line_of, make_vendor

pytestmark = pytest.mark.django_db


def test_a_draft_has_a_number_prices_and_who_made_it() -> None:
    shop = Business()
    order = shop.draft(tea=10, cake="4")
    assert (order.number[:3], order.number[-5:], order.state, order.created_label) == ("PO-", "-0001", "draft", "Mara")
    lines = order.lines.order_by("id").values_list("product__sku", "quantity", "unit_kind", "unit_price")
    assert list(lines) == [("QTX-TEA", 10, "packs", Decimal("2.5")), ("QTX-CAKE", 4, "units", None)]
    told = AuditLog.objects.get(entity="PurchaseOrder", action="ADD").after
    assert [line["ordered"] for line in told["lines"]] == ["10 packs", "4 units"]


def test_one_draft_per_vendor_and_warehouse_and_a_repetition_adds_nothing() -> None:
    shop = Business()
    first = purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 10)])
    second = purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 99), OrderedLine(shop.cake, 4)])
    assert (first.made, second.made, second.order.pk) == (True, False, first.order.pk)
    assert [row.product for row in second.added] == [shop.cake]
    assert second.warnings == (f"QTX-TEA Tea is on {first.order} already, with 10 packs; it stays so.",)
    assert line_of(first.order, shop.tea).quantity == 10
    again = purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 99), OrderedLine(shop.cake, 4)])
    assert (again.added, fresh(first.order).version) == ((), 2)
    elsewhere = purchasing.draft(shop.actor, shop.north, shop.mirror, [OrderedLine(shop.tea, 1)])
    assert elsewhere.order.number[-4:] == "0002"


def test_numbers_go_on_beyond_9999_and_begin_anew_each_year(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Business()
    monkeypatch.setattr("inventory.moment.now", lambda: datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    for number in ("PO-2026-9999", "PO-2026-10000"):
        PurchaseOrder.objects.create(account=shop.account, number=number, vendor=shop.north, warehouse=shop.shop, state="received")
    assert shop.draft().number == "PO-2026-10001"
    monkeypatch.setattr("inventory.moment.now", lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert shop.draft(place=shop.mirror).number == "PO-2027-0001"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"quantity": 0}, "Line 1, QTX-TEA, quantity: Enter a quantity above zero, not 0."),
        ({"quantity": "1.5"}, "Line 1, QTX-TEA, quantity: QTX-TEA Tea is counted in whole numbers"),
        ({"quantity": 1, "unit_kind": "boxes"}, "Line 1, QTX-TEA, unit_kind: There is no unit kind “boxes”"),
        ({"quantity": 1, "unit_price": -1}, "Line 1, QTX-TEA, unit_price: Enter an amount"),
        ({"quantity": 1, "vendor_code": "x" * 81}, "Line 1, QTX-TEA, vendor_code: Enter at most 80"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_drafted(line: dict[str, Any], said: str) -> None:
    shop = Business()
    with pytest.raises(ValidationError) as error:
        purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, **line)])
    assert error.value.message_dict["lines"][0].startswith(said)
    assert not PurchaseOrder.objects.exists()


def test_the_same_product_twice_is_refused_but_not_in_another_unit_kind() -> None:
    shop = Business()
    with pytest.raises(ValidationError, match="on line 1 already"):
        purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 1), OrderedLine(shop.tea, 2)])
    order = purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 1), OrderedLine(shop.tea, 2, "pallets")]).order
    assert order.lines.get(unit_kind="pallets").unit_price is None


def test_nothing_is_ordered_of_who_is_not_active_or_for_a_place_out_of_use() -> None:
    shop = Business()
    gone = make_vendor(shop.account, "Gone", active=False)
    with pytest.raises(ValidationError, match="Gone is not active"):
        purchasing.draft(shop.actor, gone, shop.shop)
    shop.shop.active = False
    shop.shop.save()
    with pytest.raises(ValidationError, match="out of use"):
        shop.draft()


def test_lines_are_added_once() -> None:
    shop = Business()
    order = shop.draft(cake=None)
    added = purchasing.add_lines(shop.actor, order, [OrderedLine(shop.cake, 2, basis={"why": "soon out"})], version=1)
    assert (added.order.version, line_of(order, shop.cake).basis) == (2, {"why": "soon out"})
    with pytest.raises(AlreadyOnOrder, match=r"QTX-CAKE \(2 units\)") as error:
        purchasing.add_lines(shop.actor, order, [OrderedLine(shop.cake, 3)])
    assert error.value.details == {"lines": [line_of(order, shop.cake).pk]}


def test_an_edit_is_done_whole_audited_and_refused_where_somebody_was_faster() -> None:
    shop = Business()
    order = shop.draft()
    tea, cake = line_of(order, shop.tea), line_of(order, shop.cake)
    changes = {tea.pk: {"quantity": "12", "unit_price": "2.75", "vendor_code": "T-9"}, cake.pk: {"unit_price": None}}
    purchasing.edit(shop.actor, order, version=1, expected_on=date(2026, 12, 1), note="Ring twice.", lines=changes)
    order = fresh(order)
    assert (order.version, order.expected_on, order.note) == (2, date(2026, 12, 1), "Ring twice.")
    tea.refresh_from_db()
    assert (tea.quantity, tea.unit_price, tea.vendor_code) == (12, Decimal("2.75"), "T-9")
    audit = AuditLog.objects.get(entity="PurchaseOrder", action="CHANGE")
    assert audit.before == {"expected_on": None, "note": "", "QTX-TEA": "10 packs at 2.5"}
    assert audit.after == {"expected_on": "2026-12-01", "note": "Ring twice.", "QTX-TEA": "12 packs at 2.75, T-9"}
    with pytest.raises(ChangedMeanwhile, match="has version 2, not 1") as error:
        purchasing.edit(shop.actor, order, version=1, note="Mine.")
    assert error.value.details == {"version": 2}
    with pytest.raises(ValidationError, match="QTX-TEA, quantity"):
        purchasing.edit(shop.actor, order, note="Not this.", lines={cake.pk: {"quantity": 5}, tea.pk: {"quantity": 0}})
    assert (fresh(order).note, line_of(order, shop.cake).quantity) == ("Ring twice.", 4)


def test_an_edit_that_changes_nothing_writes_nothing() -> None:
    shop = Business()
    order = shop.draft()
    purchasing.edit(shop.actor, order, note="", lines={line_of(order, shop.tea).pk: {"quantity": "10.000", "unit_price": "2.5000"}})
    assert (fresh(order).version, AuditLog.objects.filter(action="CHANGE").count()) == (1, 0)


def test_a_line_is_removed_and_none_of_another_order() -> None:
    shop = Business()
    order, other = shop.draft(), shop.draft(place=shop.mirror)
    gone = line_of(order, shop.cake).pk
    purchasing.remove_line(shop.actor, order, gone, version=1)
    assert [row.product for row in order.lines.all()] == [shop.tea]
    for foreign in (gone, line_of(other, shop.tea).pk):
        with pytest.raises(ValidationError, match=f"There is no line {foreign}"):
            purchasing.remove_line(shop.actor, order, foreign)
    assert other.lines.count() == 2


def test_lines_in_one_unit_kind_do_not_become_two() -> None:
    shop = Business()
    order = purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 1), OrderedLine(shop.tea, 2, "units")]).order
    with pytest.raises(ValidationError, match="on another line in packs already"):
        purchasing.edit(shop.actor, order, lines={order.lines.get(unit_kind="units").pk: {"unit_kind": "packs"}})


def test_what_is_approved_is_fixed_except_for_the_day() -> None:
    shop = Business()
    order = shop.approved()
    refused: list[dict[str, Any]] = [{"note": "x"}, {"remove": [1]}, {"lines": {line_of(order, shop.tea).pk: {"quantity": 1}}}]
    for change in refused:
        with pytest.raises(NotADraft, match="is approved, so its lines stay as they are"):
            purchasing.edit(shop.actor, order, **change)
    assert purchasing.edit(shop.actor, order, expected_on=date(2027, 1, 5)).expected_on == date(2027, 1, 5)


def test_statements_do_not_grow_with_lines(django_assert_num_queries: Any) -> None:
    shop = Business()
    products = [make_product(shop.account, f"QTX-{number}") for number in range(30)]
    lines = [OrderedLine(product, 1) for product in products]
    with django_assert_num_queries(12):
        first = purchasing.draft(shop.actor, shop.north, shop.shop, lines[:2])
    with django_assert_num_queries(12):
        purchasing.draft(shop.actor, shop.north, shop.mirror, lines)
    few, many = ({row.pk: {"quantity": 2} for row in first.added[:1]}, {row.pk: {"quantity": 3} for row in first.added})
    for changes in (few, many):
        with django_assert_num_queries(7):
            purchasing.edit(shop.actor, first.order, lines=changes)


def test_roles_and_accounts() -> None:
    shop = Business()
    order = shop.draft()
    viewer, stranger = make_actor(shop.account, Role.VIEWER), make_actor(make_account("8QX"))
    for verb in (
        lambda actor: purchasing.draft(actor, shop.north, shop.shop),
        lambda actor: purchasing.add_lines(actor, order, []),
        lambda actor: purchasing.edit(actor, order, note="x"),
        lambda actor: purchasing.remove_line(actor, order, line_of(order, shop.tea).pk),
    ):
        with pytest.raises(NotAllowed):
            verb(viewer)
        with pytest.raises((PurchaseOrder.DoesNotExist, Vendor.DoesNotExist)):
            verb(stranger)
