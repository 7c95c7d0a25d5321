from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, AuditLog
from inventory.categories import add_category
from inventory.models import Level, Product, ProductAlias, Unit, Warehouse
from inventory.vendors import add_vendor
from tests.admin.pages import page, queries_of, text_of
from tests.admin.stock import make_product
from tests.build import make_actor
from tests.inventory.build import DAY_1, make_unit

LIST = "/admin/inventory/product/"
IMPORT = f"{LIST}import/"


def page_of(product: Product) -> str:
    return f"{LIST}{product.pk}/change/"


def form(*names: tuple[str, str], **values: str) -> dict[str, str]:
    """A product's form as a browser sends it, with new other names as pairs of kind and text."""
    sent = {"aliases-TOTAL_FORMS": str(len(names)), "aliases-INITIAL_FORMS": "0", "unit_kind": "units", "batch_managed": "on", **values}
    for number, (kind, text) in enumerate(names):
        sent |= {f"aliases-{number}-kind": kind, f"aliases-{number}-text": text}
    return sent


def upload(browser: Client, text: str) -> str:
    """What the page says of a file with this text."""
    answer = browser.post(IMPORT, {"file": SimpleUploadedFile("products.csv", text.encode(), "text/csv")}, follow=True)
    return text_of(answer)


def apply(browser: Client, text: str) -> str:
    """What the page says after the button that follows a file's report."""
    content = base64.b64encode(text.encode()).decode()
    return text_of(browser.post(IMPORT, {"content": content, "filename": "products.csv", "apply": "1"}, follow=True))


def test_list_shows_models_and_units_on_hand(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    fridges = add_category(make_actor(account), name="Fridges", parent=add_category(make_actor(account), name="Kitchen"))
    product = make_product(account, name="Fridge", product_type="Refrigerator", category=fridges)
    ProductAlias.objects.create(account=account, product=product, kind="model", text="QTX10FRIDGE-B", key="QTX10FRIDGEB")
    make_unit(warehouse, "ZZ900101", product=product)
    make_product(account, "QTX99", active=False)
    shown = page(viewer, LIST)
    assert re.search(r"QTX10FRIDGE Fridge Refrigerator Kitchen > Fridges QTX10FRIDGE-B nothing 1 \w+ Active", shown)
    assert "Active 1 Not active 1 All 2" in shown
    assert "QTX99" not in shown


def test_search_finds_a_product_by_another_name_once(viewer: Client, account: Account) -> None:
    product = make_product(account)
    for number in (1, 2):
        ProductAlias.objects.create(account=account, product=product, kind="barcode", text=f"40001{number}", key=f"40001{number}")
    assert "1 product" in page(viewer, f"{LIST}?q=4000")


def test_staff_adds_a_product_with_its_names_and_units_find_it(staff: Client, account: Account, warehouse: Warehouse) -> None:
    unit = make_unit(warehouse, "ZZ900101", "QTX10FRIDGE")
    sent = form(("model", "qtx10-fridge"), ("barcode", "4000123"), sku="FRIDGE-1", name="Fridge", product_type="Refrigerator")
    assert staff.post(f"{LIST}add/", sent).status_code == 302
    product = Product.objects.get()
    assert (product.sku, product.account) == ("FRIDGE-1", account)
    assert set(product.aliases.values_list("kind", "text")) == {("model", "qtx10-fridge"), ("barcode", "4000123")}
    unit.refresh_from_db()
    assert unit.product == product
    assert [log.action for log in AuditLog.objects.filter(entity="Product")] == ["ADD"]


def test_packing_prices_category_and_vendor(staff: Client, manager: Client, account: Account) -> None:
    tiles, north = add_category(make_actor(account), name="Tiles"), add_vendor(make_actor(account), name="North")
    numbers = {"packs_per_pallet": "48", "units_per_pack": "12", "lead_time_days": "9", "purchase_price": "10.5", "sale_price": "19.9999"}
    sent = form(sku="TILE", category=str(tiles.pk), vendor=str(north.pk), **numbers) | {"unit_kind": "packs"}
    assert staff.post(f"{LIST}add/", sent).status_code == 302
    product = Product.objects.get()
    assert (product.category, product.vendor, product.unit_kind, product.batch_managed) == (tiles, north, "packs", True)
    assert (product.packs_per_pallet, product.units_per_pack, product.lead_time_days) == (48, 12, 9)
    assert (product.purchase_price, product.sale_price) == (Decimal("10.5"), Decimal("19.9999"))
    changed = form(sku="TILE", active="on", **{**numbers, "packs_per_pallet": ""}) | {"batch_managed": ""}
    assert manager.post(page_of(product), changed).status_code == 302
    product.refresh_from_db()
    assert (product.packs_per_pallet, product.category, product.batch_managed) == (None, None, False)
    after = AuditLog.objects.filter(entity="Product").latest("pk").after
    changed_fields = {"batch_managed", "category", "category_name", "packs_per_pallet", "unit_kind", "vendor", "vendor_name"}
    assert set(after) == changed_fields | {"pinned"}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("packs_per_pallet", "0", "Packs in a pallet are a whole number from 1 to 1,000,000"),
        ("units_per_pack", "2.5", "the product is not counted in fractions"),
        ("sale_price", "-1", "A price is a number from 0"),
        ("sale_price", "NaN", "Enter a number."),
        ("purchase_price", "1.00001", "4 decimal places"),
        ("lead_time_days", "4000", "A lead time is a whole number of days"),
    ],
)
def test_wrong_number_is_said_at_its_field(staff: Client, field: str, text: str, sentence: str) -> None:
    assert sentence in text_of(staff.post(f"{LIST}add/", form(sku="TILE", **{field: text})))
    assert not Product.objects.exists()


