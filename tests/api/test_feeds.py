from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from sync.api.feeds import FeedView
from sync.models import Connection, FeedConfirmation, FeedDocument
from tests.api.build import make_connection, program_as
from tests.build import make_account, make_member, make_token
from tests.sync.ge import files

pytestmark = pytest.mark.django_db

Queries = Callable[[int], Any]
FG = files.day_one()["stock:FG"]


def send(client: APIClient, body: bytes = FG, *, kind: str = "stock:FG", name: str = "FG.xls", **more: Any) -> Any:
    return client.post(f"/api/feeds/{kind}", {"file": SimpleUploadedFile(name, body), **more}, format="multipart")


def test_file_is_kept_and_its_counts_are_answered(staff: APIClient, connection: Connection) -> None:
    answer = send(staff)
    assert answer.status_code == 201
    body = answer.json()
    document = FeedDocument.objects.get()
    assert (body["feed"], body["connection"], body["document"]["id"]) == ("stock:FG", connection.pk, document.pk)
    assert (body["document"]["filename"], body["document"]["checksum"]) == ("FG.xls", document.checksum)
    assert (body["report"]["rows"], body["report"]["footer"]) == (3, {"serialCount": 2, "bulkUnits": 4})
    assert (body["report"]["warnings"], body["report"]["problem"]) == ([], None)


def test_file_that_can_not_be_read_is_refused_with_its_sentence(staff: APIClient, connection: Connection) -> None:
    answer = send(staff, files.SIGN_IN_PAGE)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "html",
        "message": "FG.xls: The answer was a web page, not a spreadsheet. The session has probably expired.",
        "hint": "Sign in again, download the list again, and open it once to see that it is a list.",
    }
    assert not FeedDocument.objects.exists()


def test_empty_file_is_refused_with_its_sentence(staff: APIClient, connection: Connection) -> None:
    answer = send(staff, b"")
    assert (answer.status_code, answer.json()["message"]) == (400, "FG.xls: The file is blank: it has not even a header row.")


def test_request_without_a_file_names_the_field(staff: APIClient, connection: Connection) -> None:
    answer = staff.post("/api/feeds/stock:FG", {}, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"file": ["No file was submitted."]}


def test_unknown_list(staff: APIClient, connection: Connection) -> None:
    answer = send(staff, kind="stock:RCV")
    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no list “stock:RCV”."
    assert "stock:FG, stock:ASIS, stock:STA, loads:open, loads:history, load:units" in answer.json()["hint"]


def test_connection_is_named_where_there_are_several(staff: APIClient, account: Account, connection: Connection) -> None:
    second = make_connection(account, "Second")
    assert (send(staff).status_code, send(staff).json()["code"]) == (400, "connection_required")
    assert send(staff, connection=second.pk).json()["connection"] == second.pk
    assert send(staff, connection="Second").json()["connection"] == second.pk


def test_connection_of_another_account_is_not_there(staff: APIClient, connection: Connection) -> None:
    foreign = make_connection(make_account("South"))
    assert send(staff, connection=foreign.pk).json()["code"] == "unknown_connection"
    assert not FeedDocument.objects.exists()


def test_slots_say_what_is_there(staff: APIClient, viewer: APIClient, connection: Connection) -> None:
    send(staff)
    send(staff, files.next_day_with_sta_cut()["stock:STA"], kind="stock:STA", name="STA.xls")
    (own,) = viewer.get("/api/feeds").json()
    assert (own["connection"], own["transport"]) == (connection.pk, "upload")
    slots = {slot["feed"]: slot for slot in own["slots"]}
    assert list(slots) == ["stock:FG", "stock:ASIS", "stock:STA", "loads:open", "loads:history", "load:units"]
    assert (slots["stock:FG"]["label"], slots["stock:FG"]["document"]["filename"]) == ("FG", "FG.xls")
    assert slots["stock:FG"]["age_seconds"] >= 0
    assert slots["stock:STA"]["report"]["problem"]["code"] == "footer_mismatch"
    assert (slots["stock:ASIS"]["document"], slots["stock:ASIS"]["report"], slots["stock:ASIS"]["age_seconds"]) == (None, None, None)


def test_slots_of_other_accounts_are_not_shown(viewer: APIClient, connection: Connection) -> None:
    foreign = make_connection(make_account("South"))
    assert [own["connection"] for own in viewer.get("/api/feeds").json()] == [connection.pk]
    assert viewer.get(f"/api/feeds?connection={foreign.pk}").json() == []


def test_slots_take_as_many_queries_for_five_connections_as_for_one(
    viewer: APIClient, staff: APIClient, account: Account, connection: Connection, django_assert_num_queries: Queries
) -> None:
    send(staff)
    viewer.get("/api/feeds")
    # Who asks, the connections, and four for all their slots.
    with django_assert_num_queries(6):
        viewer.get("/api/feeds")
    for number in range(4):
        make_connection(account, f"GE {number}")
    with django_assert_num_queries(6):
        assert len(viewer.get("/api/feeds").json()) == 5


def test_manager_confirms_a_doubt(staff: APIClient, manager: APIClient, connection: Connection) -> None:
    report = send(staff, files.stock_xls([], footer=False)).json()
    body = {"checksum": report["document"]["checksum"], "code": report["report"]["problem"]["code"]}
    answer = manager.post("/api/feeds/stock:FG/confirm", body)
    assert answer.status_code == 201
    assert (answer.json()["code"], answer.json()["feed"]) == ("empty", "stock:FG")
    assert manager.post("/api/feeds/stock:FG/confirm", body).json()["id"] == answer.json()["id"]
    (own,) = manager.get("/api/feeds").json()
    assert own["slots"][0]["confirmed"]
    assert FeedConfirmation.objects.count() == 1


