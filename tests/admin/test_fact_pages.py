"""What of outside systems waits for somebody: the list of work, the page that settles one thing, rules, and the lines themselves."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import Account
from inventory.ledgerwords import product_page
from inventory.models import Sale
from sync.models import FactRule, SourceFact, WarehouseRef
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account
from tests.sync.facts.build import line
from tests.sync.facts_doors.build import DAY, Held, make_held, make_second

LIST = "/admin/sync/sourcefact/"
WORK = f"{LIST}work/"
RULES = "/admin/sync/factrule/"


@pytest.fixture
def held(account: Account) -> Held:
    return make_held(account)


def one(held: Held, about: str, value: str, what: str = "") -> str:
    return f"{WORK}{held.connection.pk}/{about}/{what}?value={value}"


def test_the_list_of_work_has_a_line_for_each_decision(viewer: Client, held: Held) -> None:
    places, products, lines = (page(viewer, f"{WORK}?part={part}") for part in ("places", "products", "lines"))
    assert "Places 2 Products 4 Single lines 1" in places
    assert "002 Branch 002 2 7 2026-05-01 to 05-02 POS:002:B5" in places
    assert "9001 Unknown barcode 3 6 2026-05-01 POS:001:B2" in products
    assert "9002 Barcode of several products 1 1 2026-05-01 POS:001:B3" in products
    assert "Quantity can't be read 1 0 2026-05-01 POS:001:B4 See them" in lines


def test_a_branch_is_assigned_on_the_list_and_its_lines_book_themselves(manager: Client, held: Held) -> None:
    assert "Assign" in page(manager, WORK)
    answer = manager.post(one(held, "place", "002", "assign/"), {"value": "002", "warehouse": held.store.pk})
    followed = text_of(manager.get(answer["Location"]))
    assert "“002” of Till is Shop One here. 2 held lines book themselves now." in followed
    assert "0 of 2 lines done, 2 to go." in followed
    live = re.search(r'data-live="([^"]+)"', manager.get(answer["Location"]).content.decode())
    assert live is not None
    address = live.group(1).replace("&amp;", "&")
    assert "2 to go" in page(manager, address)
    held.book()
    assert manager.get(address).status_code == 204
    assert "All 2 lines are settled: 2 booked." in page(manager, answer["Location"])


def test_a_barcode_becomes_a_products_or_is_a_rule_of_the_connection(manager: Client, held: Held) -> None:
    shown = page(manager, one(held, "barcode", "9001"))
    assert "No product here has the barcode “9001”." in shown
    wrong = text_of(manager.post(one(held, "barcode", "9001", "match/"), {"value": "9001", "product": "nothing", "where": "everywhere"}))
    assert "No product has the SKU, barcode, model or name “nothing”." in wrong
    given = {"value": "9001", "product": "TOWEL", "where": "everywhere"}
    said = text_of(manager.post(one(held, "barcode", "9001", "match/"), given, follow=True))
    assert "Barcode “9001” is TOWEL Towel. 3 held lines book themselves now." in said
    shown = page(manager, one(held, "barcode", "9002"))
    assert "It is this one SOAP Soap It is this one TOWEL Towel" in shown
    assert "For everybody" not in shown
    given = {"value": "9002", "product": "SOAP", "product_id": str(held.soap.pk)}
    said = text_of(manager.post(one(held, "barcode", "9002", "match/"), given, follow=True))
    assert "Barcode “9002” is SOAP Soap in Till. 1 held line books itself now." in said
    assert FactRule.objects.get().product == held.soap


def test_what_is_never_booked_is_a_rule_that_can_be_taken_away(manager: Client, viewer: Client, held: Held) -> None:
    said = text_of(manager.post(one(held, "barcode", "9001", "ignore/"), {"value": "9001", "note": "Paper bags"}, follow=True))
    assert "Nothing of Till that names “9001” is booked from now on. 3 held lines book themselves now." in said
    held.book()
    rule = FactRule.objects.get()
    assert "9001 Barcode Never booked Till Paper bags manager" in page(viewer, RULES).replace("visibility_off ", "")
    assert "are never booked." in page(viewer, f"{RULES}{rule.pk}/change/")
    assert viewer.post(f"{RULES}{rule.pk}/remove/").status_code == 403
    said = text_of(manager.post(f"{RULES}{rule.pk}/remove/", follow=True))
    assert "is taken away. 3 lines that it had left out are looked at again." in said


def test_a_rule_is_entered_before_any_line_names_it(manager: Client, held: Held) -> None:
    given = {"connection": held.connection.pk, "about": "barcode", "value": "9001", "action": "product", "note": "", "product": "TOWEL"}
    missing = text_of(manager.post(f"{RULES}new/", {**given, "product": ""}))
    assert "Say which product it is." in missing
    assert "The rule is kept. 3 held lines are tried again now." in text_of(manager.post(f"{RULES}new/", given, follow=True))
    assert FactRule.objects.get().product == held.towel


def test_staff_try_again_and_managers_decide(staff: Client, viewer: Client, held: Held) -> None:
    assert "7 held lines are tried again now." in text_of(staff.post(f"{WORK}retry/", {"part": "products"}, follow=True))
    held.book()
    assert viewer.post(f"{WORK}retry/").status_code == 403
    for what in ("assign", "match", "ignore", "new", "uncounted"):
        about = "place" if what in ("assign", "uncounted") else "product" if what == "new" else "barcode"
        answer = staff.post(one(held, about, "002" if about == "place" else "9001", f"{what}/"), {"value": "9001", "product": "TOWEL"})
        assert answer.status_code == 403, what
    assert "Members with the role manager" in page(staff, one(held, "barcode", "9001"))


def test_a_place_that_does_not_count_frees_its_lines(manager: Client, held: Held) -> None:
    said = text_of(manager.post(one(held, "place", "002", "uncounted/"), {"value": "002"}, follow=True))
    assert ("does not count" in said, WarehouseRef.objects.get(external_id="002").counts) == (True, False)
    held.book()
    assert held.states()["POS:002:B5:1"] == "ignored uncounted_place"


def test_a_line_tells_what_was_said_and_what_became_of_it(staff: Client, held: Held) -> None:
    booked, refused = SourceFact.objects.get(external_id="POS:001:B1:1"), SourceFact.objects.get(external_id="POS:001:B2:1")
    shown = page(staff, f"{LIST}{booked.pk}/change/")
    sale = Sale.objects.get(source_key="POS:001:B1:1")
    assert f"Booked as {sale}." in shown.replace(" .", ".")
    assert "From there Branch 001 (001)" in shown
    assert "−2 units" in shown
    shown = page(staff, f"{LIST}{refused.pk}/change/")
    assert "No product here has the barcode “9001”." in shown
    assert "Settle it" not in shown
    assert "See all such lines" in shown
    assert "told by Till" in page(staff, f"/admin/inventory/sale/{sale.pk}/change/")
    assert "POS:001:B1" in page(staff, product_page(held.soap))


def test_a_line_that_will_never_be_right_is_left_out(manager: Client, staff: Client, held: Held) -> None:
    fact = SourceFact.objects.get(external_id="POS:001:B4:1")
    assert "Leave it out for good" not in page(staff, f"{LIST}{fact.pk}/change/")
    assert staff.post(f"{LIST}{fact.pk}/leave-out/").status_code == 403
    said = text_of(manager.post(f"{LIST}{fact.pk}/leave-out/", follow=True))
    assert "1 held line is left out from now on." in said
    assert "Take it in again" in said
    assert "Single lines 0" in page(manager, f"{WORK}?part=lines")
    ticked = {"action": "take_in", "_selected_action": [fact.pk]}
    assert "1 line is looked at again." in text_of(manager.post(LIST, ticked, follow=True))


def test_lines_are_found_by_bill_key_barcode_and_product(viewer: Client, held: Held) -> None:
    for text, found, other in (
        ("POS:001:B2", "POS:001:B2:3", "POS:001:B1:1"),
        ("POS:001:B1:1", "POS:001:B1:1", "POS:001:B2:1"),
        ("9001", "POS:001:B2:1", "POS:001:B1:1"),
        ("SOAP", "POS:001:B1:1", "POS:001:B2:1"),
    ):
        shown = page(viewer, f"{LIST}?q={text}")
        assert (found in shown, other in shown) == (True, False), text
    assert "POS:001:B2:1" not in page(viewer, f"{LIST}?state=booked")
    assert "POS:002:B5:1" in page(viewer, f"{LIST}?code=unmapped_branch")
    assert "POS:001:B1:1" in page(viewer, f"{LIST}?product=soap&warehouse__id__exact={held.store.pk}&kind=sale&feed=sales")


def test_what_belongs_to_another_account_is_nowhere(manager: Client, account: Account) -> None:
    theirs = make_held(make_account("Other"))
    fact = SourceFact.objects.filter(connection=theirs.connection).first()
    rule = FactRule.objects.create(
        account=theirs.account, connection=theirs.connection, about="barcode", value="9", value_key="9", action="ignore"
    )
    assert fact is not None
    assert "POS:" not in page(manager, WORK)
    assert "POS:" not in page(manager, LIST)
    for address in (f"{LIST}{fact.pk}/change/", one(theirs, "place", "002"), f"{RULES}{rule.pk}/change/"):
        assert manager.get(address).status_code == 404, address
    for address in (
        *(one(theirs, "place", "002", f"{what}/") for what in ("assign", "uncounted", "ignore", "match", "new")),
        f"{LIST}{fact.pk}/retry/",
        f"{RULES}{rule.pk}/remove/",
    ):
        assert manager.post(address, {"value": "002"}).status_code == 404, address
    assert manager.post(f"{WORK}retry/", {"connection": theirs.connection.pk}).status_code == 404


def test_another_accounts_warehouse_is_not_taken(manager: Client, held: Held) -> None:
    theirs = make_held(make_account("Other"))
    said = text_of(manager.post(one(held, "place", "002", "assign/"), {"value": "002", "warehouse": theirs.store.pk}, follow=True))
    assert "Choose a warehouse of the list." in said
    assert WarehouseRef.objects.get(connection=held.connection, external_id="002").warehouse is None


def test_the_first_screen_says_what_is_held(viewer: Client, held: Held) -> None:
    shown = page(viewer, "/admin/")
    assert "2 lines are held: their places have no warehouse." in shown
    assert "4 lines are held: nobody knows their products." in shown
    assert "1 line of an outside system can't be booked as it is." in shown


@pytest.mark.parametrize("address", ["/places/?value=x", "/place/", "/place/?value=" + "x" * 301])
def test_an_address_that_names_nothing_is_no_page(viewer: Client, held: Held, address: str) -> None:
    assert viewer.get(f"{WORK}{held.connection.pk}{address}").status_code == 404


def test_pages_ask_the_same_however_much_is_held(viewer: Client, held: Held) -> None:
    addresses = [LIST, *(f"{WORK}?part={part}" for part in ("places", "products", "lines")), one(held, "barcode", "9001"), "/admin/"]
    few = [queries_of(viewer, address) for address in addresses]
    for number in range(12):
        line(held.connection, f"POS:0{number}:B9:1", 1, place=f"0{number}", day=DAY)
        line(held.connection, f"POS:001:B9:{number}", 1, barcode="9001" if number % 2 else f"77{number}", day=DAY)
    held.book()
    assert [queries_of(viewer, address) for address in addresses] == few
    make_second(held)
    assert queries_of(viewer, f"{WORK}?part=places") == few[1] + 1
