from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from sync.models import Connection, HeldRow, SyncRun, Unconfirmed
from tests.api.build import NOON, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(connection: Connection) -> SyncRun:
    return make_run(connection)


def hold(run: SyncRun, feed: str = "stock:FG", row: int = 3) -> HeldRow:
    return HeldRow.objects.create(
        account_id=run.account_id,
        connection=run.connection,
        run=run,
        feed=feed,
        row=row,
        code="missing_model",
        sentence="Row 3 has no model.",
        raw={"Serial #": "ZZ900001"},
        first_held_at=NOON,
    )


def doubt(run: SyncRun, entity_id: int = 1) -> Unconfirmed:
    return Unconfirmed.objects.create(
        account_id=run.account_id,
        connection=run.connection,
        run=run,
        entity="unit",
        entity_id=entity_id,
        label="ZZ900201",
        reason="STA could not be read.",
    )


def test_a_held_row_says_where_it_stands_and_why_it_is_held(viewer: APIClient, run: SyncRun) -> None:
    held = hold(run)
    row = viewer.get("/api/held").json()["results"][0]
    assert row == viewer.get(f"/api/held/{held.pk}").json()
    assert (row["feed"], row["row"], row["code"], row["sentence"]) == ("stock:FG", 3, "missing_model", "Row 3 has no model.")
    assert (row["raw"], row["run"], row["first_held_at"]) == ({"Serial #": "ZZ900001"}, run.pk, "2026-02-03T12:00:00Z")


def test_held_rows_are_filtered(viewer: APIClient, connection: Connection, run: SyncRun) -> None:
    fg, sta = hold(run), hold(run, "stock:STA")
    assert [row["id"] for row in viewer.get("/api/held?feed=stock:STA").json()["results"]] == [sta.pk]
    assert [row["id"] for row in viewer.get(f"/api/held?connection={connection.pk}").json()["results"]] == [sta.pk, fg.pk]
    assert viewer.get(f"/api/held?run={run.pk + 1}").json()["results"] == []
    assert viewer.get("/api/held?code=repeated").json()["results"] == []


def test_an_unconfirmed_row_says_why_nothing_confirms_it(viewer: APIClient, run: SyncRun) -> None:
    kept = doubt(run)
    row = viewer.get("/api/unconfirmed").json()["results"][0]
    assert row == viewer.get(f"/api/unconfirmed/{kept.pk}").json()
    assert (row["entity"], row["entity_id"], row["label"], row["reason"]) == ("unit", 1, "ZZ900201", "STA could not be read.")


def test_unconfirmed_rows_are_filtered(viewer: APIClient, connection: Connection, run: SyncRun) -> None:
    doubt(run)
    assert len(viewer.get(f"/api/unconfirmed?entity=unit&run={run.pk}&connection={connection.pk}").json()["results"]) == 1
    assert viewer.get("/api/unconfirmed?entity=load").json()["results"] == []


def test_those_of_another_account_do_not_exist(stranger: APIClient, run: SyncRun) -> None:
    held, kept = hold(run), doubt(run)
    assert (stranger.get("/api/held").json()["results"], stranger.get("/api/unconfirmed").json()["results"]) == ([], [])
    assert stranger.get(f"/api/held/{held.pk}").status_code == 404
    assert stranger.get(f"/api/unconfirmed/{kept.pk}").status_code == 404
