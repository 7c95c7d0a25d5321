"""One day with GE's lists, in a browser: wide, and as narrow as a telephone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.roles import Role
from inventory.models import Load, ScanSession, Unit
from sandbox.server import Sandbox
from sync.models import Kind, PlanRow, Status, SyncRun
from tests.build import make_account, make_member
from tests.jobs.conftest import wait_until
from tests.journeys.conftest import Visitor
from tests.sync.ge.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Visitor]


@pytest.mark.parametrize("width", [1400, pytest.param(390, marks=pytest.mark.once)])
def test_staff_sync_and_scan_and_a_manager_takes_it_back(busy_shop: Shop, sandbox: Sandbox, enter: Enter, width: int) -> None:
    page_of_shop = reverse("admin:sync_page", args=[busy_shop.connection.pk])

    staff = enter("staff", width=width)
    staff.go(page_of_shop)
    staff.choose("Preview")
    staff.reads("Nothing was written.")
    preview = SyncRun.objects.get(kind=Kind.PREVIEW)
    assert preview.status == Status.SUCCEEDED
    assert PlanRow.objects.filter(run=preview, type="item_appeared").count() == preview.counters["inserted"]
    assert not Unit.objects.exists()
    assert staff.is_narrow_enough()

    sandbox.control("ge", "switch", name="slow", seconds=20, feeds=["stock:STA"])
    staff.go(page_of_shop)
    staff.choose("Sync All Inventory")
    staff.page.locator("[aria-current=step]", has_text="Reading").wait_for()
    assert staff.is_narrow_enough()
    sandbox.control("ge", "off", name="slow")
    run = SyncRun.objects.get(kind=Kind.SYNC)
    wait_until("the sync is done", lambda: SyncRun.objects.get(pk=run.pk).status == Status.SUCCEEDED)
    changes = SyncRun.objects.get(pk=run.pk).changes_logged
    # The open page changes by itself.
    staff.reads(f"{preview.counters['inserted']:,} new. {changes:,} changes.")

    staff.go(reverse("admin:sync_syncrun_change", args=[run.pk]))
    some = Unit.objects.filter(serial_key__isnull=False, load__isnull=False).order_by("serial").first()
    assert some is not None
    staff.page.get_by_placeholder("Serial, model or load").fill(some.serial)
    staff.choose("Find")
    staff.page.get_by_role("table").get_by_text(some.serial).first.wait_for()
    assert staff.is_narrow_enough()

    load = Load.objects.get(pk=some.load_id)
    assert staff.go(reverse("admin:inventory_load_change", args=[load.pk])) == 200
    staff.reads(load.number)
    staff.page.get_by_text(some.serial).first.wait_for()
    assert staff.is_narrow_enough()

    session = ScanSession.objects.get(load=load)
    staff.go(reverse("admin:inventory_scansession_change", args=[session.pk]))
    staff.page.keyboard.type(some.serial.lower())
    staff.page.keyboard.press("Enter")
    staff.page.locator("#scan-said[data-state=new]").wait_for()
    assert session.scans.get().unit == some
    assert staff.is_narrow_enough()

    staff.go(reverse("admin:sync_syncrun_change", args=[run.pk]))
    assert staff.page.get_by_role("link", name="Undo …").count() == 0
    assert staff.go(reverse("admin:sync_run_undo", args=[run.pk])) == 403

    manager = enter("manager", width=width)
    manager.go(reverse("admin:sync_syncrun_change", args=[run.pk]))
    manager.choose("Undo …")
    manager.reads("What an undo of run")
    assert manager.is_narrow_enough()
    manager.page.get_by_role("button", name="Undo: put").click()
    manager.reads(f"Run {run.pk} was undone")
    wait_until("the undo is done", lambda: SyncRun.objects.get(kind=Kind.UNDO).status == Status.SUCCEEDED)
    assert list(Unit.objects.filter(gone_at=None).values_list("serial", flat=True)) == [some.serial]
    assert session.scans.count() == 1


def test_viewer_looks_and_touches_nothing(shop: Shop, enter: Enter) -> None:
    viewer = enter("viewer")
    viewer.go(reverse("admin:sync_page", args=[shop.connection.pk]))
    assert viewer.page.get_by_role("button", name="Sync All Inventory").count() == 0
    assert viewer.page.get_by_role("button", name="Preview").count() == 0
    token = viewer.page.context.cookies()
    csrf = next(cookie["value"] for cookie in token if cookie["name"] == "csrftoken")
    answer = viewer.page.request.post(
        f"{viewer.address}{reverse('admin:sync_start', args=[shop.connection.pk])}",
        form={"scope": "inventory", "csrfmiddlewaretoken": csrf},
        headers={"Referer": viewer.address},
    )
    assert answer.status == 403
    assert not SyncRun.objects.exists()


def test_another_business_finds_nothing_here(shop: Shop, enter: Enter) -> None:
    shop_run = shop.sync()
    unit = Unit.objects.order_by("pk").first()
    load = Load.objects.order_by("pk").first()
    assert unit is not None
    assert load is not None
    make_member(make_account("Elsewhere"), Role.OWNER, "stranger")
    stranger = enter("stranger")
    for name, number in (
        ("sync_page", shop.connection.pk),
        ("sync_syncrun_change", shop_run.pk),
        ("sync_connection_change", shop.connection.pk),
        ("inventory_unit_change", unit.pk),
        ("inventory_load_change", load.pk),
    ):
        assert stranger.go(reverse(f"admin:{name}", args=[number])) == 404
    stranger.go(reverse("admin:inventory_unit_changelist"))
    assert stranger.page.get_by_text(unit.serial or unit.model, exact=True).count() == 0
