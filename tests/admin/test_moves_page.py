"""The page of a connection that tells what moves: its buttons, how far it was read, what is held, and its branches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from sync.models import Connection, Cursor, ProductRef, WarehouseRef
from tests.admin.pages import page, queries_of, text_of
from tests.sync.facts_doors.build import Held, make_held


@pytest.fixture
def held(account: Account) -> Held:
    return make_held(account)


def address(connection: Connection, what: str = "") -> str:
    return f"/admin/sync/syncrun/connection/{connection.pk}/{what}"


def read_to(connection: Connection, feed: str, day: int) -> None:
    at = datetime(2026, 5, day, tzinfo=UTC)
    Cursor.objects.create(account=connection.account, connection=connection, feed=feed, read_to=at, complete_at=timezone.now())


def test_a_tills_page_has_its_buttons_what_is_held_and_how_far_it_was_read(staff: Client, held: Held) -> None:
    read_to(held.connection, "sales", 2)
    read_to(held.connection, "sales/001", 1)
    shown = page(staff, address(held.connection))
    for button in ("Sync sales", "Sync today's sales", "Sync sales returns", "Sync branches"):
        assert f"sync {button} Preview" in shown, button
    assert "7 lines are read and not booked." in shown
    assert "front_hand 3 Unknown barcode" in shown
    assert "Sales to the end of 2026-05-02, read just now" in shown
    assert "001 last lines on 2026-05-01" in shown
    assert "002 Branch 002: front_hand No warehouse" in shown
    assert "1 of 2 without a warehouse" in shown
    assert "Look at its tables now" in shown


def test_odoos_page_says_how_many_products_are_matched(viewer: Client, held: Held) -> None:
    Connection.objects.filter(pk=held.connection.pk).update(system="odoo", settings={"database": "shop"})
    given = {"account": held.account, "connection": held.connection, "first_seen_at": timezone.now()}
    ProductRef.objects.create(**given, external_id="1", sku="A", sku_key="A", product=held.soap)
    ProductRef.objects.create(**given, external_id="2", sku="B", sku_key="B")
    read_to(held.connection, "purchases", 2)
    shown = page(viewer, address(held.connection))
    assert "Products 2 Matched here 1, decide on the others" in shown
    assert "Purchases changes to 2026-05-02 00:00:00" in shown
    assert shown.index("Sync master data") < shown.index("Sync stock moves") < shown.index("Single syncs") < shown.index("Sync products")
    assert "Members with the role staff start syncs." in shown


def test_branches_are_assigned_on_their_page_and_lines_book_themselves(manager: Client, held: Held) -> None:
    places = address(held.connection, "places/")
    assert "Several places may be one warehouse." in page(manager, places)
    branch = WarehouseRef.objects.get(external_id="002")
    said = text_of(manager.post(f"/admin/sync/syncrun/place/{branch.pk}/warehouse/", {"warehouse": held.store.pk}, follow=True))
    assert "Branch 002 is Shop One here. 2 held lines book themselves now." in said
    held.book()
    assert held.states()["POS:002:B5:1"] == "booked"


def test_schedules_are_switched_off_together(manager: Client, held: Held) -> None:
    said = text_of(manager.post(address(held.connection, "auto/"), {"auto": "off"}, follow=True))
    assert "Auto-sync is off" in said
    held.connection.refresh_from_db()
    assert held.connection.auto_sync is False


def test_it_asks_the_same_for_many_places_and_lines(viewer: Client, held: Held) -> None:
    few = queries_of(viewer, address(held.connection))
    WarehouseRef.objects.bulk_create(
        WarehouseRef(
            account=held.account, connection=held.connection, external_id=f"1{number}", name=f"Branch 1{number}",
            warehouse=held.store if number % 2 else None, first_seen_at=timezone.now(),
        )
        for number in range(12)
    )  # fmt: skip
    assert queries_of(viewer, address(held.connection)) == few
