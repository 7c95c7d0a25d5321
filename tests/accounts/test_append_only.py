from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from accounts.acting import Actor
from accounts.append_only import append_only, maintenance
from accounts.audit import record
from accounts.models import AuditLog, Maintenance
from tests.build import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> AuditLog:
    return record(Actor.system(make_account(), "test"), entity="Unit", entity_id=7, action="ADD", after={"serial": "ZZ1"})


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_row_can_be_added(row: AuditLog) -> None:
    assert AuditLog.objects.get().after == {"serial": "ZZ1"}


def test_saving_a_row_again_is_refused(row: AuditLog) -> None:
    row.action = "CHANGE"
    with pytest.raises(DatabaseError, match="audit_logs is append-only"), transaction.atomic():
        row.save()
    row.refresh_from_db()
    assert row.action == "ADD"


def test_updating_a_queryset_is_refused(row: AuditLog) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditLog.objects.update(cause="another")
    assert AuditLog.objects.get().cause == ""


def test_deleting_is_refused(row: AuditLog) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditLog.objects.all().delete()
    assert AuditLog.objects.count() == 1


@pytest.mark.parametrize("sql", ["UPDATE audit_logs SET action = 'X'", "DELETE FROM audit_logs"])
def test_sql_by_hand_is_refused(row: AuditLog, sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        run(sql)
    assert AuditLog.objects.get().action == "ADD"


@pytest.mark.django_db(transaction=True)
def test_truncate_is_refused(row: AuditLog) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    with pytest.raises(DatabaseError, match="append-only"):
        run("TRUNCATE audit_logs CASCADE")
    assert AuditLog.objects.count() == 1


def test_maintenance_lets_changes_through_and_closes_behind_itself(row: AuditLog) -> None:
    with maintenance("test"):
        AuditLog.objects.update(cause="repaired")
        assert Maintenance.objects.get().reason == "test"
    assert AuditLog.objects.get().cause == "repaired"
    assert not Maintenance.objects.exists()
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM audit_logs")
    with maintenance("test"):
        run("DELETE FROM audit_logs")
    assert not AuditLog.objects.exists()


def test_maintenance_that_fails_is_closed_and_undone(row: AuditLog) -> None:
    def fail_halfway() -> None:
        with maintenance("test"):
            AuditLog.objects.update(cause="half done")
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()
    assert AuditLog.objects.get().cause == ""
    assert not Maintenance.objects.exists()


@pytest.fixture
def table(transactional_db: None) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes_for_test (line text)")
        cursor.execute("INSERT INTO notes_for_test VALUES ('first')")
    yield "notes_for_test"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE notes_for_test")


@pytest.mark.django_db(transaction=True)
def test_any_table_can_be_protected_twice_and_released_again(table: str) -> None:
    operation = append_only(table)
    with connection.schema_editor() as editor:
        operation.code(apps, editor)
        operation.code(apps, editor)
    run("INSERT INTO notes_for_test VALUES ('second')")
    with pytest.raises(DatabaseError, match="notes_for_test is append-only"):
        run("DELETE FROM notes_for_test")
    with connection.schema_editor() as editor:
        operation.reverse_code(apps, editor)
    run("DELETE FROM notes_for_test")
