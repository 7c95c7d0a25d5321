"""What the first screen says of stock."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Account
from inventory.models import Count, Level, Reconciliation, Sale
from tests.admin.pages import page
from tests.build import make_account
from tests.inventory.ledger.build import Shop, in_days, let_expire

INDEX = "/admin/"
NOTHING = "Quarantined 0 Drift to review 0 Counts waiting 0 Short of stock 0 Expired, still here 0 Expire within 7 days 0 To order 0"


def fill(shop: Shop) -> None:
    """One of each."""
    shop.buy(5, expires_at=in_days(6))
    let_expire(shop.buy(2, expires_at=in_days(6)))
    Level.objects.filter(product=shop.tea).update(reorder_point=Decimal(9), quarantined_at=timezone.now(), quarantine_reason="Bad.")
    sold = {"account": shop.account, "product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "sold_at": timezone.now()}
    Sale.objects.create(quantity=4, shortfall=3, **sold)
    Count.objects.create(account=shop.account, warehouse=shop.place, counted_at=timezone.now())
    Reconciliation.objects.create(account=shop.account, cause="manual", status="needs_review", asked_by="Mara", queued_at=timezone.now())


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def test_counts_what_there_is_to_look_at(viewer: Client, shop: Shop) -> None:
    assert NOTHING in page(viewer, INDEX)
    fill(shop)
    assert NOTHING.replace("0", "1") in page(viewer, INDEX)


def test_what_waits_for_somebody_is_said_in_words(viewer: Client, shop: Shop) -> None:
    fill(shop)
    needs = page(viewer, INDEX)
    assert "1 level is quarantined: its batches contradict themselves, and nothing is booked to it. See why" in needs
    assert "1 reconcile found more wrong than it may set right by itself, and wrote nothing. Review it" in needs
    assert "1 count waits for approval. Decide" in needs
    assert "1 sale or issue is short: more went out than was here." in needs
    assert "1 batch has expired and is still here. Write them off" in needs


def test_each_number_leads_to_its_list(viewer: Client, shop: Shop) -> None:
    fill(shop)
    content = viewer.get(INDEX).content.decode()
    for link, seen in (
        ("/admin/inventory/level/?state=quarantined", "Bad."),
        ("/admin/inventory/level/?state=low", "Order more at 9 packs"),
        ("/admin/inventory/reconciliation/?status__exact=needs_review", "Needs a review"),
        ("/admin/inventory/count/?state=pending", "Shop MAIN"),
        ("/admin/inventory/sale/?state=short&purpose=all", "3 packs short"),
        ("/admin/inventory/batch/expiring/?urgency=expired", "2 packs"),
        ("/admin/inventory/batch/expiring/?urgency=critical", "5 packs"),
    ):
        assert f'href="{escape(link)}"' in content
        assert seen in page(viewer, link)


def test_stock_of_another_account_needs_nobody_here(viewer: Client, shop: Shop) -> None:
    fill(Shop(make_account("Other")))
    assert NOTHING in page(viewer, INDEX)
