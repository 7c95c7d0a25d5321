from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Item, ItemAttachment
from tests.api.pushbuild import make_item
from tests.build import make_account

pytestmark = pytest.mark.django_db

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)


def send(client: APIClient, path: str, content: bytes, name: str = "items.csv", **fields: Any) -> Any:
    return client.post(path, {"file": SimpleUploadedFile(name, content, "text/html"), **fields}, format="multipart")


def test_many_are_added_and_changed_in_one_go(manager: APIClient, account: Account) -> None:
    first, second, third = (make_item(account, number) for number in ("3001", "3002", "3003"))
    rows = [
        {"id": first.pk, "price": "0.5", "version": 1},
        {"part_number": "9999", "item_type": "SET", "price": "7"},
        {"token": second.token, "quantity_available": 4},
        {"id": third.pk, "name": "Brick 2 x 4"},
    ]
    body = manager.post("/api/items/bulk", {"items": rows, "reason": "spring"}).json()
    assert (body["added"], body["changed"], body["unchanged"]) == (1, 2, 1)
    assert body["message"] == "1 added, 2 changed, 1 as before."
    new = Item.objects.get(part_number="9999-1")
    assert [(row["id"], row["version"]) for row in body["items"]] == [(first.pk, 2), (new.pk, 1), (second.pk, 2), (third.pk, 1)]
    assert [len(row["warnings"]) for row in body["items"]] == [0, 1, 0, 0]
    assert (Item.objects.get(pk=first.pk).price, Item.objects.get(pk=second.pk).quantity_available) == (0.5, 4)
    assert new.history.get().reason == "spring"


def test_one_wrong_row_keeps_all_of_them_out(manager: APIClient, account: Account) -> None:
    item, theirs = make_item(account), make_item(make_account("Other"))
    for wrong, field in (
        ({"id": theirs.pk, "price": "1"}, "id"),
        ({"token": "nobody", "price": "1"}, "token"),
        ({"id": item.pk, "price": "1", "version": 9}, "id"),
        ({"part_number": "3005", "price": "0"}, "price"),
        ({"part_number": "3005", "prize": "1"}, "prize"),
        ({"price": "1"}, "part_number"),
        ("nonsense", "non_field_errors"),
    ):
        answer = manager.post("/api/items/bulk", {"items": [{"part_number": "3004", "price": "1"}, wrong]})
        assert (answer.status_code, answer.json()["code"]) == (400, "rows_refused"), wrong
        assert [(row["row"], row["field"]) for row in answer.json()["details"]["rows"]] == [(2, field)], wrong
    assert Item.objects.filter(account=account).count() == 1


@pytest.mark.parametrize("body", [{}, [], {"items": []}, {"items": {}}, {"items": "a"}, {"items": [{}] * 5001}])
def test_list_that_is_none(staff: APIClient, body: Any) -> None:
    answer = staff.post("/api/items/bulk", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["items"])
    assert staff.post("/api/items/bulk", {"items": [{}], "dry": 1}).json()["errors"].keys() == {"dry"}


def test_staff_adds_and_counts_and_leaves_prices_alone(staff: APIClient, account: Account) -> None:
    item = make_item(account)
    counted = {"id": item.pk, "quantity_available": 3}
    assert staff.post("/api/items/bulk", {"items": [counted, {"part_number": "3004"}]}).status_code == 200
    refused = staff.post("/api/items/bulk", {"items": [{"part_number": "3005"}, {"id": item.pk, "price": "1"}]})
    assert (refused.status_code, Item.objects.count()) == (403, 2)


def test_same_key_adds_them_once(staff: APIClient) -> None:
    for _ in range(2):
        answer = staff.post("/api/items/bulk", {"items": [{"part_number": "3004"}]}, headers={"Idempotency-Key": "one"})
    assert (answer["Idempotency-Replayed"], Item.objects.count()) == ("true", 1)


def test_statements_do_not_grow_with_the_rows(staff: APIClient) -> None:
    def statements(number: int) -> int:
        rows = [{"part_number": f"{number}{place}", "price": "1"} for place in range(number)]
        with CaptureQueriesContext(connection) as asked:
            assert staff.post("/api/items/bulk", {"items": rows}).json()["added"] == number
        return len(asked)

    statements(1)
    assert statements(30) == statements(3)


def test_file_is_imported_whole_or_not_at_all(manager: APIClient, account: Account) -> None:
    content = b"Number,Colour,Quantity,Price,Shelf\n3001,5,7,0.2,A\n3002,11,4,0.1,B\n"
    make_item(account)
    looked = send(manager, "/api/items/import", content, dry_run="true").json()
    assert (looked["applied"], looked["message"]) == (False, "Nothing was written yet. It would be: 1 item added, 1 changed, 0 as before.")
    assert Item.objects.count() == 1
    body = send(manager, "/api/items/import", content).json()
    assert (body["applied"], body["added"], body["changed"], body["ignored"]) == (True, 1, 1, ["Shelf"])
    wrong = send(manager, "/api/items/import", b"Number,Price\n3003,cheap\n")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["problem_count"]) == (400, "import_refused", 1)
    assert (wrong.json()["problems"][0]["row"], Item.objects.count()) == (2, 2)
    assert send(manager, "/api/items/import", b"PK\x03\x04").json()["code"] == "unreadable_file"


def test_picture_is_kept_shown_and_taken_away(staff: APIClient, viewer: APIClient, account: Account) -> None:
    address = f"/api/items/{make_item(account).pk}/attachments"
    answer = send(staff, address, PICTURE, "../front <1>.png")
    body = answer.json()
    assert (answer.status_code, body["name"], body["content_type"], body["size"]) == (201, "front 1 .png", "image/png", 28)
    assert send(staff, address, PICTURE).json()["id"] == body["id"]
    assert viewer.get(address).json()["results"] == [body]
    file = viewer.get(f"{address}/{body['id']}")
    assert (file.content, file["Content-Type"], file["X-Content-Type-Options"]) == (PICTURE, "image/png", "nosniff")
    assert (file["Content-Disposition"], file["Content-Security-Policy"]) == ('attachment; filename="front 1 .png"', "sandbox")
    other = make_item(account, "3002")
    assert viewer.get(f"/api/items/{other.pk}/attachments/{body['id']}").status_code == 404
    assert staff.delete(f"{address}/{body['id']}").status_code == 204
    assert not ItemAttachment.objects.exists()


def test_file_that_could_be_a_page_is_refused(staff: APIClient, account: Account) -> None:
    address = f"/api/items/{make_item(account).pk}/attachments"
    for content in (b"<html><script>", b"MZ\x90\x00\x03", b""):
        answer = send(staff, address, content, "page.png")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])
    large = send(staff, address, PICTURE + bytes(5 * 1024 * 1024))
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
