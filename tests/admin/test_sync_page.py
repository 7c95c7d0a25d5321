"""The page of a connection's sync: buttons, files and the newest run."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from sync.models import Connection, FeedConfirmation, FeedDocument, FeedState, Kind, Phase, Status, SyncRun, Trigger
from tests.admin.pages import page, queries_of, text_of
from tests.api.build import make_connection, make_feed, make_run
from tests.build import make_account
from tests.sync.ge import files

SLOTS = ("stock:FG", "stock:ASIS", "stock:STA", "loads:open", "loads:history", "load:units")


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


def address(connection: Connection, what: str = "") -> str:
    return f"/admin/sync/syncrun/connection/{connection.pk}/{what}"


def upload(browser: Client, connection: Connection, **named: bytes) -> str:
    sent = {feed: SimpleUploadedFile(f"{name}.xls", body) for (name, body), feed in zip(named.items(), named, strict=True)}
    return text_of(browser.post(address(connection, "upload/"), sent, follow=True))


def test_page_offers_the_one_button_a_preview_and_six_slots(staff: Client, connection: Connection) -> None:
    shown = page(staff, address(connection))
    assert "sync Sync All Inventory visibility Preview" in shown
    assert "FG Finished goods: new, crated units" in shown
    assert "Single syncs (advanced) A single sync never removes units, because the other lists are not read." in shown
    assert "Sync FG" in shown
    content = staff.get(address(connection)).content.decode()
    for feed in SLOTS:
        assert f'type="file" name="{feed}"' in content, feed
    assert content.count("multiple") == 1


def test_single_syncs_can_be_hidden(staff: Client, connection: Connection, settings: Settings) -> None:
    settings.SINGLE_SYNCS_VISIBLE = False
    shown = page(staff, address(connection))
    assert "Single syncs" not in shown
    assert "Sync All Inventory" in shown


@pytest.mark.parametrize(
    ("posted", "kind", "scope"),
    [
        ({"scope": "inventory"}, Kind.SYNC, "inventory"),
        ({"scope": "inventory", "kind": "preview"}, Kind.PREVIEW, "inventory"),
        ({"scope": "sta"}, Kind.SYNC, "sta"),
    ],
)
def test_button_starts_a_run_and_shows_it_here(
    staff: Client, connection: Connection, posted: dict[str, str], kind: str, scope: str
) -> None:
    answer = staff.post(address(connection, "start/"), posted, follow=True)
    run = SyncRun.objects.get()
    assert (run.kind, run.scope, run.trigger, run.requested_label) == (kind, scope, Trigger.BUTTON, "staff")
    assert answer.redirect_chain == [(address(connection), 302)]
    assert f'data-live="/admin/sync/syncrun/{run.pk}/live/"' in answer.content.decode()


def test_second_click_is_told_which_run_is_at_it(staff: Client, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING, phase=Phase.READING)
    said = text_of(staff.post(address(connection, "start/"), {"scope": "inventory"}, follow=True))
    assert f"Run {run.pk} is already at it." in said
    assert SyncRun.objects.count() == 1


def test_buttons_wait_while_a_run_goes_on(staff: Client, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING, phase=Phase.READING)
    answer = staff.get(address(connection))
    assert f"Run {run.pk} is at it" in text_of(answer)
    # The one button, the preview and three single syncs.
    assert answer.content.decode().count(" disabled") == 5


def test_unknown_scope_is_not_there(staff: Client, connection: Connection) -> None:
    assert staff.post(address(connection, "start/"), {"scope": "everything"}).status_code == 404


def test_viewer_sees_and_starts_nothing(viewer: Client, connection: Connection) -> None:
    answer = viewer.get(address(connection))
    assert "Members with the role staff start syncs." in text_of(answer)
    assert 'type="file"' not in answer.content.decode()
    for what, posted in (("start/", {"scope": "inventory"}), ("start/", {"scope": "inventory", "kind": "preview"}), ("upload/", {})):
        assert viewer.post(address(connection, what), posted).status_code == 403, what
    assert not SyncRun.objects.exists()


def test_connection_of_another_account_is_not_there(manager: Client) -> None:
    foreign = make_connection(make_account("Other"))
    assert manager.get(address(foreign)).status_code == 404
    for what in ("start/", "upload/", "confirm/"):
        assert manager.post(address(foreign, what), {"scope": "inventory"}).status_code == 404, what


def test_state_is_changed_by_post_only(manager: Client, connection: Connection) -> None:
    for what in ("start/", "upload/", "confirm/"):
        assert manager.get(address(connection, what)).status_code == 405, what


def test_paused_connection_says_so_and_offers_no_button(staff: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(paused_at=timezone.now(), paused_by="Max")
    shown = page(staff, address(connection))
    assert "Nothing can be synced now The connection “GE warehouse” was paused by Max." in shown
    assert "visibility Preview" not in shown


def test_each_file_gets_its_verdict(staff: Client, connection: Connection) -> None:
    day = files.day_one()
    said = upload(staff, connection, **{"stock:FG": day["stock:FG"], "loads:history": day["loads:history"]})
    assert "2 files were taken." in said
    assert "FG check_circle Good stock:FG.xls 3 rows; just now by staff" in said
    assert "ASIS upload_file No file yet" in said


def test_file_that_can_not_be_read_is_refused_and_the_others_are_taken(staff: Client, connection: Connection) -> None:
    said = upload(staff, connection, **{"stock:FG": files.SIGN_IN_PAGE, "stock:STA": files.day_one()["stock:STA"]})
    assert "FG: stock:FG.xls: The answer was a web page, not a spreadsheet." in said
    assert "1 file was taken." in said
    assert [document.feed for document in FeedDocument.objects.all()] == ["stock:STA"]


def test_upload_without_a_file_says_what_to_do(staff: Client, connection: Connection) -> None:
    assert "No file was chosen." in upload(staff, connection)


def test_file_beyond_the_limit_is_refused(staff: Client, connection: Connection, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 100
    upload(staff, connection, **{"stock:FG": files.day_one()["stock:FG"]})
    assert not FeedDocument.objects.exists()


def test_manager_confirms_a_doubted_file_and_staff_can_not(manager: Client, staff: Client, connection: Connection) -> None:
    same = files.day_one()["stock:FG"]
    upload(staff, connection, **{"stock:FG": same})
    said = upload(staff, connection, **{"stock:ASIS": same})
    assert "ASIS warning Doubtful" in said
    assert "A manager can say that it is right all the same." in said
    document = FeedDocument.objects.get(feed="stock:ASIS")
    posted = {"feed": "stock:ASIS", "checksum": document.checksum, "code": document.report["problem"]["code"]}
    assert staff.post(address(connection, "confirm/"), posted).status_code == 403
    assert not FeedConfirmation.objects.exists()
    said = text_of(manager.post(address(connection, "confirm/"), posted, follow=True))
    assert "ASIS: you said that the file is right." in said
    assert FeedConfirmation.objects.get().confirmed_by == "manager"


def test_confirming_what_nobody_doubts_is_refused(manager: Client, connection: Connection) -> None:
    posted = {"feed": "stock:FG", "checksum": "ab", "code": "empty", "next": "https://elsewhere.example/"}
    answer = manager.post(address(connection, "confirm/"), posted, follow=True)
    assert "No document of this content is waiting" in text_of(answer)
    assert answer.redirect_chain == [(address(connection), 302)]


def test_files_are_not_asked_for_where_the_lists_are_fetched(staff: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(base_url="http://127.0.0.1:1/", settings={"transport": "http", "org": "7QX"})
    assert "Files Download" not in page(staff, address(connection))


def test_result_of_the_newest_run_stands_here_with_a_way_to_its_changes(viewer: Client, connection: Connection) -> None:
    older = make_run(connection, message="Older result.")
    run = make_run(connection, message="Newer result.", applied_at=timezone.now(), changes_logged=65)
    make_feed(run)
    answer = viewer.get(address(connection))
    assert "Newer result." in text_of(answer)
    assert f'<a href="/admin/sync/syncrun/{run.pk}/change/#changes">65</a>' in answer.content.decode()
    assert f'<a href="/admin/sync/syncrun/{older.pk}/change/">Sync All Inventory</a>' in answer.content.decode()


def test_age_of_each_list_is_told_in_words(viewer: Client, connection: Connection) -> None:
    FeedState.objects.create(
        account_id=connection.account_id,
        connection=connection,
        feed="stock:FG",
        rows=81,
        checksum="x",
        taken_at=timezone.now(),
        valid_at=timezone.now(),
    )
    shown = page(viewer, address(connection))
    assert "FG check_circle Fresh just now, 81 rows" in shown
    assert "STA warning Never read" in shown


def test_the_number_of_queries_does_not_grow(staff: Client, connection: Connection) -> None:
    day = files.day_one()
    upload(staff, connection, **{"stock:FG": day["stock:FG"]})
    make_run(connection)
    few = queries_of(staff, address(connection))
    upload(staff, connection, **{"stock:ASIS": day["stock:ASIS"], "stock:STA": day["stock:STA"], "loads:open": day["loads:open"]})
    for _ in range(8):
        make_feed(make_run(connection))
    assert queries_of(staff, address(connection)) == few
