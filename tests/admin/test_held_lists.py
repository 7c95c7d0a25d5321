"""Held rows and unconfirmed ones: shown with their reason, changed by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from sync.models import Connection, HeldRow, SyncRun, Unconfirmed
from tests.admin.pages import page, queries_of
from tests.api.build import NOON, make_connection, make_run
from tests.build import make_account

HELD, UNCONFIRMED = "/admin/sync/heldrow/", "/admin/sync/unconfirmed/"


@pytest.fixture
def run(account: Account) -> SyncRun:
    return make_run(make_connection(account))


def hold(run: SyncRun, **values: Any) -> HeldRow:
    given = {
        "feed": "stock:ASIS",
        "row": 17,
        "code": "formula",
        "sentence": "Its serial comes from a formula.",
        "raw": {"Model #": "QTX30RANGE", "Serial #": ""},
        "first_held_at": NOON,
        **values,
    }
    return HeldRow.objects.create(account_id=run.account_id, connection=run.connection, run=run, **given)


def leave(run: SyncRun, label: str = "ZZ900201", **values: Any) -> Unconfirmed:
    given = {"entity": "unit", "entity_id": Unconfirmed.objects.count() + 1, "reason": "The STA list was not used.", **values}
    return Unconfirmed.objects.create(account_id=run.account_id, connection=run.connection, run=run, label=label, **given)


def test_held_row_tells_where_it_stands_what_it_says_and_why(viewer: Client, run: SyncRun) -> None:
    hold(run)
    shown = page(viewer, HELD)
    assert "ASIS 17 Its serial comes from a formula. Model #: QTX30RANGE, Serial #: (blank) GE warehouse 2026-02-03 12:00" in shown


def test_what_a_file_says_stays_text(viewer: Client, run: SyncRun) -> None:
    hold(run, raw={"<b>Model</b>": "<script>alert(1)</script>"})
    assert "<script>alert(1)</script>" not in viewer.get(HELD).content.decode()


def test_held_rows_are_found_by_list_and_connection(viewer: Client, account: Account, run: SyncRun) -> None:
    hold(run)
    hold(make_run(make_connection(account, "Second")), feed="stock:FG", sentence="It has no model.")
    by_list, by_connection = page(viewer, f"{HELD}?feed=stock:FG"), page(viewer, f"{HELD}?connection__id__exact={run.connection_id}")
    assert "It has no model." in by_list
    assert "formula" not in by_list
    assert "formula" in by_connection
    assert "It has no model." not in by_connection


def test_unconfirmed_row_leads_to_its_unit_and_tells_why(viewer: Client, run: SyncRun) -> None:
    row = leave(run)
    assert f"ZZ900201 unit The STA list was not used. GE warehouse Run {run.pk}" in page(viewer, UNCONFIRMED)
    assert f'href="/admin/inventory/unit/{row.entity_id}/change/"' in viewer.get(UNCONFIRMED).content.decode()


def test_other_accounts_rows_are_not_there(viewer: Client, account: Account) -> None:
    foreign = make_run(make_connection(make_account("Other"), "Their warehouse"))
    hold(foreign)
    leave(foreign, reason="Their reason.")
    for address in (HELD, UNCONFIRMED):
        content = viewer.get(address).content.decode()
        assert "formula" not in content
        assert "Their" not in content


@pytest.mark.parametrize("address", [HELD, UNCONFIRMED])
def test_nobody_adds_changes_or_deletes(manager: Client, run: SyncRun, address: str) -> None:
    row: HeldRow | Unconfirmed = hold(run) if address == HELD else leave(run)
    assert manager.get(f"{address}add/").status_code == 403
    assert manager.post(f"{address}{row.pk}/change/", {}).status_code == 403
    assert manager.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    row.refresh_from_db()


def test_lists_ask_the_same_whatever_they_show(viewer: Client, run: SyncRun) -> None:
    hold(run)
    leave(run)
    few = queries_of(viewer, HELD), queries_of(viewer, UNCONFIRMED)
    for number in range(20):
        hold(run, row=number)
        leave(run)
    assert (queries_of(viewer, HELD), queries_of(viewer, UNCONFIRMED)) == few


def test_empty_lists_open(viewer: Client, account: Account) -> None:
    assert not Connection.objects.exists()
    for address in (HELD, UNCONFIRMED):
        page(viewer, address)
