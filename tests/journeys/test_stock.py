"""Buying, selling, and looking why there is so much left, in a browser: wide, and as narrow as a telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from inventory.models import Batch, Level, Movement
from tests.build import make_account, make_member
from tests.inventory.ledger.build import make_place, make_product
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Visitor]


def book(visitor: Visitor, page: str, product: int, **given: str) -> None:
    """Fill in a form, look at what it would book where it offers that, and book it."""
    visitor.go(f"{reverse(f'admin:inventory_{page}_add')}?product={product}")
    for name, value in given.items():
        visitor.page.fill(f"[name={name}]", value)
    if page == "sale":
        visitor.choose("Show what will be taken")
    visitor.page.get_by_role("button", name=f"Book this {page}").click()
    visitor.page.wait_for_url(f"**/{page}/*/change/")


@pytest.mark.parametrize("width", [1280, pytest.param(400, marks=pytest.mark.once)])
def test_staff_buys_and_sells_and_finds_out_why_ninety_are_left(live_server: object, enter: Enter, width: int) -> None:
    account = make_account("Corner Shop")
    make_member(account, Role.STAFF, "staff")
    tea = make_product(account)
    make_place(account)
    staff = enter("staff", width=width)
    last_day = (timezone.now() + timedelta(days=5)).date().isoformat()
    book(staff, "purchase", tea.pk, quantity="100", unit_cost="2.50", lot="A-17", expires_on=last_day, reference="INV-501")
    book(staff, "sale", tea.pk, quantity="10", reference="BILL-1")
    assert Level.objects.get().packs == 90

    # From the list to the product, and why it is ninety.
    staff.go(reverse("admin:inventory_level_changelist"))
    staff.page.get_by_role("link", name="QTX-TEA", exact=True).click()
    staff.reads("90 packs")
    staff.reads("−10 packs")
    staff.reads("BILL-1")
    assert staff.is_narrow_enough()

    # Before the sale there were a hundred.
    sold_at = timezone.localtime(Movement.objects.get(kind="sale").booked_at)
    staff.page.fill("[name=at]", f"{sold_at:%Y-%m-%dT%H:%M:%S}")
    staff.page.keyboard.press("Enter")
    staff.reads("And now")
    assert staff.is_narrow_enough()

    # Its batch adds up, and stands in the calendar on its last day.
    staff.page.get_by_role("table").get_by_role("link", name=str(Batch.objects.get().pk), exact=True).first.click()
    staff.reads("How it adds up")
    staff.reads("= 90 packs")
    assert staff.is_narrow_enough()
    staff.go(reverse("admin:inventory_batch_expiring"))
    staff.reads("lot A-17")
    staff.choose("Calendar")
    expect(staff.page.locator("#month")).to_have_text(f"{timezone.localdate():%B %Y}")
    assert staff.is_narrow_enough()

    # Somebody has changed the counter behind the program's back.
    Level.objects.update(packs=95)
    staff.go(reverse("admin:inventory_product_stock", args=[tea.pk]))
    staff.choose("Reconcile this product now")
    staff.reads("Set right: Shop MAIN from 95 packs to 90 packs.")
    staff.reads("found 95 packs, set right to 90 packs (−5)")
    assert Level.objects.get().packs == 90
    assert staff.is_narrow_enough()
