"""What runs low is bought: seen on the list, drafted from its suggestion, approved by another, come, and gone from the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Account
from accounts.roles import Role
from alerts import forecasting, watching
from alerts.models import Alert
from inventory import supply
from inventory.models import Level, PurchaseOrder, PurchaseOrderLine
from inventory.reorder import set_reorder
from sandbox.finale.system import Finale
from sandbox.finale.world import World
from sandbox.server import Sandbox, Server
from sync import connections, runs
from sync.models import Connection, Status, SyncRun, Trigger
from tests.build import make_account, make_actor, make_member
from tests.inventory.ledger.build import Shop
from tests.inventory.purchasing.build import make_vendor
from tests.jobs.conftest import Worker, wait_until
from tests.journeys.conftest import Visitor
from tests.sync.finale.build import FinaleStandIn, finale_connection

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Visitor]
CRITICAL = reverse("admin:inventory_supply_changelist")
INBOX = reverse("admin:alerts_alert_changelist")
PERLITE = "PERLITE-4CF"


def a_minute_passes(account: Account) -> None:
    """What a worker does at its next tick; where one is at it already, after it."""
    supply.follow(account.pk)
    wait_until("nobody else is at the forecasts", lambda: forecasting.run(account) is not None)
    assert watching.look(account.pk)


def draft_from_the_list(staff: Visitor, sku: str, suggested: str, vendor: str) -> PurchaseOrder:
    """Staff see a product with what to order of it, tick it, and put it on a draft."""
    staff.go(CRITICAL)
    row = staff.page.locator("#result_list tr", has_text=sku)
    for text in ("Below reorder point", suggested, vendor):
        expect(row).to_contain_text(text)
    assert staff.is_narrow_enough()
    row.locator(".action-select").check()
    staff.page.select_option("[name=action]", "put_on_drafts")
    staff.page.get_by_role("button", name="Run", exact=False).first.click()
    staff.reads("1 product is now on PO-")
    expect(row).to_contain_text("PO-")
    order = PurchaseOrder.objects.get()
    staff.go(reverse("admin:inventory_purchaseorder_change", args=[order.pk]))
    staff.reads("A manager approves it.")
    assert staff.is_narrow_enough()
    return order


def approve(manager: Visitor, order: PurchaseOrder, quantity: str) -> None:
    """A manager orders another quantity than is suggested."""
    manager.go(reverse("admin:inventory_purchaseorder_change", args=[order.pk]))
    line = PurchaseOrderLine.objects.get(order=order)
    manager.page.fill(f"[name=line-{line.pk}-quantity]", quantity)
    manager.choose("Save and approve")
    manager.reads("is approved. It counts as on order now.")
    assert manager.is_narrow_enough()


def is_over(staff: Visitor, sku: str) -> None:
    """The product is on no list any more, and its alert is closed."""
    staff.go(CRITICAL)
    staff.reads("No product is on this list.")
    expect(staff.page.locator("#result_list", has_text=sku)).to_have_count(0)
    staff.go(INBOX)
    staff.reads("Nothing is wrong")
    staff.go(f"{INBOX}?state=over")
    row = staff.page.locator("#result_list tr", has_text=sku)
    expect(row).to_contain_text("Recovered")
    assert staff.is_narrow_enough()


@pytest.fixture
def finale(tmp_path: Path) -> Iterator[FinaleStandIn]:
    """Finale with three products in use, of which one runs low: 20 there, 9 of them reserved, and 24 are its reorder point."""
    world = World.exampleco()
    world.set_stock("TRAY 10/20", 30)
    world.restock(PERLITE, 14)
    system = Finale(tmp_path / "finale", world)
    with Sandbox(Server(0, {"finale": system})) as running:
        yield FinaleStandIn(running, system)


@pytest.fixture
def connection(transactional_db: None, live_server: object, finale: FinaleStandIn, start_worker: Callable[..., Worker]) -> Connection:
    """Finale was read once; from now on syncs run when somebody starts them."""
    account = make_account("Corner Garden")
    for role in (Role.STAFF, Role.MANAGER):
        make_member(account, role, role.value)
    connection = finale_connection(account, finale)
    connections.set_auto_sync(make_actor(account), connection, False)
    run = runs.start(make_actor(account), connection, "full", trigger=Trigger.BUTTON)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED, run.message
    a_minute_passes(account)
    start_worker().wait_for_beats()
    return connection


def press(visitor: Visitor, connection: Connection, button: str) -> None:
    """Start a sync on Finale's page, which stays open until it is done."""
    before = SyncRun.objects.order_by("pk").last()
    assert before is not None
    visitor.go(reverse("admin:sync_page", args=[connection.pk]))
    visitor.choose(button)
    wait_until("the sync is done", lambda: SyncRun.objects.filter(pk__gt=before.pk, status=Status.SUCCEEDED).exists())
    # The open page follows by itself: the newest run, and the button.
    newest = visitor.page.locator("section[aria-labelledby=run-title]")
    expect(newest.get_by_role("heading", name=button, exact=True)).to_be_visible()
    expect(newest).to_contain_text("Succeeded")
    expect(visitor.page.get_by_role("button", name=button, exact=True)).to_be_enabled()
    assert visitor.is_narrow_enough()


