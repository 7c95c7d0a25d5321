from __future__ import annotations

from django.test import Client

from accounts.models import AuditLog
from inventory.models import Conflict, Warehouse
from tests.admin.pages import page, queries_of, text_of
from tests.admin.stock import make_conflict
from tests.inventory.build import DAY_2, make_load, make_unit

LIST = "/admin/inventory/conflict/"


def page_of(conflict: Conflict) -> str:
    return f"{LIST}{conflict.pk}/change/"


def test_list_shows_the_open_ones_and_who_resolved_the_others(viewer: Client, warehouse: Warehouse) -> None:
    make_conflict(warehouse, "ZZ900101")
    resolved = {"status": "resolved", "resolved_at": DAY_2}
    make_conflict(warehouse, "ZZ900102", **resolved, resolved_by="sync", resolved_by_run=7, resolution="Not found any more.")
    make_conflict(warehouse, "ZZ900103", **resolved, resolved_by="Mona", resolution="The label is right.")
    shown = page(viewer, LIST)
    assert "Open 1 Resolved 2 All 3" in shown
    assert "ZZ900102" not in shown
    shown = page(viewer, f"{LIST}?state=resolved")
    assert "Sync, run 7: Not found any more." in shown
    assert "Mona: The label is right." in shown


def test_page_says_what_disagrees_and_what_the_sync_did(viewer: Client, warehouse: Warehouse) -> None:
    conflict = make_conflict(warehouse, details={"was": "QTX10FRIDGE", "now": "QTX20WASHER"})
    shown = page(viewer, page_of(conflict))
    assert "The unit now has the list's model" in shown
    assert "Was QTX10FRIDGE Now QTX20WASHER" in shown
    assert "Resolving needs the role manager." in shown


def test_rows_that_disagree_stand_beside_each_other(viewer: Client, warehouse: Warehouse) -> None:
    sides = [{"model": "QTX10FRIDGE", "status": "Available"}, {"model": "QTX10FRIDGE", "status": "Reserved"}]
    conflict = make_conflict(warehouse, "ASIS ZZ900101", kind="duplicate_in_feed", details={"sides": sides})
    assert "Field Side 1 Side 2 Model QTX10FRIDGE QTX10FRIDGE Status Available Reserved" in page(viewer, page_of(conflict))


def test_page_leads_to_the_loads_and_the_unit(viewer: Client, warehouse: Warehouse) -> None:
    load, unit = make_load(warehouse, friendly_name="K"), make_unit(warehouse, "ZZ900101")
    conflict = make_conflict(warehouse, kind="in_two_open_loads", unit=unit, details={"loads": [load.number, "7QX0"]})
    shown = viewer.get(page_of(conflict)).content.decode()
    assert f"/admin/inventory/load/{load.pk}/change/" in shown
    assert f"/admin/inventory/unit/{unit.pk}/change/" in shown


def test_manager_resolves_with_a_sentence(manager: Client, warehouse: Warehouse) -> None:
    conflict = make_conflict(warehouse)
    answer = manager.post(f"{LIST}{conflict.pk}/resolve/", {"resolution": "The label says QTX20WASHER."}, follow=True)
    assert "The conflict about ZZ900101 is resolved." in text_of(answer)
    conflict.refresh_from_db()
    assert (conflict.status, conflict.resolved_by, conflict.resolution) == ("resolved", "manager", "The label says QTX20WASHER.")
    assert AuditLog.objects.get().action == "RESOLVE"


def test_resolving_what_another_has_resolved_says_so(manager: Client, warehouse: Warehouse) -> None:
    conflict = make_conflict(warehouse, status="resolved", resolved_at=DAY_2, resolved_by="Mona", resolution="Done.")
    answer = manager.post(f"{LIST}{conflict.pk}/resolve/", {"resolution": "Mine"}, follow=True)
    assert "Mona has resolved this conflict already: Done." in text_of(answer)


def test_a_resolution_too_long_is_refused_in_words(manager: Client, warehouse: Warehouse) -> None:
    answer = manager.post(f"{LIST}{make_conflict(warehouse).pk}/resolve/", {"resolution": "x" * 501}, follow=True)
    assert "A resolution has at most 500 characters; this one has 501." in text_of(answer)


def test_staff_resolves_nothing(staff: Client, warehouse: Warehouse) -> None:
    conflict = make_conflict(warehouse)
    assert staff.post(f"{LIST}{conflict.pk}/resolve/", {"resolution": "x"}).status_code == 403
    assert Conflict.objects.get().status == "open"


def test_nothing_is_done_by_a_link(manager: Client, warehouse: Warehouse) -> None:
    assert manager.get(f"{LIST}{make_conflict(warehouse).pk}/resolve/").status_code == 405


def test_conflicts_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    theirs = make_conflict(foreign, "ZZ800001")
    assert "ZZ800001" not in page(manager, f"{LIST}?state=all")
    assert manager.get(page_of(theirs)).status_code == 404
    assert manager.post(f"{LIST}{theirs.pk}/resolve/", {"resolution": "x"}).status_code == 404


def test_list_takes_as_many_statements_for_many_conflicts_as_for_one(viewer: Client, warehouse: Warehouse) -> None:
    make_conflict(warehouse, unit=make_unit(warehouse, "ZZ900101"))
    few = queries_of(viewer, LIST)
    for number in range(10, 30):
        make_conflict(warehouse, f"ZZ9002{number}", unit=make_unit(warehouse, f"ZZ9002{number}"))
    assert queries_of(viewer, LIST) == few