def test_nothing_to_confirm(manager: APIClient, connection: Connection) -> None:
    answer = manager.post("/api/feeds/stock:FG/confirm", {"checksum": "0" * 64, "code": "empty"})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_confirm")


@pytest.mark.parametrize(("role", "upload", "confirm"), [(Role.VIEWER, 403, 403), (Role.STAFF, 201, 403), (Role.MANAGER, 201, 409)])
def test_roles(account: Account, connection: Connection, role: Role, upload: int, confirm: int) -> None:
    client = program_as(account, role)
    assert client.get("/api/feeds").status_code == 200
    assert send(client).status_code == upload
    assert client.post("/api/feeds/stock:FG/confirm", {"checksum": "0" * 64, "code": "empty"}).status_code == confirm


def test_strangers_see_nothing(connection: Connection) -> None:
    stranger = APIClient()
    assert stranger.get("/api/feeds").status_code == 401
    assert send(stranger).status_code == 401


class Large(io.RawIOBase):
    """The body of a form with one file of so many bytes, made while it is read."""

    def __init__(self, size: int) -> None:
        self._head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="FG.xls"\r\nContent-Type: text/plain\r\n\r\n'
        self._tail = b"\r\n--edge--\r\n"
        self.length = len(self._head) + size + len(self._tail)
        self._at, self._size = 0, size

    def read(self, wanted: int = -1) -> bytes:
        left = self.length - self._at
        count = left if wanted < 0 else min(wanted, left)
        start, self._at = self._at, self._at + count
        end = len(self._head) + self._size
        if len(self._head) <= start and self._at <= end:
            return b"x" * count
        whole = self._head[start:] + b"x" * max(0, min(self._at, end) - max(start, len(self._head))) + self._tail[max(0, start - end) :]
        return whole[:count] if self._at > start else b""


@pytest.mark.parametrize("megabytes", [21, 200, 20_000])
def test_file_of_200_mb_is_refused_without_being_in_memory(account: Account, connection: Connection, megabytes: int) -> None:
    token = make_token(make_member(account, Role.STAFF))
    body = Large(megabytes * 1024 * 1024)
    request = RequestFactory().generic(
        "POST",
        "/api/feeds/stock:FG",
        CONTENT_TYPE="multipart/form-data; boundary=edge",
        HTTP_AUTHORIZATION=f"Token {token}",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(body.length)},
    )
    tracemalloc.start()
    try:
        answer = FeedView.as_view()(request, kind="stock:FG").render()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    name = "The file" if megabytes == 20_000 else "FG.xls"
    assert answer.status_code == 413
    assert answer.data == {
        "code": "too_large",
        "message": f"{name}: the file is too large; at most 20 MB are taken.",
        "hint": "Send the file as it was exported, without other sheets, or in parts.",
    }
    assert most < 10 * 1024 * 1024
    assert not FeedDocument.objects.exists()


def test_form_with_a_file_beyond_the_limit_gets_a_page_in_words(client: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    answer = client.post("/admin/login/", {"file": SimpleUploadedFile("FG.xls", b"x" * (1024 * 1024 + 1))})
    assert answer.status_code == 413
    assert "FG.xls: the file is too large; at most 1 MB are taken." in answer.content.decode()
    assert "Nothing was stored." in answer.content.decode()


def test_form_with_more_files_than_are_taken_at_once_gets_a_page_in_words(client: Client) -> None:
    answer = client.post("/admin/login/", {"file": [SimpleUploadedFile(f"{number}.csv", b"x") for number in range(101)]})
    assert answer.status_code == 400
    assert "More than 100 files came at once." in answer.content.decode()
    assert "Nothing was stored." in answer.content.decode()


def test_form_that_is_too_large_as_a_whole_gets_a_page_in_words(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = settings.UPLOAD_LIMIT
    answer = client.post("/admin/login/", {"content": "x" * (settings.UPLOAD_LIMIT + 1)})
    assert answer.status_code == 413
    assert "The request is larger than 20 MB." in answer.content.decode()


def test_program_that_sends_more_files_than_are_taken_at_once_is_answered_in_json(staff: APIClient, connection: Connection) -> None:
    files = [SimpleUploadedFile(f"{number}.csv", b"x") for number in range(101)]
    answer = staff.post("/api/feeds/stock:FG", {"file": files}, format="multipart")
    assert (answer.status_code, answer.json()) == (
        400,
        {"code": "too_many_files", "message": "More than 100 files came at once. Send fewer at once."},
    )


def test_program_that_sends_more_fields_than_are_taken_at_once_is_answered_in_json(staff: APIClient, connection: Connection) -> None:
    answer = staff.post("/api/feeds/stock:FG", {f"field{number}": "x" for number in range(1001)}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_fields")


def test_program_that_names_a_foreign_host_is_answered_in_json(client: Client) -> None:
    answer = client.get("/api/health", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_form_with_a_file_of_just_the_limit_passes(client: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    assert client.post("/admin/login/", {"file": SimpleUploadedFile("FG.xls", b"x" * 1024 * 1024)}).status_code == 200
