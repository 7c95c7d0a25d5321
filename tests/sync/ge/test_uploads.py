"""Good and doubted files: what an upload keeps and says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.errors import NotAllowed
from accounts.models import Account, AuditLog
from accounts.roles import Role
from sync.confirmations import confirm
from sync.models import Connection, FeedDocument
from sync.sources.ge.client import client_for
from sync.sources.ge.uploads import NotUploadedTo, Slot, UnknownFeed, slots, slots_of, upload
from tests.build import make_account, make_actor
from tests.sync.ge import files
from tests.sync.ge.uploading import last_valid, make_connection, store_units

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return make_account("North")


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


def put(connection: Connection, feed: str, content: bytes, filename: str = "list.xls") -> FeedDocument:
    return upload(make_actor(connection.account, Role.STAFF), connection, feed, filename, content)


def slot(connection: Connection, feed: str) -> Slot:
    return next(each for each in slots(connection) if each.feed == feed)


def test_good_file_is_kept_with_its_counts(connection: Connection) -> None:
    document = put(connection, "stock:FG", files.day_one()["stock:FG"], "FG.xls")
    assert document.report == {
        "rows": 3,
        "footer": {"serialCount": 2, "bulkUnits": 4},
        "held": 0,
        "held_rows": [],
        "warnings": [],
        "problem": None,
        "doubts": [],
        "covers": [],
    }
    stored = FeedDocument.objects.get()
    assert stored.content() == files.day_one()["stock:FG"]
    assert (stored.filename, stored.transport, stored.uploaded_by) == ("FG.xls", "upload", "Mara")


def test_upload_is_in_the_audit_log_once(connection: Connection) -> None:
    document = put(connection, "stock:FG", files.day_one()["stock:FG"], "FG.xls")
    row = AuditLog.objects.get(entity="FeedDocument")
    assert (row.action, row.entity_id, row.actor_label) == ("UPLOAD", str(document.pk), "Mara")
    assert row.after == {"connection": connection.pk, "feed": "stock:FG", "filename": "FG.xls", "rows": 3, "checksum": document.checksum}


@pytest.mark.parametrize("make", [files.stock_xls, files.stock_xlsx, files.stock_csv])
def test_same_list_has_the_same_checksum_in_every_format(connection: Connection, make: Callable[[list[files.Row]], bytes]) -> None:
    first = put(connection, "stock:FG", files.stock_xls(files.DAY_ONE["FG"]))
    assert put(connection, "stock:FG", make(files.DAY_ONE["FG"])).checksum == first.checksum


def test_answer_of_a_server_can_be_uploaded_and_says_when_it_was_taken(connection: Connection) -> None:
    answer = {"takenAt": "2026-02-03T07:00:00-06:00", "rows": [{"model": "QTX10FRIDGE", "serial": "ZZ900101"}]}
    body = json.dumps({**answer, "totals": {"serialCount": 1, "bulkUnits": 0}}).encode()
    document = put(connection, "stock:FG", body, "fg.json")
    later = put(connection, "stock:FG", body.replace(b"07:00", b"08:00"), "fg.json")
    assert document.taken_at == datetime(2026, 2, 3, 13, tzinfo=UTC)
    assert document.report["rows"] == 1
    assert document.checksum == later.checksum


def test_footer_that_does_not_fit_is_a_problem_of_the_kept_file(connection: Connection) -> None:
    document = put(connection, "stock:STA", files.next_day_with_sta_cut()["stock:STA"], "STA.xls")
    assert document.report["problem"] == {
        "code": "footer_mismatch",
        "sentence": "STA.xls: The file is incomplete: it announces 5 serials, 4 were read.",
        "hint": "Download the list again and wait until it is complete.",
        "confirmable": False,
    }
    assert document.pk


def test_list_of_another_bucket_by_its_serials(connection: Connection) -> None:
    store_units(connection, "FG", 40)
    store_units(connection, "STA", 60, first=1001)
    problem = put(connection, "stock:STA", files.stock_xls(files.on_hand(40)), "list.xls").report["problem"]
    assert problem["code"] == "wrong_slot"
    assert problem["sentence"] == "list.xls: This looks like the FG list, not the STA list: 40 of its 40 serials are stored in FG."


def test_serials_in_lower_case_are_known(connection: Connection) -> None:
    store_units(connection, "FG", 40)
    rows = [files.unit("QTX10FRIDGE", f" zz{number:06d} ") for number in range(1, 41)]
    assert put(connection, "stock:FG", files.stock_xls(rows)).report["problem"] is None


def test_units_that_are_gone_or_of_another_warehouse_are_no_evidence(account: Account, connection: Connection) -> None:
    elsewhere = make_connection(account, name="South")
    store_units(elsewhere, "STA", 40)
    assert put(connection, "stock:FG", files.stock_xls(files.on_hand(40))).report["problem"] is None


def test_shrunken_list_is_measured_by_the_last_valid_run(connection: Connection) -> None:
    last_valid(connection, "stock:FG", 100)
    problem = put(connection, "stock:FG", files.stock_xls(files.on_hand(30)), "FG.xls").report["problem"]
    assert (problem["code"], problem["confirmable"]) == ("shrunken", True)
    assert problem["sentence"] == "FG.xls: This export is much smaller than the last one: 30 rows instead of 100."


def test_2500_rows_are_read_to_the_last(connection: Connection) -> None:
    store_units(connection, "ASIS", 2500)
    report = put(connection, "stock:ASIS", files.stock_xls(files.on_hand(2500)), "ASIS.xls").report
    assert (report["rows"], report["footer"], report["problem"]) == (2500, {"serialCount": 2500, "bulkUnits": 0}, None)


def test_same_file_in_two_slots_is_doubted_in_both_until_one_is_replaced(connection: Connection) -> None:
    body = files.day_one()["stock:FG"]
    put(connection, "stock:FG", body, "FG.xls")
    put(connection, "stock:STA", body, "FG (1).xls")
    assert [slot(connection, feed).report["problem"]["sentence"] for feed in ("stock:FG", "stock:STA")] == [
        "FG.xls: The same content came as the FG list and as the STA list; one of them is in the wrong place.",
        "FG (1).xls: The same content came as the STA list and as the FG list; one of them is in the wrong place.",
    ]
    put(connection, "stock:STA", files.day_one()["stock:STA"], "STA.xls")
    assert [slot(connection, feed).report["problem"] for feed in ("stock:FG", "stock:STA")] == [None, None]


def test_empty_list_of_loads_for_sale_is_judged_again_when_the_history_comes(connection: Connection) -> None:
    last_valid(connection, "loads:open", 9)
    put(connection, "loads:open", files.loads_xls([]), "open.xls")
    assert slot(connection, "loads:open").report["problem"]["code"] == "empty"
    put(connection, "loads:history", files.loads_xls(files.SOLD_LOADS, history=True), "history.xls")
    assert slot(connection, "loads:open").report["problem"] is None


def test_formula_in_a_row_holds_the_row_and_names_it(connection: Connection) -> None:
    rows = [files.unit("QTX10FRIDGE", "ZZ900001"), files.unit("QTX10FRIDGE", '=CONCAT("ZZ";A1)')]
    report = put(connection, "stock:FG", files.stock_csv(rows, files.total(1, 0)), "FG.csv").report
    assert (report["rows"], report["held"], report["problem"]) == (2, 1, None)
    assert report["held_rows"] == ["Row 3, column Serial #: a formula stands where its value should; enter the value itself."]


def test_control_character_in_a_serial_holds_the_row_and_names_it(connection: Connection) -> None:
    report = put(connection, "stock:FG", files.stock_csv([files.unit("QTX10FRIDGE", "ZZ90\x070001")]), "FG.csv").report
    assert report["held_rows"] == [
        "Row 2, column Serial #: the text holds the invisible character U+0007; remove it or type the text again."
    ]


def test_one_roster_file_may_have_several_loads(connection: Connection) -> None:
    rows = [*files.ROSTERS[files.FOR_SALE_LOAD], *files.ROSTERS[files.PICKED_LOAD]]
    first = put(connection, "load:units", files.roster_csv(rows), "two.csv")
    put(connection, "load:units", files.roster_csv(files.ROSTERS[files.DELIVERED_LOAD]), "one.csv")
    place = slot(connection, "load:units")
    assert first.covers == [files.PICKED_LOAD, files.FOR_SALE_LOAD]
    assert place.documents == 2
    assert place.covers == (files.DELIVERED_LOAD, files.PICKED_LOAD, files.FOR_SALE_LOAD)
    assert place.document is not None
    assert place.document.filename == "one.csv"


def test_slots_are_six_in_order_and_an_unused_one_is_empty(connection: Connection) -> None:
    places = slots(connection)
    assert [place.feed for place in places] == ["stock:FG", "stock:ASIS", "stock:STA", "loads:open", "loads:history", "load:units"]
    assert [(place.document, place.report, place.age) for place in places] == [(None, {}, None)] * 6


def test_newest_file_of_a_slot_counts(connection: Connection) -> None:
    put(connection, "stock:FG", files.day_one()["stock:FG"], "yesterday.xls")
    put(connection, "stock:FG", files.next_day()["stock:FG"], "today.xls")
    place = slot(connection, "stock:FG")
    assert place.document is not None
    assert (place.document.filename, place.documents) == ("today.xls", 2)
    assert place.age is not None


def test_slots_take_four_queries_however_many_files_and_connections(
    account: Account, connection: Connection, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for feed, body in files.day_one().items():
        put(connection, "load:units" if feed.startswith("load:units") else feed, body)
    connections = [connection, make_connection(account, name="South")]
    with django_assert_num_queries(4):
        slots_of(connections)


def test_confirmed_problem_stays_in_sight_as_confirmed(connection: Connection) -> None:
    document = put(connection, "stock:FG", files.stock_xls([], footer=False), "FG.xls")
    assert not slot(connection, "stock:FG").confirmed
    confirm(make_actor(connection.account, Role.MANAGER), connection, "stock:FG", document.checksum, "empty")
    place = slot(connection, "stock:FG")
    assert place.confirmed
    assert place.report["problem"]["code"] == "empty"


def test_second_doubt_shows_when_the_first_is_confirmed(connection: Connection) -> None:
    last_valid(connection, "stock:FG", 100)
    body = files.stock_xls(files.on_hand(3))
    put(connection, "stock:STA", body)
    document = put(connection, "stock:FG", body)
    first = slot(connection, "stock:FG").report["problem"]["code"]
    confirm(make_actor(connection.account, Role.MANAGER), connection, "stock:FG", document.checksum, first)
    place = slot(connection, "stock:FG")
    assert {first, place.report["problem"]["code"]} == {"same_file", "shrunken"}
    assert not place.confirmed


def test_upload_is_what_the_next_run_reads(connection: Connection) -> None:
    document = put(connection, "stock:FG", files.day_one()["stock:FG"], "FG.xls")
    fetched = client_for(connection).fetch("stock:FG")
    assert (fetched.body, fetched.document_id) == (files.day_one()["stock:FG"], document.pk)
    assert (fetched.filename, fetched.checksum, fetched.taken_at) == ("FG.xls", document.checksum, document.taken_at)


def test_viewer_may_not_upload(connection: Connection) -> None:
    with pytest.raises(NotAllowed):
        upload(make_actor(connection.account, Role.VIEWER), connection, "stock:FG", "FG.xls", files.day_one()["stock:FG"])


def test_connection_of_another_account_is_not_there(connection: Connection) -> None:
    with pytest.raises(Connection.DoesNotExist):
        upload(make_actor(make_account("South")), connection, "stock:FG", "FG.xls", files.day_one()["stock:FG"])


def test_connection_that_reads_by_itself_takes_no_files(account: Account) -> None:
    other = make_connection(account, "http", name="Server", base_url="http://127.0.0.1:9/ge")
    with pytest.raises(NotUploadedTo) as caught:
        put(other, "stock:FG", files.day_one()["stock:FG"])
    assert caught.value.sentence == "“Server” doesn't take files: its lists come by http."
    assert caught.value.status == 409


def test_unknown_list_is_named(connection: Connection) -> None:
    with pytest.raises(UnknownFeed) as caught:
        put(connection, "stock:RCV", files.day_one()["stock:FG"])
    assert caught.value.sentence == "There is no list “stock:RCV”."
    assert caught.value.status == 404
