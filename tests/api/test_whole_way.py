"""A program's two days: files up, preview, sync, changes, a broken list, undo; nothing but the API, and the real engine behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from sync import runs
from sync.models import Connection, SyncRun
from tests.sync.ge import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _worker() -> Iterator[None]:
    """A worker does the run while the request waits for it."""

    def wait(run: SyncRun, seconds: float) -> SyncRun:
        runs.execute(run.pk)
        return SyncRun.objects.get(pk=run.pk)

    with patch("sync.runs.wait", side_effect=wait):
        yield


def bring(client: APIClient, lists: Mapping[str, bytes]) -> None:
    for feed, content in lists.items():
        kind = "load:units" if feed.startswith("load:units") else feed
        name = f"{feed.replace(':', '-')}.xls"
        assert client.post(f"/api/feeds/{kind}", {"file": SimpleUploadedFile(name, content)}, format="multipart").status_code == 201


def sync(client: APIClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/sync/inventory", body, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def types(client: APIClient, address: str) -> Counter[str]:
    return Counter(row["type"] for row in client.get(address).json()["results"])


def test_the_first_sync_stores_everything_and_the_second_nothing(staff: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    first = sync(staff)
    assert (first["success"], first["data"]["state"], first["data"]["errors"]) == (True, "succeeded", [])
    assert (first["data"]["recordsProcessed"], first["data"]["recordsInserted"], first["data"]["changes"]) == (11, 11, 14)
    assert first["data"]["duration"] >= 0
    assert types(staff, f"/api/changes?run={first['data']['run']}") == {"item_appeared": 11, "load_appeared": 3}
    second = sync(staff)
    assert (second["data"]["changes"], second["data"]["recordsInserted"], second["data"]["recordsUpdated"]) == (0, 0, 0)
    assert (second["data"]["recordsProcessed"], second["data"]["recordsSkipped"]) == (11, 11)
    assert second["data"]["breakdown"]["unchanged"] == 11


def test_each_feed_is_named_with_its_rows_and_its_footer(staff: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    feeds = sync(staff)["data"]["feeds"]
    assert {feed for feed in feeds if not feed.startswith("load:units")} == {
        "stock:FG",
        "stock:ASIS",
        "stock:STA",
        "loads:open",
        "loads:history",
    }
    assert (feeds["stock:ASIS"]["valid"], feeds["stock:ASIS"]["footer"]) == (True, {"serialCount": 4, "bulkUnits": 5})


def test_a_preview_lists_what_would_change_and_writes_nothing(staff: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    preview = sync(staff, preview=True)["data"]
    assert (preview["kind"], preview["state"], preview["changes"]) == ("preview", "succeeded", 0)
    planned = staff.get(f"/api/runs/{preview['run']}/plan?list=added").json()["results"]
    assert Counter(row["entity"] for row in planned) == {"unit": 11, "load": 3}
    assert staff.get("/api/changes").json()["results"] == []


def test_the_log_can_be_followed_to_its_end(staff: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    run = sync(staff)["data"]["run"]
    live = staff.get(f"/api/runs/{run}/events").json()
    assert live["events"]
    assert [line["seq"] for line in live["events"]] == sorted({line["seq"] for line in live["events"]})
    assert (live["poll_after_ms"], live["run"]["status"]) == (None, "succeeded")
    assert staff.get(f"/api/runs/{run}/events?after={live['after']}").json()["events"] == []


def test_the_next_day_is_a_story_in_each_units_history(staff: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    sync(staff)
    bring(staff, files.next_day())
    sync(staff)
    moved = staff.get("/api/changes?serial=zz900101&type=item_migrated").json()["results"]
    assert [(row["old"], row["new"], row["list"]) for row in moved] == [("ASIS", "STA", "moved")]
    story = types(staff, f"/api/units/{moved[0]['entity_id']}/history")
    assert story["item_appeared"] == story["item_migrated"] == 1


def test_a_list_that_is_cut_makes_the_run_partial_and_says_what_was_kept(staff: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    sync(staff)
    bring(staff, files.next_day_with_sta_cut())
    answer = sync(staff)
    found = answer["data"]
    assert (answer["success"], found["state"], found["status"]) == (False, "partial", "failed")
    assert (found["feeds"]["stock:STA"]["valid"], found["feeds"]["stock:STA"]["error"]["code"]) == (False, "footer_mismatch")
    assert [error["feed"] for error in found["errors"]] == ["stock:STA"]
    assert found["error"] == found["errors"][0]["message"]
    assert (found["breakdown"]["unconfirmed"], found["breakdown"]["removed"]) == (7, 0)
    assert len(staff.get("/api/unconfirmed").json()["results"]) == 7
    assert {row["label"] for row in staff.get("/api/unconfirmed").json()["results"]} >= {"ZZ900101", "ZZ900102", "ZZ900103", "ZZ900002"}
    assert staff.get("/api/status").json()["waiting"]["unconfirmed"] == 7


def test_a_manager_looks_at_an_undo_and_does_it(staff: APIClient, manager: APIClient, connection: Connection) -> None:
    bring(staff, files.day_one())
    sync(staff)
    bring(staff, files.next_day())
    run = sync(staff)["data"]["run"]
    plan = manager.get(f"/api/runs/{run}/undo").json()
    assert plan["counts"]["reversed"] == len(plan["reversed"]) > 0
    assert {"ZZ900101", "ZZ900201"} <= {step["label"] for step in plan["reversed"]}
    undo = manager.post(f"/api/runs/{run}/undo").json()["data"]["run"]
    runs.execute(undo)
    found = manager.get(f"/api/runs/{undo}").json()
    assert (found["success"], found["data"]["kind"], found["data"]["undoOf"]) == (True, "undo", run)
    assert manager.get(f"/api/runs/{run}/undo").status_code == 409
