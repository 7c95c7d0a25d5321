from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from sync.models import Connection, SyncRun
from tests.api.build import NOON, make_change, make_connection, make_run, make_unit, program
from tests.build import make_account, make_member

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"


@pytest.fixture
def run(connection: Connection) -> SyncRun:
    return make_run(connection)


def ids(viewer: APIClient, address: str) -> list[int]:
    return [row["id"] for row in viewer.get(address).json()["results"]]


def test_a_change_has_old_and_new_side_by_side(viewer: APIClient, run: SyncRun) -> None:
    change = make_change(run)
    row = viewer.get("/api/changes").json()["results"][0]
    assert row == viewer.get(f"/api/changes/{change.pk}").json()
    assert (row["type"], row["list"], row["label"], row["field"]) == ("item_migrated", "moved", "ZZ900101", "bucket")
    assert (row["old"], row["new"], row["before"], row["after"]) == ("ASIS", "STA", {"bucket": "ASIS"}, {"bucket": "STA"})
    assert (row["run"], row["at"], row["scope"], row["group"]) == (run.pk, "2026-02-03T12:00:00Z", LOAD, "STA")


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("item_appeared", "added"),
        ("load_appeared", "added"),
        ("item_disappeared", "gone"),
        ("item_migrated", "moved"),
        ("item_reserved", "changed"),
        ("load_sold", "changed"),
        ("conflict_opened", "conflicts"),
    ],
)
def test_each_type_is_in_one_list(viewer: APIClient, run: SyncRun, type: str, name: str) -> None:
    change = make_change(run, type=type)
    assert viewer.get(f"/api/changes/{change.pk}").json()["list"] == name
    found = {each: ids(viewer, f"/api/changes?list={each}") for each in ("added", "changed", "moved", "gone", "conflicts")}
    assert {each for each, rows in found.items() if rows} == {name}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=item_reserved", [2]),
        ("entity=load", [3]),
        ("serial=zz900101", [1]),
        ("serial=ZZ900102", [2]),
        (f"load={LOAD}", [3, 1]),
        ("bucket=FG", [2]),
        ("from=2026-02-03T13:00:00%2B01:00", [3, 2]),
        ("to=2026-02-03T12:00:00Z", [1]),
        ("type=item_reserved&bucket=ASIS", []),
    ],
)
def test_changes_are_filtered(viewer: APIClient, run: SyncRun, query: str, found: list[int]) -> None:
    made = [
        make_change(run, 1, at=NOON.replace(hour=11)),
        make_change(run, 2, label="ZZ900102", type="item_reserved", group="FG", scope=""),
        make_change(run, 3, entity="load", label=LOAD, type="load_sold", group="", scope="", at=NOON.replace(hour=13)),
    ]
    assert ids(viewer, f"/api/changes?{query}") == [made[number - 1].pk for number in found]


def test_changes_of_one_run(viewer: APIClient, connection: Connection, run: SyncRun) -> None:
    make_change(run)
    change = make_change(make_run(connection))
    assert ids(viewer, f"/api/changes?run={change.run_id}") == [change.pk]


def test_pages_follow_each_other_newest_first(viewer: APIClient, run: SyncRun) -> None:
    made = [make_change(run, seq).pk for seq in (1, 2, 3)]
    page = viewer.get("/api/changes?limit=2").json()
    assert [row["id"] for row in page["results"]] == [made[2], made[1]]
    assert ids(viewer, page["next"]) == [made[0]]


def test_a_page_takes_as_many_queries_however_long_it_is(
    viewer: APIClient, run: SyncRun, django_assert_num_queries: Callable[[int], Any]
) -> None:
    make_change(run, 1)
    viewer.get("/api/changes")
    for seq in range(2, 40):
        make_change(run, seq)
    with django_assert_num_queries(2):
        assert len(ids(viewer, "/api/changes")) == 39


def test_changes_of_another_account_do_not_exist(stranger: APIClient, run: SyncRun) -> None:
    change = make_change(run)
    assert ids(stranger, "/api/changes") == []
    assert ids(stranger, f"/api/changes?run={run.pk}") == []
    assert stranger.get(f"/api/changes/{change.pk}").status_code == 404
    assert "ZZ900101" not in b"".join(stranger.get("/api/changes?format=csv").streaming_content).decode()


def test_csv_is_all_that_matches_in_one_file(viewer: APIClient, run: SyncRun) -> None:
    for seq in (1, 2, 3):
        make_change(run, seq, label=f"ZZ90010{seq}")
    make_change(run, 4, type="item_reserved")
    answer = viewer.get("/api/changes?format=csv&type=item_migrated&limit=1")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == ("text/csv; charset=utf-8", 'attachment; filename="changes.csv"')
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["label"] for row in rows] == ["ZZ900103", "ZZ900102", "ZZ900101"]
    assert (rows[0]["old"], rows[0]["new"], rows[0]["at"], rows[0]["run"]) == ("ASIS", "STA", "2026-02-03T12:00:00+00:00", str(run.pk))


def test_csv_holds_nothing_that_a_spreadsheet_would_run(viewer: APIClient, run: SyncRun) -> None:
    make_change(run, new="=1+1")
    assert b"'=1+1" in b"".join(viewer.get("/api/changes?format=csv").streaming_content)


def test_a_wrong_filter_is_named_for_csv_too(viewer: APIClient) -> None:
    answer = viewer.get("/api/changes?format=csv&run=x")
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (400, "application/json", ["run"])


def test_an_unknown_format_does_not_exist(viewer: APIClient) -> None:
    assert viewer.get("/api/changes?format=xls").status_code == 404


def test_history_is_the_story_of_one_unit(viewer: APIClient, connection: Connection, run: SyncRun) -> None:
    unit, other = make_unit(connection), make_unit(connection, "ZZ900102")
    first = make_change(run, 1, entity_id=unit.pk, type="item_appeared")
    make_change(run, 2, entity_id=other.pk)
    make_change(run, 3, entity="load", entity_id=unit.pk)
    second = make_change(make_run(connection), 1, entity_id=unit.pk)
    assert ids(viewer, f"/api/units/{unit.pk}/history") == [second.pk, first.pk]
    assert ids(viewer, f"/api/units/{unit.pk}/history?type=item_appeared") == [first.pk]


def test_history_of_a_unit_of_another_account_does_not_exist(viewer: APIClient, connection: Connection) -> None:
    foreign = make_unit(make_connection(make_account("Other"), "Theirs"))
    assert viewer.get(f"/api/units/{foreign.pk}/history").status_code == 404
    assert viewer.get("/api/units/9999999999999999999999/history").status_code == 404


def test_history_may_be_read_by_who_may_see_units(account: Account, connection: Connection) -> None:
    unit = make_unit(connection)
    looker = program(make_member(account, Role.VIEWER), scopes=("unit.view",))
    assert looker.get(f"/api/units/{unit.pk}/history").status_code == 200
    assert looker.get("/api/changes").status_code == 403
