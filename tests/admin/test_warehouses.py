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


def form(**values: str) -> dict[str, object]:
    return {"name": "Annex", "code": "AX", "mode": "ledger", "opened_at_0": "", "opened_at_1": "", "active": "on", **values}


def test_manager_adds_and_renames(manager: Client, account: Account) -> None:
    manager.post(f"{LIST}add/", form())
    annex = Warehouse.objects.get()
    assert (annex.account, annex.mode, annex.active) == (account, "ledger", True)
    assert annex.opened_at is not None
    opened = {"opened_at_0": f"{annex.opened_at:%Y-%m-%d}", "opened_at_1": f"{annex.opened_at:%H:%M:%S}"}
    assert manager.post(f"{LIST}{annex.pk}/change/", form(name="North annex", code="X", **opened)).status_code == 302
    annex.refresh_from_db()
    assert (annex.name, annex.code) == ("North annex", "AX")
    assert [log.action for log in AuditLog.objects.order_by("pk")] == ["ADD", "CHANGE"]
    assert AuditLog.objects.order_by("pk")[1].after == {"name": "North annex"}


def test_buckets_that_count_are_ticked(manager: Client, warehouse: Warehouse) -> None:
    sent = {**form(name=warehouse.name, mode="mirror"), "level_buckets": ["STA", "ASIS"]}
    assert manager.post(f"{LIST}{warehouse.pk}/change/", sent).status_code == 302
    warehouse.refresh_from_db()
    assert warehouse.level_buckets == "ASIS,STA"
    manager.post(f"{LIST}{warehouse.pk}/change/", form(name=warehouse.name, mode="mirror"))
    warehouse.refresh_from_db()
    assert warehouse.level_buckets == ""


def test_mode_stays_once_something_is_there(manager: Client, warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101")
    answer = manager.post(f"{LIST}{warehouse.pk}/change/", form(name="Kept here"))
    assert "Warehouse 7QX has 1 unit, so its mode stays." in text_of(answer)
    warehouse.refresh_from_db()
    assert (warehouse.mode, warehouse.name) == ("mirror", "Warehouse 7QX")


def test_a_code_is_taken_once_in_an_account(manager: Client, warehouse: Warehouse, foreign: Warehouse) -> None:
    answer = manager.post(f"{LIST}add/", form(code="7qx"))
    assert "The warehouse Warehouse 7QX has the code 7QX." in text_of(answer)
    assert manager.post(f"{LIST}add/", form(code="8QX")).status_code == 302


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
