"""The page of a run: what came of it, in words and numbers, for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from sync.models import Connection, FeedConfirmation, Kind, Status, SyncRun, Verdict
from tests.admin.pages import page, queries_of
from tests.api.build import NOON, make_change, make_connection, make_feed, make_line, make_plan_row, make_run
from tests.build import make_account

LIST = "/admin/sync/syncrun/"
COUNTERS = {"inserted": 3, "moved": 60, "removed": 2, "unchanged": 1450, "unconfirmed": 7}
STA_CUT = {
    "verdict": Verdict.INVALID,
    "error_code": "shrunken",
    "sentence": "This export is much smaller than the last one.",
    "hint": "Look whether it is complete.",
    "confirmable": True,
    "checksum": "ab12",
}


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


def page_of(run: SyncRun) -> str:
    return f"{LIST}{run.pk}/change/"


def applied(connection: Connection, status: Status = Status.SUCCEEDED, **values: object) -> SyncRun:
    return make_run(connection, status, **{"applied_at": NOON, "changes_logged": 2, "counters": COUNTERS, **values})


def test_result_is_told_in_a_sentence_and_in_numbers_that_add_up(viewer: Client, connection: Connection) -> None:
    run = applied(connection, message="1,515 units: 3 new, 60 moved ASIS to STA, 2 gone, 0 held; 65 changes.", requested_label="Mara")
    shown = page(viewer, page_of(run))
    assert "1,515 units: 3 new, 60 moved ASIS to STA, 2 gone, 0 held; 65 changes." in shown
    assert "Sync All Inventory check_circle Succeeded" in shown
    # 3 + 60 + 2 + 1450 + 7
    assert "Processed 1,522 New 3 Changed 0 Moved 60 Back again 0 Gone 2 Unchanged 1,450" in shown
    assert "Asked for by Mara, api" in shown


def test_each_inventory_type_has_its_sentence(viewer: Client, connection: Connection) -> None:
    asis = {"listed": 833, "new": 0, "updated": 4, "movedOut": 60, "gone": 2, "stored": 771, "bulkLines": 1, "bulkUnits": 5}
    run = applied(connection, details={"asis": asis, "loads": {"listed": 44, "new": 1, "updated": 3, "unchanged": 40}})
    shown = page(viewer, page_of(run))
    assert "ASIS: 833 listed (of these 1 bulk line with 5 pieces), 0 new, 4 changed, 60 moved out, 2 gone; 771 stored now." in shown
    assert "Loads: 44 listed, 1 new, 3 changed, 40 unchanged." in shown


def test_loads_that_were_not_read_are_not_counted(viewer: Client, connection: Connection) -> None:
    shown = page(viewer, page_of(applied(connection, details={"loads": {"judged": False}})))
    assert "Loads: their lists were not read or could not be used; loads stay as they were." in shown


def test_each_list_has_its_verdict_and_its_own_total(viewer: Client, connection: Connection) -> None:
    run = applied(connection)
    make_feed(run, "stock:FG", held=1)
    make_feed(run, "stock:STA", verdict=Verdict.INVALID, error_code="footer_mismatch", sentence="It announces 5 serials, 4 were read.")
    make_feed(run, "loads:open", footer=None)
    shown = page(viewer, page_of(run))
    assert "FG check_circle Complete 3 1 check_circle Adds up bulk units 4, serial count 2" in shown
    assert "STA block Not used 3 0 error Does not add up" in shown
    assert "Loads for sale check_circle Complete 3 0 none" in shown


def test_rosters_are_one_line_that_counts_what_could_not_be_used(viewer: Client, connection: Connection) -> None:
    run = applied(connection, Status.PARTIAL)
    for number in ("7QX20260203091500", "7QX20260120140000"):
        make_feed(run, "load:units", part=number, rows=60, footer=None)
    make_feed(
        run, "load:units", part="7QX20251201080000", **{**STA_CUT, "rows": 0, "footer": None, "sentence": "The server did not answer."}
    )
    shown = page(viewer, page_of(run))
    assert "Rosters (3) warning Some not used 120" in shown
    assert "Rosters 7QX20251201080000: The server did not answer." in shown


def test_partial_run_names_the_list_and_its_effect(viewer: Client, connection: Connection) -> None:
    run = applied(connection, Status.PARTIAL, message="FG and ASIS were applied. STA was not.")
    make_feed(run, "stock:STA", **STA_CUT)
    shown = page(viewer, page_of(run))
    assert "Only a part was applied STA: This export is much smaller than the last one. Look whether it is complete." in shown
    assert "stays as it is: 7 kept unconfirmed" in shown
    assert "A manager can say that it is right all the same." in shown
    assert "This file is right" not in shown


def test_manager_confirms_from_the_page_until_it_is_confirmed(manager: Client, connection: Connection) -> None:
    run = applied(connection, Status.PARTIAL)
    make_feed(run, "stock:STA", **STA_CUT)
    assert "This file is right" in page(manager, page_of(run))
    FeedConfirmation.objects.create(
        account_id=run.account_id, connection=connection, feed="stock:STA", checksum="ab12", code="shrunken", confirmed_by="Max"
    )
    shown = page(manager, page_of(run))
    assert "A manager has said that this file is right." in shown
    assert "This file is right" not in shown.replace("that this file is right", "")


def test_failed_run_says_that_nothing_was_written(viewer: Client, connection: Connection) -> None:
    run = make_run(
        connection,
        Status.FAILED,
        message="The server did not answer.",
        errors=[{"feed": "", "part": "", "code": "unreachable", "message": "The server did not answer.", "hint": "Look whether it is up."}],
    )
    shown = page(viewer, page_of(run))
    assert "Nothing was written The server did not answer. Look whether it is up." in shown


def test_held_rows_and_warnings_are_told_and_unused_lists_not_twice(viewer: Client, connection: Connection) -> None:
    run = applied(
        connection,
        Status.PARTIAL,
        errors=[
            {"feed": "stock:STA", "part": "", "code": "shrunken", "message": "STA: said elsewhere.", "hint": ""},
            {"feed": "stock:FG", "part": "", "row": 17, "code": "no_model", "message": "FG: row 17 has no model.", "hint": ""},
        ],
        warnings=[{"feed": "loads:history", "part": "", "code": "units_mismatch", "message": "Load K announces 60 units.", "hint": ""}],
    )
    make_feed(run, "stock:STA", **STA_CUT)
    shown = page(viewer, page_of(run))
    assert "FG: row 17 has no model." in shown
    assert "Load K announces 60 units." in shown
    assert "said elsewhere" not in shown


def test_changes_are_listed_old_and_new_side_by_side_with_tabs(viewer: Client, connection: Connection) -> None:
    run = applied(connection)
    make_change(run, 1)
    make_change(run, 2, type="item_appeared", label="ZZ900102", field="", old=None, new=None)
    make_change(run, 3, type="item_load_changed", label="ZZ900103", field="load", old=None, new="7QX20260120140000")
    shown = page(viewer, page_of(run))
    assert "All 3 New 1 Changed 1 Moved 1" in shown
    assert "Unit moved ZZ900101 STA 7QX20260203091500 ASIS STA" in shown
    assert "nothing 7QX20260120140000" in shown
    new = page(viewer, f"{page_of(run)}?list=added")
    assert "ZZ900102" in new
    assert "ZZ900101" not in new


def test_changes_are_found_by_serial_load_or_model_and_paged(viewer: Client, connection: Connection) -> None:
    run = applied(connection)
    for seq in range(1, 53):
        make_change(run, seq, label=f"ZZ9{seq:05}", after={"bucket": "STA"})
    make_change(run, 53, label="ZZ900777", type="item_appeared", field="", after={"model": "QTX99OVEN"})
    first, second = page(viewer, page_of(run)), page(viewer, f"{page_of(run)}?page=2")
    assert "ZZ900050" in first
    assert "ZZ900051" not in first
    assert "1 to 50 of 53" in first
    assert "ZZ900051" in second
    assert "ZZ900777" in page(viewer, f"{page_of(run)}?q=qtx99")
    assert "Nothing here matches." in page(viewer, f"{page_of(run)}?q=nosuch")


def test_failed_run_has_no_list_of_changes(viewer: Client, connection: Connection) -> None:
    shown = page(viewer, page_of(make_run(connection, Status.FAILED, message="Nothing was changed.")))
    assert "Nothing was written" in shown
    assert "What a sync would change" not in shown


def test_preview_lists_what_a_sync_would_do_with_held_and_unconfirmed(viewer: Client, connection: Connection) -> None:
    run = make_run(connection, kind=Kind.PREVIEW)
    make_plan_row(run, 1, "item_disappeared")
    make_plan_row(run, 2, "unconfirmed", new="The STA list was not used.")
    make_plan_row(run, 3, "held", field="row 17", new="Its serial comes from a formula.")
    shown = page(viewer, page_of(run))
    assert "Preview of Sync All Inventory" in shown
    assert "What a sync would change" in shown
    assert "All 3 Gone 1 Held 1 Kept unconfirmed 1" in shown
    assert "The STA list was not used." in shown
    assert "row 17" in page(viewer, f"{page_of(run)}?list=held")


def test_log_tells_what_happened_and_can_be_narrowed_to_a_list(viewer: Client, connection: Connection) -> None:
    run = applied(connection)
    make_feed(run, "stock:FG")
    make_line(run, 1, "3 rows were read.")
    run.events.create(account_id=run.account_id, seq=2, text="65 changes were written.", phase="saving", level="warning")
    shown = page(viewer, page_of(run))
    assert "FG. 3 rows were read." in shown
    assert "Warning: 65 changes were written." in shown
    assert "65 changes were written" not in page(viewer, f"{page_of(run)}?log=stock:FG")


def test_all_figures_are_told_in_words(viewer: Client, connection: Connection) -> None:
    run = applied(connection, stats={"totalGEItems": 1515, "dbStatements": 41, "durationMs": {"reading": 3200}})
    shown = page(viewer, page_of(run))
    assert "Db statements 41 Duration: reading 3,200 ms Total GE items 1,515" in shown


def test_history_of_a_system_that_is_gone_stays_readable(viewer: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(system="abandoned")
    run = applied(connection, message="3 new.", scope="everything", details={"shelf": {"new": 1200}})
    make_feed(run, "rows:all")
    assert "3 new." in page(viewer, LIST)
    shown = page(viewer, page_of(run))
    assert "everything" in shown
    assert "Shelf: 1,200 new" in shown
    assert viewer.get(f"/admin/sync/syncrun/connection/{connection.pk}/").status_code == 404
    page(viewer, "/admin/")


def test_names_that_somebody_typed_stay_text(viewer: Client, connection: Connection) -> None:
    run = applied(connection, message="<b>bold</b>", requested_label="<img src=x>")
    content = viewer.get(page_of(run)).content.decode()
    assert "<img src=x>" not in content
    assert "<b>bold</b>" not in content


def test_times_are_the_accounts_own(viewer: Client, account: Account, connection: Connection) -> None:
    account.time_zone = "America/New_York"
    account.save()
    run = applied(connection)
    make_feed(run)
    # Noon in UTC.
    assert "2026-02-03 07:00" in page(viewer, page_of(run))


def test_run_of_another_account_is_not_there(manager: Client) -> None:
    foreign = make_run(make_connection(make_account("Other")), Status.NEEDS_REVIEW, plan_digest="d")
    for address in (page_of(foreign), f"{LIST}{foreign.pk}/live/", f"{LIST}{foreign.pk}/undo/"):
        assert manager.get(address).status_code == 404, address
    for name in ("cancel", "approve", "discard", "undo"):
        assert manager.post(f"{LIST}{foreign.pk}/{name}/").status_code == 404, name
    foreign.refresh_from_db()
    assert foreign.status == Status.NEEDS_REVIEW


def test_nothing_happens_by_looking(manager: Client, connection: Connection) -> None:
    run = make_run(connection, Status.NEEDS_REVIEW, plan_digest="d")
    for name in ("cancel", "approve", "discard"):
        assert manager.get(f"{LIST}{run.pk}/{name}/").status_code == 405, name
    assert manager.post(page_of(run)).status_code == 405


def test_the_number_of_queries_does_not_grow_with_the_run(viewer: Client, connection: Connection) -> None:
    small, large = applied(connection), applied(connection)
    for run, size in ((small, 1), (large, 40)):
        for number in range(size):
            make_change(run, number + 1)
            make_line(run, number + 1)
            make_feed(run, "load:units", part=f"7QX{number}", **STA_CUT)
    assert queries_of(viewer, page_of(large)) == queries_of(viewer, page_of(small))


def test_list_tells_who_what_when_and_how_it_ended(viewer: Client, connection: Connection) -> None:
    now = timezone.now()
    run = make_run(connection, requested_label="Mara", message="3 new.", started_at=now, finished_at=now + timedelta(seconds=200))
    make_run(connection, Status.FAILED, kind=Kind.PREVIEW, scope="fg", message="It did not answer.")
    shown = page(viewer, LIST)
    assert f"{run.pk} Sync All Inventory" in shown
    assert "3 new. Mara (api)" in shown
    assert "3 min 20 s" in shown
    assert "Preview of Sync FG" in shown
    only = page(viewer, f"{LIST}?status__exact=failed")
    assert "It did not answer." in only
    assert "3 new." not in only
    assert "3 new." not in page(viewer, f"{LIST}?scope=fg")


def test_list_asks_the_same_whatever_it_shows(viewer: Client, connection: Connection) -> None:
    make_run(connection)
    few = queries_of(viewer, LIST)
    for _ in range(20):
        make_run(connection)
    assert queries_of(viewer, LIST) == few
