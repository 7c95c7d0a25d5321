"""The file in which a count is handed in, and the count it becomes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory import ledger
from inventory.countfile import CountRow, day, read
from inventory.errors import UnreadableFile
from inventory.models import AliasKind, Count, Product, ProductAlias
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, make_product


def rows(text: str) -> tuple[CountRow, ...]:
    file = read(text.encode())
    assert file.problems == ()
    return file.rows


def wrong(text: str) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.sentence) for each in read(text.encode()).problems]


class TestReading:
    def test_pallets_packs_and_units(self) -> None:
        assert rows("SKU,Pallets,Packs,Units\nQTX-TEA,1,,0\n") == (
            CountRow(2, "QTX-TEA", "", {"pallets": Decimal(1), "units": Decimal(0)}),
        )

    def test_one_number_and_its_kind(self) -> None:
        text = "Barcode;Quantity;Kind;Lot number;Best before;Cost;Note\n4006381333931;12;pack;L7;2031-05-01;2,50;Top shelf\nQTX;3;;;;;\n"
        first, second = rows(text)
        assert first == CountRow(2, "", "4006381333931", {"packs": Decimal(12)}, "L7", date(2031, 5, 1), Decimal("2.50"), "Top shelf")
        assert second.counted == {"": Decimal(3)}

    def test_what_was_not_counted_is_no_row(self) -> None:
        assert [row.sku for row in rows("SKU,Packs\nQTX-TEA,\nQTX-MUG,0\n")] == ["QTX-MUG"]

    @pytest.mark.parametrize(
        ("text", "told"), [("2031-05-01", True), ("2031/5/1", True), ("1.5.2031", True), ("05/01/2031", False), ("2031-02-30", False)]
    )
    def test_a_day_can_be_read_in_one_way_only(self, text: str, told: bool) -> None:
        if told:
            assert day(text) == date(2031, 5, 1)
        else:
            with pytest.raises(ValueError, match="2031-05-01"):
                day(text)

    def test_what_is_wrong_names_row_and_column(self) -> None:
        text = "SKU,Packs,Units,Best before,Cost\nQTX-TEA,many,,,\nQTX-MUG,-1,,soon,\n,1,,,\nQTX-POT,1,2,,3\n"
        assert [(row, column) for row, column, _ in wrong(text)] == [
            (2, "Packs"),
            (3, "Packs"),
            (3, "Best before"),
            (4, "SKU"),
            (5, "Cost"),
        ]

    def test_two_numbers_for_the_same_are_refused(self) -> None:
        assert [(row, column) for row, column, _ in wrong("SKU,Packs,Counted\nQTX-TEA,1,2\n")] == [(2, "Counted")]

    @pytest.mark.parametrize("text", ["", "Packs\n1\n", "SKU,Name\nQTX-TEA,Tea\n", "SKU,Packs,Pack\nQTX-TEA,1,1\n"])
    def test_a_table_of_something_else_is_refused(self, text: str) -> None:
        with pytest.raises(UnreadableFile):
            read(text.encode())


@pytest.mark.django_db
class TestOfProducts:
    @pytest.fixture
    def shop(self) -> Shop:
        shop = Shop()
        mug = make_product(shop.account, "QTX-MUG", unit_kind="units")
        for product, text in ((shop.tea, "40001"), (mug, "40002"), (shop.tea, "49999"), (mug, "49999")):
            ProductAlias.objects.create(account=shop.account, product=product, kind=AliasKind.BARCODE, text=text, key=text)
        return shop

    def enter(self, shop: Shop, text: str) -> Count:
        return ledger.enter_count(shop.actor, warehouse=shop.place, lines=ledger.read_count_file(shop.actor, text.encode()))

    def refused(self, shop: Shop, text: str) -> list[str]:
        with pytest.raises(ValidationError) as problem:
            self.enter(shop, text)
        (sentences,) = problem.value.message_dict.values()
        return sentences

    def test_sku_or_barcode_say_which(self, shop: Shop) -> None:
        count = self.enter(shop, "SKU,Barcode,Counted\n qtx-tea,,5\n,40002,3\n")
        assert list(count.lines.values_list("product__sku", "unit_kind", "counted")) == [("QTX-TEA", "packs", 5), ("QTX-MUG", "units", 3)]

    def test_each_problem_is_named_and_nothing_entered(self, shop: Shop) -> None:
        text = "SKU,Barcode,Packs\nQTX-POT,,1\n,49999,1\n,40009,1\nQTX-TEA,40002,1\nQTX-TEA,,x\n"
        assert self.refused(shop, text) == [
            "Row 2, SKU: There is no product “QTX-POT”.",
            "Row 3, Barcode: “49999” may be QTX-MUG, QTX-TEA. Enter the SKU.",
            "Row 4, Barcode: There is no product “40009”.",
            "Row 5, Barcode: “40002” belongs to QTX-MUG, not to QTX-TEA.",
            "Row 6, Packs: “x” is not a number; write it with digits only, like 1250 or 12.5.",
        ]
        assert not Count.objects.exists()

    def test_what_the_count_refuses_is_named_by_row_too(self, shop: Shop) -> None:
        assert self.refused(shop, "SKU,Packs\nQTX-TEA,1\n\nQTX-TEA,2\n") == [
            "Row 4: packs of QTX-TEA Tea are counted in row 2 already. Enter their sum once."
        ]
        assert self.refused(shop, "SKU,Packs\nQTX-TEA,0.5\n")[0].startswith("Row 2, counted: QTX-TEA Tea is counted in whole numbers")

    def test_one_sku_of_two_products_is_a_question(self, shop: Shop) -> None:
        make_product(shop.account, "QTX-TEA")
        assert self.refused(shop, "SKU,Packs\nQTX-TEA,1\n") == ["Row 2, SKU: “QTX-TEA” may be QTX-TEA, QTX-TEA. Several products have it."]

    def test_products_of_another_account_are_not_there(self, shop: Shop) -> None:
        other = make_account("8RY")
        make_product(other, "QTX-ALIEN")
        assert Product.objects.filter(sku="QTX-ALIEN").exists()
        assert self.refused(shop, "SKU,Packs\nQTX-ALIEN,1\n") == ["Row 2, SKU: There is no product “QTX-ALIEN”."]

    def test_only_who_may(self, shop: Shop) -> None:
        with pytest.raises(NotAllowed):
            ledger.read_count_file(make_actor(shop.account, Role.VIEWER), b"SKU,Packs\nQTX-TEA,1\n")
