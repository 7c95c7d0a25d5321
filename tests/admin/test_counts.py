from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.roles import Role
from inventory import ledger
from inventory.models import Count, CountLine, Movement
from tests.admin.bookings import address, entry, hidden, said
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_product


@pytest.fixture
def shop(account: Account) -> Shop:
    shop = Shop(account)
    shop.buy(40)
    return shop


def start(browser: Client, shop: Shop, **values: Any) -> Any:
    given = {"key": hidden(browser.get(entry("count")), "key"), "warehouse": shop.place.pk, **values}
    return browser.post(entry("count"), given, follow=True)


def counted(shop: Shop, number: Any = 37, **values: Any) -> Count:
    line = ledger.CountedLine(shop.tea, "packs", number, **values)
    return ledger.enter_count(shop.actor, warehouse=shop.place, lines=[line])


def add(browser: Client, count: Count, *, page: bool = False, **values: Any) -> Any:
    headers = {} if page else {"accept": "application/json"}
    return browser.post(reverse("admin:inventory_count_line", args=[count.pk]), values, headers=headers, follow=True)


def test_staff_count_and_a_manager_approves(staff: Client, manager: Client, shop: Shop) -> None:
    shown = said(start(staff, shop, product="qtx-tea", counted="37", note="Aisle 3"))
    count = Count.objects.get()
    assert f"Count {count.pk} is started with one line." in shown
    assert "40 37 packs Less −3 −7.50" in shown.replace("trending_down ", "")
    assert "A manager approves or rejects it." in shown
    assert staff.get(address("count", count.pk, act="approve")).status_code == 403
    shop.sell(10)
    preview = page(manager, address("count", count.pk, act="approve"))
    assert "Count: less found" in preview
    assert "−3 packs 27" in preview
    assert shop.packs == 30
    done = said(manager.post(address("count", count.pk, act="approve"), follow=True))
    assert f"Count {count.pk} is approved, and its differences are booked." in done
    assert shop.packs == 27
    assert "Every difference is booked." in done
    assert "was decided before" in said(manager.post(address("count", count.pk, act="approve"), follow=True))


def test_a_count_is_started_once(staff: Client, shop: Shop) -> None:
    given = {"key": hidden(staff.get(entry("count")), "key"), "warehouse": shop.place.pk, "product": "QTX-TEA", "counted": "1"}
    for _ in range(2):
        answer = staff.post(entry("count"), given, follow=True)
    assert "was started with this form before" in said(answer)
    assert Count.objects.count() == 1


def test_lines_are_taken_one_after_the_other(staff: Client, shop: Shop) -> None:
    make_product(shop.account, "QTX-SOAP", name="Soap")
    count = counted(shop)
    answer = add(staff, count, product="qtx-soap", counted="5").json()
    assert answer["state"] == "taken"
    assert answer["sentence"] == "5 packs of QTX-SOAP Soap. 5 packs more than known."
    assert "QTX-SOAP" in answer["html"]
    assert 'value="qtx-soap"' not in answer["form"]
    assert add(staff, count, product="qtx-soap", counted="2").json()["state"] == "again"
    assert CountLine.objects.get(product__sku="QTX-SOAP").counted == 5
    assert add(staff, count, product="qtx-soap", counted="2", again="add").json()["sentence"].startswith("7 packs")
    assert add(staff, count, product="qtx-soap", counted="3", again="replace").json()["sentence"].startswith("3 packs")
    wrong = add(staff, count, product="nope", counted="2").json()
    assert wrong["state"] == "unknown"
    assert 'value="nope"' in wrong["form"]
    assert "Enter a number" in add(staff, count, product="qtx-tea", counted="x").json()["sentence"]


def test_lines_are_taken_without_any_script_too(staff: Client, shop: Shop) -> None:
    make_product(shop.account, "QTX-SOAP", name="Soap")
    count = counted(shop)
    assert "5 packs of QTX-SOAP Soap." in said(add(staff, count, page=True, product="qtx-soap", counted="5"))
    again = add(staff, count, page=True, product="qtx-soap", counted="2")
    assert "Put this in their place" in said(again)
    assert 'value="2"' in again.content.decode()