def test_prices_have_no_zeros_that_nobody_typed(viewer: Client, manager: Client, account: Account) -> None:
    product = make_product(account, purchase_price=Decimal("480.5"), sale_price=Decimal("0.1234"))
    product.refresh_from_db()
    assert "Purchase price 480.50 Sale price 0.1234" in page(viewer, page_of(product))
    content = manager.get(page_of(product)).content.decode()
    assert 'value="480.50"' in content
    assert 'value="0.1234"' in content


def test_a_category_lists_what_lies_in_it(viewer: Client, account: Account) -> None:
    kitchen = add_category(make_actor(account), name="Kitchen")
    make_product(account, "QTX1", category=add_category(make_actor(account), name="Fridges", parent=kitchen))
    make_product(account, "QTX2")
    shown = page(viewer, f"{LIST}?category={kitchen.pk}")
    assert "QTX1" in shown
    assert "QTX2" not in shown
    assert "QTX2" in page(viewer, f"{LIST}?category=x")


def test_a_model_of_another_product_is_refused_and_nothing_is_added(staff: Client, account: Account) -> None:
    other = make_product(account, "QTX20WASHER")
    ProductAlias.objects.create(account=account, product=other, kind="model", text="QTX1", key="QTX1")
    shown = text_of(staff.post(f"{LIST}add/", form(("model", "qtx-1"), sku="NEW"), follow=True))
    assert "The model qtx-1 belongs to the product QTX20WASHER." in shown
    assert Product.objects.count() == 1


def test_a_refused_form_comes_back_as_it_was_filled_in(staff: Client, account: Account) -> None:
    make_product(account, "A", name="Old")
    answer = staff.post(f"{LIST}add/", form(("model", "QTX77"), sku="a", name="Typed with care"))
    assert "There is already a product with the SKU A: Old." in text_of(answer)
    assert 'value="Typed with care"' in answer.content.decode()
    assert 'value="QTX77"' in answer.content.decode()


def test_manager_edits_a_product_and_its_names(manager: Client, account: Account) -> None:
    product = make_product(account, "QTX10FRIDGE", name="Frigde")
    old = ProductAlias.objects.create(account=account, product=product, kind="model", text="QTX1", key="QTX1")
    sent = form(sku="QTX10FRIDGE", name="Fridge", product_type="", active="on")
    sent |= {"aliases-TOTAL_FORMS": "2", "aliases-INITIAL_FORMS": "1", "aliases-0-id": str(old.pk), "aliases-0-DELETE": "on"}
    sent |= {"aliases-0-product": str(product.pk), "aliases-1-product": str(product.pk)}
    sent |= {"aliases-1-kind": "model", "aliases-1-text": "QTX2"}
    assert manager.post(page_of(product), sent).status_code == 302
    product.refresh_from_db()
    assert product.name == "Fridge"
    assert list(product.aliases.values_list("text", flat=True)) == ["QTX2"]


def test_staff_edits_and_deletes_nothing(staff: Client, account: Account) -> None:
    product = make_product(account, name="Fridge")
    assert staff.post(page_of(product), form(sku="X", name="Other")).status_code == 403
    assert staff.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get(IMPORT).status_code == 403
    assert Product.objects.get().name == "Fridge"


def test_viewer_adds_nothing(viewer: Client, account: Account) -> None:
    assert viewer.post(f"{LIST}add/", form(sku="X")).status_code == 403
    assert not Product.objects.exists()


def test_deleted_product_leaves_its_units(manager: Client, account: Account, warehouse: Warehouse) -> None:
    product, other = make_product(account), make_product(account, "QTX20WASHER")
    unit = make_unit(warehouse, "ZZ900101", product=product)
    assert manager.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 302
    manager.post(LIST, {"action": "delete_selected", "_selected_action": [str(other.pk)], "post": "yes"})
    assert not Product.objects.exists()
    assert Unit.objects.get(pk=unit.pk).product is None
    assert AuditLog.objects.filter(entity="Product", action="DELETE").count() == 2


