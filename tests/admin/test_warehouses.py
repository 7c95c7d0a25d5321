from __future__ import annotations

from django.test import Client

from accounts.models import Account, AuditLog
from inventory.models import Warehouse
from tests.admin.pages import page, queries_of, text_of
from tests.inventory.build import DAY_2, make_unit, make_warehouse

LIST = "/admin/inventory/warehouse/"


def test_list_counts_the_units_on_hand(viewer: Client, warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101")
    make_unit(warehouse, "ZZ900102", gone_at=DAY_2)
    assert "Warehouse 7QX 7QX Mirror: follows an outside system 1" in page(viewer, LIST)


def test_manager_adds_and_renames_but_the_mode_stays(manager: Client, account: Account) -> None:
    manager.post(f"{LIST}add/", {"name": "Annex", "code": "AX", "mode": "ledger", "active": "on"})
    annex = Warehouse.objects.get()
    assert (annex.account, annex.mode) == (account, "ledger")
    manager.post(f"{LIST}{annex.pk}/change/", {"name": "North annex", "code": "AX", "mode": "mirror", "active": "on"})
    annex.refresh_from_db()
    assert (annex.name, annex.mode) == ("North annex", "ledger")
    assert [log.action for log in AuditLog.objects.order_by("pk")] == ["ADD", "CHANGE"]


def test_a_code_is_taken_once_in_an_account(manager: Client, warehouse: Warehouse, foreign: Warehouse) -> None:
    answer = manager.post(f"{LIST}add/", {"name": "Annex", "code": "7QX", "mode": "mirror", "active": "on"})
    assert answer.status_code == 200
    assert "already exists" in text_of(answer)
    assert manager.post(f"{LIST}add/", {"name": "Annex", "code": "8QX", "mode": "mirror", "active": "on"}).status_code == 302


def test_staff_changes_nothing_and_nobody_deletes(staff: Client, manager: Client, warehouse: Warehouse) -> None:
    assert staff.post(f"{LIST}{warehouse.pk}/change/", {"name": "X", "code": "X"}).status_code == 403
    assert staff.get(f"{LIST}add/").status_code == 403
    assert manager.post(f"{LIST}{warehouse.pk}/delete/", {"post": "yes"}).status_code == 403


def test_warehouses_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    assert "Warehouse 8QX" not in page(manager, LIST)
    assert manager.get(f"{LIST}{foreign.pk}/change/").status_code == 404


def test_list_takes_as_many_statements_for_many_warehouses_as_for_one(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    few = queries_of(viewer, LIST)
    for number in range(10):
        make_warehouse(account, f"W{number}")
    assert queries_of(viewer, LIST) == few
