from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory.conflicts import Found, resolve, settle
from inventory.models import Conflict, Warehouse
from tests.build import make_account, make_actor
from tests.inventory.build import DAY_1, DAY_2, make_unit, make_warehouse

pytestmark = pytest.mark.django_db

MODELS = Found("model_mismatch", "ZZ900101", None, {"stored": "QTX10", "listed": "QTX20"})
TWICE = Found("duplicate_in_feed", "ASIS ZZ900102", None, {"rows": [2, 7]})
EVERYTHING = (("model_mismatch", ""), ("in_two_open_loads", ""), ("duplicate_in_feed", ""))


@pytest.fixture
def warehouse(db: None) -> Warehouse:
    return make_warehouse(make_account())


def sync(warehouse: Warehouse, *found: Found, run: int = 1, judged: Sequence[tuple[str, str]] = EVERYTHING) -> tuple[list[str], list[str]]:
    """The keys of the conflicts that were opened and resolved."""
    opened, resolved = settle(warehouse, found, judged=judged, run_id=run, at=DAY_1 if run == 1 else DAY_2)
    return [row.key for row in opened], [row.key for row in resolved]


def test_what_is_found_is_opened_once(warehouse: Warehouse) -> None:
    unit = make_unit(warehouse, "ZZ900101")
    found = Found("model_mismatch", "ZZ900101", unit.pk, {"stored": "QTX10", "listed": "QTX20"})
    assert sync(warehouse, found, TWICE) == (["ZZ900101", "ASIS ZZ900102"], [])
    assert sync(warehouse, found, TWICE, run=2) == ([], [])
    row = Conflict.objects.get(key="ZZ900101")
    assert (row.unit, row.details, row.status) == (unit, {"stored": "QTX10", "listed": "QTX20"}, "open")
    assert (row.opened_by_run, row.opened_at) == (1, DAY_1)


def test_what_is_found_no_more_is_resolved_by_the_sync(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS, TWICE)
    assert sync(warehouse, TWICE, run=2) == ([], ["ZZ900101"])
    row = Conflict.objects.get(key="ZZ900101")
    assert (row.status, row.resolved_by, row.resolved_by_run, row.resolved_at) == ("resolved", "sync", 2, DAY_2)
    assert Conflict.objects.get(key="ASIS ZZ900102").status == "open"


def test_what_this_sync_could_not_have_found_stays_open(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS, TWICE)
    judged = [("duplicate_in_feed", "STA "), ("in_two_open_loads", "")]
    assert sync(warehouse, run=2, judged=judged) == ([], [])
    assert sync(warehouse, run=2, judged=[("duplicate_in_feed", "ASIS ")]) == ([], ["ASIS ZZ900102"])


def test_what_a_person_resolved_is_not_asked_again(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS)
    resolve(make_actor(warehouse.account), Conflict.objects.get(), "the plate says QTX20")
    assert sync(warehouse, MODELS, run=2) == ([], [])


def test_new_details_are_asked_again(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS)
    resolve(make_actor(warehouse.account), Conflict.objects.get())
    other = Found("model_mismatch", "ZZ900101", None, {"stored": "QTX20", "listed": "QTX30"})
    assert sync(warehouse, other, run=2) == (["ZZ900101"], [])


def test_what_a_sync_resolved_is_opened_again(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS)
    sync(warehouse)
    assert sync(warehouse, MODELS, run=2) == (["ZZ900101"], [])


def test_open_conflict_says_what_was_found_last(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS)
    other = Found("model_mismatch", "ZZ900101", None, {"stored": "QTX20", "listed": "QTX30"})
    assert sync(warehouse, other, run=2) == ([], [])
    row = Conflict.objects.get()
    assert (row.details, row.opened_by_run) == ({"stored": "QTX20", "listed": "QTX30"}, 1)


def test_other_warehouses_are_left_alone(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS)
    other = make_warehouse(warehouse.account, "8QX")
    assert sync(other, TWICE) == (["ASIS ZZ900102"], [])
    assert Conflict.objects.filter(status="open").count() == 2


def test_statements_do_not_grow_with_the_conflicts(warehouse: Warehouse) -> None:
    many = [Found("model_mismatch", f"ZZ9001{number:02}", None, {"listed": "QTX20"}) for number in range(40)]
    with CaptureQueriesContext(connection) as opening:
        sync(warehouse, *many)
    with CaptureQueriesContext(connection) as resolving:
        sync(warehouse, run=2)
    assert (len(opening), len(resolving)) == (3, 2)


def test_only_managers_of_the_account_resolve(warehouse: Warehouse) -> None:
    sync(warehouse, MODELS)
    row = Conflict.objects.get()
    with pytest.raises(NotAllowed):
        resolve(make_actor(warehouse.account, Role.STAFF), row)
    with pytest.raises(Conflict.DoesNotExist):
        resolve(make_actor(make_account("8QX")), row)
    assert resolve(make_actor(warehouse.account, Role.MANAGER), row, " right ").resolution == "right"