def test_a_line_is_corrected_and_taken_out(staff: Client, shop: Shop) -> None:
    count = counted(shop)
    line = count.lines.get()
    change = reverse("admin:inventory_count_change_line", args=[count.pk, line.pk])
    assert "38 counted." in said(staff.post(change, {"counted": "38"}, follow=True))
    assert "“many” is not a number" in said(staff.post(change, {"counted": "many"}, follow=True))
    assert CountLine.objects.get().counted == 38
    assert "is taken out." in said(staff.post(change, {"counted": "38", "remove": "1"}, follow=True))
    assert not CountLine.objects.exists()


def test_file_is_handed_in_and_wrong_rows_are_named(staff: Client, shop: Shop) -> None:
    def file(text: str) -> SimpleUploadedFile:
        return SimpleUploadedFile("count.csv", text.encode(), "text/csv")

    wrong = start(staff, shop, file=file("SKU,Packs\nNOPE,4\nQTX-TEA,many\n"), note="Keep me")
    assert "There is no product “NOPE”." in said(wrong)
    assert 'value="Keep me"' in wrong.content.decode()
    assert not Count.objects.exists()
    assert "is started with one line." in said(start(staff, shop, file=file("SKU,Packs\nQTX-TEA,41\n")))
    assert CountLine.objects.get().counted == 41


def test_approved_in_part_is_explained_at_the_line(manager: Client, shop: Shop) -> None:
    count = counted(shop, 10)
    shop.sell(35)
    done = said(manager.post(address("count", count.pk, act="approve"), follow=True))
    assert "Less was left to take than was missing" in done
    assert "Approved in part" in done
    assert "25 not booked" in done
    assert "Only 5 of 30 were left to take." in done


def test_manager_rejects(manager: Client, staff: Client, shop: Shop) -> None:
    count = counted(shop)
    reject = reverse("admin:inventory_count_reject", args=[count.pk])
    assert staff.post(reject).status_code == 403
    assert "is rejected. Nothing was booked." in said(manager.post(reject, {"note": "Wrong shelf"}, follow=True))
    assert "Wrong shelf" in page(manager, address("count", count.pk))
    assert not Movement.objects.filter(kind="count_loss").exists()


def test_viewers_look_and_other_accounts_find_nothing(viewer: Client, browser_as: Callable[[Role], Client], shop: Shop) -> None:
    mine, theirs = counted(shop), counted(Shop(make_account("Other")), 1)
    assert "37 packs" in page(viewer, address("count", mine.pk))
    assert viewer.get(entry("count")).status_code == 403
    assert add(viewer, mine, product="QTX-TEA", counted="1").status_code == 403
    owner = browser_as(Role.OWNER)
    line = theirs.lines.get().pk
    assert owner.get(address("count", theirs.pk)).status_code == 404
    assert add(owner, theirs, product="QTX-TEA", counted="1").status_code == 404
    for pk in (theirs.pk, mine.pk):
        change = reverse("admin:inventory_count_change_line", args=[pk, line])
        assert owner.post(change, {"counted": "5"}).status_code == 404
    assert CountLine.objects.get(pk=line).counted == Decimal(1)


def test_lists_ask_the_same_for_many_rows(viewer: Client, shop: Shop) -> None:
    count = counted(shop)
    few = queries_of(viewer, address("count")), queries_of(viewer, address("count", count.pk))
    for number in range(3):
        counted(shop)
        ledger.add_count_line(shop.actor, count, ledger.CountedLine(make_product(shop.account, f"P{number}", name="Soap"), "packs", 1))
    assert (queries_of(viewer, address("count")), queries_of(viewer, address("count", count.pk))) == few
    assert "Opening count" not in page(viewer, f"{address('count')}?q=tea")
    assert "P1" not in page(viewer, f"{address('count', count.pk)}?q=tea")