def test_product_with_stock_stays_and_the_page_says_why(manager: Client, account: Account, warehouse: Warehouse) -> None:
    product = make_product(account)
    Level.objects.create(account=account, product=product, warehouse=warehouse, ledger=False, units=2, changed_at=DAY_1)
    address = f"{LIST}{product.pk}/delete/"
    assert "QTX10FRIDGE: 1 level with stock. Set it to not active instead" in page(manager, address)
    chosen = {"action": "delete_selected", "_selected_action": [str(product.pk)], "post": "yes"}
    assert "Nothing is deleted: other rows need this one" in text_of(manager.post(LIST, chosen))
    manager.post(address, {"post": "yes"})
    assert Product.objects.exists()
    Level.objects.update(units=0)
    assert manager.post(address, {"post": "yes"}).status_code == 302
    assert not Product.objects.exists()


def test_products_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    theirs = make_product(foreign.account, "THEIRS")
    assert "THEIRS" not in page(manager, f"{LIST}?state=all")
    assert manager.get(page_of(theirs)).status_code == 404
    assert manager.post(f"{LIST}{theirs.pk}/delete/", {"post": "yes"}).status_code == 404
    assert Product.objects.count() == 1


def test_list_takes_as_many_statements_for_many_products_as_for_one(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    def stocked(number: int) -> None:
        groups = {
            "category": add_category(make_actor(account), name=f"C{number}"),
            "vendor": add_vendor(make_actor(account), name=f"V{number}"),
        }
        product = make_product(account, f"QTX{number}", **groups)
        ProductAlias.objects.create(account=account, product=product, kind="model", text=f"M{number}", key=f"M{number}")
        make_unit(warehouse, f"ZZ{number:06}", product=product)

    stocked(0)
    few = queries_of(viewer, LIST)
    for number in range(1, 20):
        stocked(number)
    assert queries_of(viewer, LIST) == few


def test_file_is_reported_before_anything_is_written(manager: Client, account: Account) -> None:
    make_product(account, "A", name="Old")
    make_product(account, "B", name="Same")
    text = "SKU,Name,Shelf\nA,New,1\nB,Same,2\nC,Third,3\n"
    shown = upload(manager, text)
    assert "New 1 Changed 1 Unchanged 1 Problems 0" in shown
    assert "left out: Shelf." in shown
    assert "Nothing has been written yet." in shown
    assert Product.objects.count() == 2
    assert "The file is imported. New: 1, changed: 1, unchanged: 1." in apply(manager, text)
    assert dict(Product.objects.values_list("sku", "name")) == {"A": "New", "B": "Same", "C": "Third"}


def test_new_categories_and_vendors_are_told_before_and_after(manager: Client) -> None:
    text = "SKU,Category,Vendor\nA,Kitchen > Fridges,North Supply\n"
    shown = upload(manager, text)
    assert "New categories: Kitchen, Kitchen > Fridges." in shown
    assert "New vendors: North Supply." in shown
    assert "New: 1, changed: 0, unchanged: 0, new categories: 2, new vendors: 1." in apply(manager, text)


def test_problems_name_row_and_column_and_nothing_can_be_applied(manager: Client, account: Account) -> None:
    text = "SKU,Active\nA,maybe\nA,yes\n"
    for shown in (upload(manager, text), apply(manager, text)):
        assert "Nothing can be imported yet" in shown
        assert "Row 2, column Active: “maybe” is neither yes nor no." in shown
        assert "Row 3, column SKU: The SKU A stands in row 2 already." in shown
        assert "Import it" not in shown
    assert not Product.objects.exists()


def test_file_that_says_nothing_new_offers_nothing_to_do(manager: Client, account: Account) -> None:
    make_product(account, "A")
    shown = upload(manager, "SKU\nA\n")
    assert "The catalogue already says all that is in the file." in shown
    assert "Import it" not in shown


@pytest.mark.parametrize("text", ["Name\nA\n", ""])
def test_file_that_can_t_be_read_says_why(manager: Client, text: str) -> None:
    assert "The first row has no column SKU." in upload(manager, text)


def test_a_form_without_a_file_says_so(manager: Client) -> None:
    for sent in ({}, {"content": "no base64", "apply": "1"}):
        assert "No file was chosen." in text_of(manager.post(IMPORT, sent, follow=True))


def test_file_too_large_is_refused(manager: Client, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 60
    assert "“products.csv” is too large to be imported here." in upload(manager, "SKU\n" + "A" * 40)