def test_what_runs_low_in_finale_is_ordered_entered_there_and_off_the_list(
    connection: Connection, finale: FinaleStandIn, enter: Enter
) -> None:
    staff, manager = enter("staff", width=390), enter("manager")
    alert = Alert.objects.get()
    assert (alert.title, alert.state) == (f"{PERLITE} Perlite 4 cu ft: reorder", "open")
    staff.go(INBOX)
    staff.reads(f"{PERLITE} Perlite 4 cu ft")
    assert staff.is_narrow_enough()

    # Nothing was sold lately: 24 are taken to last 14 days. 45 days of 1.714, and 25 are missing to what sells in the lead time of 21.
    order = draft_from_the_list(staff, PERLITE, "103 units", "Mineral Works")
    approve(manager, order, "110")

    # It is typed in over there with our number, and the goods come.
    there = finale.world.buy("Mineral Works", {PERLITE: 110}, reference=order.number)
    finale.world.receive(there)
    press(staff, connection, "Sync critical items")
    a_minute_passes(connection.account)
    level = Level.objects.get(product__sku=PERLITE)
    assert (level.units, level.reserved_units) == (130, 9)
    is_over(staff, PERLITE)

    press(manager, connection, "Sync orders and sales")
    manager.go(reverse("admin:inventory_purchaseorder_change", args=[order.pk]))
    manager.reads("Received")
    expect(manager.page.locator(".ls-order-facts")).to_contain_text(f"In the outside system{there}counted there")
    assert manager.is_narrow_enough()
    order.refresh_from_db()
    assert (order.state, PurchaseOrderLine.objects.get(order=order).received) == ("received", 110)


@pytest.fixture
def shop(transactional_db: None, live_server: object) -> Shop:
    """A shop that keeps its own stock: 5 packs of tea are there, and it orders 30 when no more than 10 are."""
    shop = Shop(purchase_price=Decimal("2.50"))
    shop.tea.vendor = make_vendor(shop.account, lead_time_days=14)
    shop.tea.save()
    for role in (Role.STAFF, Role.MANAGER):
        make_member(shop.account, role, role.value)
    shop.buy(5)
    set_reorder(shop.actor, shop.tea, shop.place, point=10, quantity=30)
    a_minute_passes(shop.account)
    return shop


def test_what_runs_low_here_is_ordered_received_and_off_the_list(shop: Shop, enter: Enter) -> None:
    staff, manager = enter("staff"), enter("manager", width=390)
    # 10 are taken to last 14 days: 45 days of 0.714 and the missing 5 are 38.
    order = draft_from_the_list(staff, "QTX-TEA", "38 packs", "North Supply")
    approve(manager, order, "24")
    # It is ordered, and still too little is there.
    a_minute_passes(shop.account)
    staff.go(CRITICAL)
    expect(staff.page.locator("#result_list tr", has_text="QTX-TEA")).to_contain_text("24 on order")

    staff.go(reverse("admin:inventory_purchaseorder_change", args=[order.pk]))
    staff.choose("Receive goods")
    staff.choose("Book what came")
    staff.reads("Everything has come.")
    a_minute_passes(shop.account)
    assert shop.packs == 29
    is_over(staff, "QTX-TEA")
    assert Alert.objects.get().state == "recovered"
