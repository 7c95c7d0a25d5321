"""The first screen: what needs somebody, the connections with their button, the stock in numbers, and health."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory.models import Warehouse
from sync.models import Connection, FeedState, HeldRow, Kind, Phase, Status, SyncRun, Unconfirmed
from tests.admin.pages import page, queries_of
from tests.admin.stock import make_bucket_session, make_conflict, make_product
from tests.api.build import NOON, make_connection, make_run, make_unit
from tests.build import make_account
from tests.inventory.build import make_load

INDEX = "/admin/"


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


def needs(browser: Client) -> str:
    """What stands under “What needs you”."""
    shown = page(browser, INDEX)
    return shown[shown.index("What needs you") : shown.rindex(" Connections ", 0, shown.index(" In stock "))]


def test_waiting_review_leads_to_its_run(viewer: Client, connection: Connection) -> None:
    run = make_run(connection, Status.NEEDS_REVIEW, message="It would remove 312 of 833 units.")
    assert "GE warehouse: It would remove 312 of 833 units. Review it" in needs(viewer)
    assert f'href="/admin/sync/syncrun/{run.pk}/change/">Review it' in viewer.get(INDEX).content.decode()


def test_review_that_a_later_run_has_overtaken_waits_for_nobody(viewer: Client, connection: Connection) -> None:
    make_run(connection, Status.NEEDS_REVIEW, message="It would remove 312 of 833 units.")
    make_run(connection, Status.SUCCEEDED)
    assert "312" not in needs(viewer)


def test_failed_and_partial_runs_are_named_with_their_sentence(viewer: Client, account: Account, connection: Connection) -> None:
    make_run(connection, Status.FAILED, message="The server did not answer.")
    make_run(make_connection(account, "Second"), Status.PARTIAL, message="STA was not applied.")
    told = needs(viewer)
    assert "GE warehouse: the last sync failed. The server did not answer. See why" in told
    assert "Second: the last sync was partial. STA was not applied. See what is missing" in told


def test_what_went_well_later_needs_nobody(viewer: Client, connection: Connection) -> None:
    make_run(connection, Status.FAILED, message="The server did not answer.")
    make_run(connection, Status.SUCCEEDED)
    make_run(connection, Status.FAILED, kind=Kind.PREVIEW, message="The preview failed.")
    told = needs(viewer)
    assert "did not answer" not in told
    assert "The preview failed." not in told


def test_old_lists_held_rows_unconfirmed_rows_and_conflicts_are_counted(viewer: Client, account: Account, connection: Connection) -> None:
    run = make_run(connection)
    old = timezone.now() - timedelta(days=8)
    FeedState.objects.create(account=account, connection=connection, feed="stock:FG", rows=81, checksum="x", taken_at=old, valid_at=old)
    HeldRow.objects.create(account=account, connection=connection, feed="stock:FG", row=1, code="x", sentence="x", first_held_at=NOON)
    for number in (1, 2):
        Unconfirmed.objects.create(account=account, connection=connection, run=run, entity="unit", entity_id=number, label="ZZ", reason="x")
    warehouse = connection.warehouse
    assert warehouse is not None
    make_conflict(warehouse)
    told = needs(viewer)
    assert "GE warehouse: not read for more than a week: FG. Sync it" in told
    assert "1 question is open" in told
    assert "1 row of a list is held" in told
    assert "2 stored rows are unconfirmed" in told


def test_connection_shows_its_last_run_its_lists_and_its_button(staff: Client, connection: Connection) -> None:
    make_run(connection, message="1,515 units: 3 new.", requested_label="Mara")
    shown = page(staff, INDEX)
    assert "GE warehouse GE Appliances" in shown
    assert "1,515 units: 3 new." in shown
    assert "sync Sync All Inventory" in shown
    assert f'action="/admin/sync/syncrun/connection/{connection.pk}/start/"' in staff.get(INDEX).content.decode()


def test_viewer_and_busy_connection_have_no_button(viewer: Client, staff: Client, connection: Connection) -> None:
    start = f'action="/admin/sync/syncrun/connection/{connection.pk}/start/"'
    assert start not in viewer.get(INDEX).content.decode()
    make_run(connection, Status.RUNNING, phase=Phase.READING)
    shown = staff.get(INDEX).content.decode()
    assert start not in shown
    assert "Reading." in shown


def test_paused_connection_says_so_and_has_no_button(staff: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(paused_at=timezone.now(), paused_by="Max")
    shown = page(staff, INDEX)
    assert "It was paused by Max." in shown
    assert "sync Sync All Inventory" not in shown


def test_stock_in_numbers_leaves_out_what_is_gone_and_what_is_others(viewer: Client, account: Account, connection: Connection) -> None:
    warehouse = connection.warehouse
    assert isinstance(warehouse, Warehouse)
    make_unit(connection, "ZZ900101")
    make_unit(connection, "ZZ900102")
    make_unit(connection, "ZZ900103", gone_at=NOON)
    make_unit(connection, "ZZ900201", bucket="STA")
    make_unit(make_connection(make_account("Other"), "Theirs"), "ZZ900301", bucket="FG")
    make_load(warehouse, sale_status="FOR SALE")
    make_bucket_session(warehouse)
    make_product(account)
    shown = page(viewer, INDEX)
    assert "On hand in FG 0 On hand in ASIS 2 On hand in STA 1 Loads for sale 1 Open sessions 1 Products 1" in shown


def test_without_a_connection_it_says_who_adds_one(viewer: Client) -> None:
    assert "No outside system is connected yet. An owner adds one under Connections." in page(viewer, INDEX)


def test_health_is_told_in_words(viewer: Client) -> None:
    assert "OK The database answers." in page(viewer, INDEX)


def test_other_accounts_are_not_there(viewer: Client) -> None:
    foreign = make_connection(make_account("Other"), "Their warehouse")
    make_run(foreign, Status.FAILED, message="Their failure.")
    content = viewer.get(INDEX).content.decode()
    assert "Their" not in content


def test_it_asks_the_same_for_one_connection_as_for_many(viewer: Client, account: Account, connection: Connection) -> None:
    make_run(connection, Status.FAILED)
    few = queries_of(viewer, INDEX)
    for number in range(6):
        more = make_connection(account, f"GE {number}")
        make_run(more, Status.NEEDS_REVIEW)
        make_run(more, Status.PARTIAL)
    assert SyncRun.objects.count() == 13
    assert queries_of(viewer, INDEX) == few
