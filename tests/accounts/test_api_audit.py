from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.acting import Actor
from accounts.audit import Entry, record, record_many
from accounts.models import Account, AuditLog, Member
from tests.build import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(account: Account) -> Actor:
    return Actor.system(account, "worker")


def ids(api: APIClient, query: str) -> list[str]:
    answer = api.get(f"/api/audit/?{query}")
    assert answer.status_code == 200, answer.json()
    return [row["entity_id"] for row in answer.json()["results"]]


def test_filters(api: APIClient, system: Actor) -> None:
    together = uuid.uuid4()
    record(system, entity="Unit", entity_id=1, action="ADD", correlation=together)
    record(system, entity="Unit", entity_id=2, action="CHANGE", correlation=together)
    record(system, entity="Load", entity_id=1, action="ADD")
    assert ids(api, "entity=Unit") == ["2", "1"]
    assert ids(api, "entity=Unit&action=ADD") == ["1"]
    assert ids(api, "entity=Load&entity_id=1") == ["1"]
    assert ids(api, f"correlation={together}") == ["2", "1"]


def test_from_is_included_and_to_is_not(api: APIClient, system: Actor) -> None:
    row = record(system, entity="Unit", entity_id=1, action="ADD")
    at = row.created_at.isoformat().replace("+00:00", "Z")
    later = (row.created_at + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert ids(api, f"entity=Unit&from={at}") == ["1"]
    assert ids(api, f"entity=Unit&from={later}") == []
    assert ids(api, f"entity=Unit&to={at}") == []
    assert ids(api, f"entity=Unit&to={later}") == ["1"]


def test_a_time_with_an_odd_offset_is_a_time(api: APIClient, system: Actor) -> None:
    record(system, entity="Unit", entity_id=1, action="ADD")
    assert ids(api, "entity=Unit&from=2001-01-01T00:00:00-21:09") == ["1"]


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=0001-01-01T00:00:00%2B21:09", "correlation=7", "limit=0", "limit=1001", "limit=all", "limit="]
)
def test_a_filter_that_makes_no_sense_is_named(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/audit/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


def test_pages_are_newest_first_and_complete(api: APIClient, system: Actor) -> None:
    record_many(system, [Entry("Unit", number, "ADD") for number in range(1, 6)])
    first = api.get("/api/audit/?entity=Unit&limit=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert [[row["entity_id"] for row in page["results"]] for page in (first, second, third)] == [["5", "4"], ["3", "2"], ["1"]]
    assert third["next"] is None


def test_another_account_s_rows_do_not_exist(api: APIClient, stranger: Member) -> None:
    row = record(make_actor(stranger.account), entity="Unit", entity_id=1, action="ADD")
    assert ids(api, "entity=Unit") == []
    assert api.get(f"/api/audit/{row.pk}/").status_code == 404


def test_nothing_can_be_written(api: APIClient, system: Actor) -> None:
    row = record(system, entity="Unit", entity_id=1, action="ADD")
    assert api.post("/api/audit/", {}).status_code == 405
    for method in (api.put, api.patch, api.delete):
        assert method(f"/api/audit/{row.pk}/").status_code == 405


def test_many_rows_share_a_correlation(system: Actor) -> None:
    together = record_many(system, (Entry("Unit", number, "ADD", after={"at": timezone.now()}) for number in (1, 2)))
    assert list(AuditLog.objects.filter(correlation=together).values_list("entity_id", "actor_label")) == [("2", "worker"), ("1", "worker")]


def test_a_long_cause_is_cut(system: Actor) -> None:
    assert record(system, entity="Unit", entity_id=1, action="ADD", cause="x" * 400).cause == "x" * 300
