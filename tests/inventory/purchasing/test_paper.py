"""A purchase order on paper."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from inventory import purchasing
from inventory.purchasing import OrderedLine, paper
from inventory.purchasing.paper import Sum, sum_of
from tests.inventory.purchasing.build import Business, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Business:
    monkeypatch.setattr("inventory.moment.now", lambda: datetime(2026, 11, 20, 9, tzinfo=UTC))
    return Business()


def test_the_text_of_a_mail(shop: Business) -> None:
    shop.north.contact, shop.north.address = "Ada", "1 Quay\nHarbour"
    shop.north.save()
    order = shop.draft(tea=10, cake=4)
    codes = {line_of(order, shop.tea).pk: {"vendor_code": "T-9"}}
    purchasing.edit(shop.actor, order, note="Ring twice.", expected_on=date(2026, 12, 1), lines=codes)
    assert paper.text(purchasing.approve(shop.actor, order)) == (
        "Purchase order PO-2026-0001 of 2026-11-20\n"
        "\n"
        "From: 7QX\n"
        "To: North Supply, Ada, 1 Quay, Harbour\n"
        "Deliver to: Shop MAIN\n"
        "Expected on: 2026-12-01\n"
        "\n"
        "1. QTX-TEA Tea (your number T-9)\n"
        "   10 packs at 2.50 = 25.00\n"
        "2. QTX-CAKE Cake\n"
        "   4 units, price to be confirmed\n"
        "\n"
        "Total: 25.00 (1 line has no price)\n"
        "\n"
        "Ring twice.\n"
        "\n"
        "Please put our number PO-2026-0001 on your papers.\n"
    )


def test_what_is_no_order_says_so_first(shop: Business) -> None:
    order = shop.draft()
    assert paper.text(order).startswith("DRAFT: this is not an order yet.")
    assert "DRAFT" in paper.page(order)
    assert paper.text(purchasing.cancel(shop.actor, order)).startswith("CANCELLED: please do not deliver")


def test_no_cell_of_the_table_is_a_formula(shop: Business) -> None:
    shop.tea.sku, shop.tea.name = "=1+2", '@SUM("a", b)'
    shop.tea.save()
    order = shop.draft(tea="12", cake=None)
    codes = {line_of(order, shop.tea).pk: {"vendor_code": "-T9", "unit_price": "0.125"}}
    order = purchasing.edit(shop.actor, order, note="+49 555", lines=codes)
    head, row = csv.reader(io.StringIO(paper.as_csv(order)))
    assert dict(zip(head, row, strict=True)) == {
        "Order": "PO-2026-0001",
        "Line": "1",
        "SKU": "'=1+2",
        "Name": '\'@SUM("a", b)',
        "Your number": "'-T9",
        "Quantity": "12",
        "Counted in": "packs",
        "Unit price": "0.1250",
        "Amount": "1.50",
        "Deliver to": "Shop MAIN",
        "Expected on": "",
        "Note": "'+49 555",
    }


def test_the_page_shows_names_as_text(shop: Business) -> None:
    shop.tea.name = "<script>alert(1)</script>"
    shop.tea.save()
    printed = paper.page(purchasing.draft(shop.actor, shop.north, shop.shop, [OrderedLine(shop.tea, 3)]).order)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in printed
    assert "<script" not in printed
    assert "7.50" in printed


@pytest.mark.parametrize(
    ("lines", "expected", "words"),
    [
        ([], Sum(Decimal(0), 0), "0.00"),
        ([(Decimal("1.5"), Decimal("2.33"))], Sum(Decimal("3.495"), 0), "3.50"),
        ([(Decimal(2), None), (Decimal(1), Decimal(4)), (Decimal(1), None)], Sum(Decimal(4), 2), "4.00 (2 lines have no price)"),
        ([(Decimal(2), None)], Sum(Decimal(0), 1), "unknown (1 line has no price)"),
    ],
)
def test_sum(lines: list[tuple[Decimal, Decimal | None]], expected: Sum, words: str) -> None:
    assert (sum_of(lines), str(sum_of(lines))) == (expected, words)
