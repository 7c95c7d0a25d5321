"""The change log: what changed, from what to what, found by its filters, read only."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account
from sync.models import Connection, SyncRun
from tests.admin.pages import page, queries_of
from tests.api.build import NOON, make_change, make_connection, make_run
from tests.build import make_account

LIST = "/admin/sync/syncchange/"
LOAD = "7QX20260203091500"


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


@pytest.fixture
def run(connection: Connection) -> SyncRun:
    return make_run(connection)


def test_change_shows_from_and_to_as_two_values(viewer: Client, run: SyncRun) -> None:
    make_change(run)
    assert f"2026-02-03 12:00:00 Unit moved ZZ900101 STA {LOAD} ASIS STA Run {run.pk}" in page(viewer, LIST)


def test_a_value_that_was_blank_is_said_so(viewer: Client, run: SyncRun) -> None:
    make_change(run, type="item_load_changed", field="load", old=None, new=LOAD)
    assert f"nothing {LOAD} Run" in page(viewer, LIST)


def test_it_leads_to_the_unit_and_to_the_run(viewer: Client, run: SyncRun) -> None:
    make_change(run, entity_id=41)
    content = viewer.get(LIST).content.decode()
    assert 'href="/admin/inventory/unit/41/change/"' in content
    assert f'href="/admin/sync/syncrun/{run.pk}/change/"' in content


@pytest.mark.parametrize(
    "query",
    ["type=item_migrated", "bucket=STA", f"load={LOAD}", "q=zz900101", "at_from_0=2026-02-03&at_to_0=2026-02-03"],
)
def test_filters_find_one_and_leave_the_other(viewer: Client, run: SyncRun, query: str) -> None:
    make_change(run, 1)
    make_change(run, 2, label="ZZ900777", type="item_reserved", group="FG", scope="", at=NOON.replace(month=1))
    shown = page(viewer, f"{LIST}?{query}")
    assert "ZZ900101" in shown
    assert "ZZ900777" not in shown


def test_filter_by_load_finds_the_load_itself_too(viewer: Client, run: SyncRun) -> None:
    make_change(run, entity="load", label=LOAD, scope="", group="", type="load_sold", field="sale_status", old="FOR SALE", new="SOLD")
    assert "Load sold" in page(viewer, f"{LIST}?load={LOAD}")


def test_filter_by_run(viewer: Client, connection: Connection, run: SyncRun) -> None:
    make_change(run)
    other = make_run(connection)
    make_change(other, label="ZZ900777")
    shown = page(viewer, f"{LIST}?run={other.pk}")
    assert "ZZ900777" in shown
    assert "ZZ900101" not in shown
    assert "ZZ900101" not in page(viewer, f"{LIST}?run=no-number")


def test_other_accounts_changes_are_not_there(viewer: Client, account: Account) -> None:
    change = make_change(make_run(make_connection(make_account("Other"))))
    assert "ZZ900101" not in page(viewer, LIST)
    assert viewer.get(f"{LIST}{change.pk}/change/").status_code == 404


def test_nobody_changes_the_log(manager: Client, run: SyncRun) -> None:
    change = make_change(run)
    assert manager.get(f"{LIST}add/").status_code == 403
    assert manager.post(f"{LIST}{change.pk}/delete/", {"post": "yes"}).status_code == 403
    assert manager.post(f"{LIST}{change.pk}/change/", {"old": "x"}).status_code == 403
    change.refresh_from_db()
    assert change.old == "ASIS"


def test_its_page_tells_the_changed_fields(viewer: Client, run: SyncRun) -> None:
    change = make_change(run, before={"bucket": "ASIS", "origin": ""}, after={"bucket": "STA", "origin": "ASIS"})
    shown = page(viewer, f"{LIST}{change.pk}/change/")
    assert "Unit moved: ZZ900101" in shown
    assert "bucket ASIS, origin nothing" in shown
    assert "bucket STA, origin ASIS" in shown


def test_list_asks_the_same_whatever_it_shows(viewer: Client, run: SyncRun) -> None:
    make_change(run, 1)
    few = queries_of(viewer, LIST)
    for seq in range(2, 40):
        make_change(run, seq)
    assert queries_of(viewer, LIST) == few
