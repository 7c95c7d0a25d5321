from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AuditLog
from accounts.roles import Role
from inventory import reconcile
from inventory.models import Cause, Level, Reconciliation, ReconciliationStatus
from tests.admin.bookings import address, hidden, said
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop
from tests.inventory.reconcile.build import Store, break_batch, off_by, passed

LIST = "/admin/inventory/reconciliation/"


@pytest.fixture
def store(account: Account) -> Store:
    store = Store(account)
    store.stock(40)
    return store


def at(name: str, run: Reconciliation) -> str:
    return reverse(f"admin:inventory_reconcile_{name}", args=[run.pk])


def waiting(store: Store) -> Reconciliation:
    """A pass that asks first, because it would change too much."""
    off_by(store.tea, store.place, 5)
    return passed(store, Cause.MANUAL, limits={"rows": 0})


def test_verify_tells_what_differs_and_writes_nothing(viewer: Client, store: Store) -> None:
    assert "All agree" in page(viewer, f"{LIST}verify/")
    off_by(store.tea, store.place, 5)
    shown = page(viewer, f"{LIST}verify/")
    assert "1 differ" in shown
    assert "Counter differs." in shown
    assert "Packs 45 → becomes 40 (−5)" in shown
    assert "Reconcile now" not in shown
    assert store.counters().packs == 45
    assert not Reconciliation.objects.exists()
    assert "QTX-TEA" in page(viewer, f"{LIST}verify/?product={store.tea.pk}&warehouse={store.place.pk}")


def test_staff_reconcile_and_see_what_was_set_right(staff: Client, viewer: Client, store: Store) -> None:
    off_by(store.tea, store.place, 5)
    assert viewer.post(reverse("admin:inventory_reconcile")).status_code == 403
    answer = staff.post(reverse("admin:inventory_reconcile"), follow=True)
    assert "In the queue since" in said(answer)
    run = Reconciliation.objects.get()
    live = reverse("admin:inventory_reconciliation_live", args=[run.pk])
    assert f'data-live="{live}"' in answer.content.decode()
    assert staff.get(live).status_code == 200
    # A second wish leads to the pass that is at it.
    assert said(staff.post(reverse("admin:inventory_reconcile"), follow=True)).count(f"Reconciliation {run.pk}") > 0
    reconcile.execute(run.pk)
    assert staff.get(live).status_code == 204
    shown = page(viewer, address("reconciliation", run.pk))
    assert "Set right" in shown
    assert "Packs 45 → becomes 40 (−5)" in shown
    assert store.counters().packs == 40
    assert "1 of 1 levels differed: 1 set right." in page(viewer, LIST)


def test_manager_decides_about_a_pass_that_asks_first(manager: Client, staff: Client, store: Store) -> None:
    run = waiting(store)
    assert run.status == ReconciliationStatus.NEEDS_REVIEW
    assert "A pass waits for somebody to look at it." in page(staff, LIST)
    assert "A manager or an owner can approve or discard it." in page(staff, address("reconciliation", run.pk))
    for name in ("approve", "discard"):
        assert staff.post(at(name, run)).status_code == 403
    answer = manager.get(address("reconciliation", run.pk))
    assert "it looks again and sets the counters to what the batches say" in said(answer)
    assert "The plan has changed since you looked at it." in said(manager.post(at("approve", run), {"digest": "old"}, follow=True))
    assert "was approved" in said(manager.post(at("approve", run), {"digest": hidden(answer, "digest")}, follow=True))
    reconcile.execute(run.pk)
    assert store.counters().packs == 40


def test_manager_discards(manager: Client, store: Store) -> None:
    run = waiting(store)
    assert "Nothing was written." in said(manager.post(at("discard", run), follow=True))
    assert "does not wait for a review" in said(manager.post(at("discard", run), follow=True))
    assert store.counters().packs == 45


def test_staff_cancel(staff: Client, viewer: Client, store: Store) -> None:
    run = reconcile.start(store.actor, cause=Cause.MANUAL)
    assert viewer.post(at("cancel", run)).status_code == 403
    assert "was asked to stop" in said(staff.post(at("cancel", run), follow=True))
    assert Reconciliation.objects.get().status == ReconciliationStatus.CANCELLED
    assert "is over" in said(staff.post(at("cancel", run), follow=True))


def test_other_accounts_find_nothing(browser_as: Callable[[Role], Client], store: Store) -> None:
    other = Store(make_account("Other"))
    other.stock(1)
    theirs = waiting(other)
    owner = browser_as(Role.OWNER)
    assert owner.get(address("reconciliation", theirs.pk)).status_code == 404
    assert owner.get(reverse("admin:inventory_reconciliation_live", args=[theirs.pk])).status_code == 404
    for name in ("approve", "discard", "cancel"):
        assert owner.post(at(name, theirs)).status_code == 404
    assert owner.get(f"{LIST}verify/?product={other.tea.pk}").status_code == 404
    assert owner.post(reverse("admin:inventory_reconcile"), {"warehouse": str(other.place.pk)}).status_code == 404
    assert owner.get(reverse("admin:inventory_rebuild", args=[other.tea.pk])).status_code == 404
    assert owner.post(reverse("admin:inventory_rebuild", args=[other.tea.pk])).status_code == 404
    assert Reconciliation.objects.get().status == ReconciliationStatus.NEEDS_REVIEW


def test_what_is_set_right_again_and_again_is_listed_with_its_causes(viewer: Client, store: Store) -> None:
    for _ in range(3):
        off_by(store.tea, store.place, 5)
        passed(store)
    shown = page(viewer, LIST)
    assert "Set right again and again" in shown
    assert "3 Five-minute pass" in shown


def test_list_asks_the_same_for_many_passes(viewer: Client, store: Store) -> None:
    passed(store)
    few = queries_of(viewer, LIST)
    for _ in range(3):
        passed(store)
    assert queries_of(viewer, LIST) == few


def test_integrity_is_checked_and_a_contradiction_rebuilt(staff: Client, manager: Client, account: Account) -> None:
    shop = Shop(account)
    purchase = shop.buy(40)
    answer = staff.post(reverse("admin:inventory_integrity_check"), follow=True)
    assert "All invariants hold." in said(answer)
    assert "What came into a batch is what went out of it and what remains." in said(answer)
    break_batch(purchase.batch, remaining=30)
    broken = staff.post(reverse("admin:inventory_integrity_check"), follow=True)
    assert f"Batch {purchase.batch_id} of QTX-TEA in MAIN" in said(broken)
    rebuild = f"{reverse('admin:inventory_rebuild', args=[shop.tea.pk])}?warehouse={shop.place.pk}"
    assert rebuild not in broken.content.decode()
    assert staff.get(rebuild).status_code == 403
    assert "In quarantine" in page(staff, LIST)
    shown = manager.get(rebuild)
    assert "Remaining 30 → becomes 40" in said(shown)
    assert "Would be lifted" in said(shown)
    assert "has changed since the preview" in said(manager.post(rebuild, {"digest": "old"}, follow=True))
    assert "is rebuilt: 1 batch and 1 level were written." in said(manager.post(rebuild, {"digest": hidden(shown, "digest")}, follow=True))
    assert Level.objects.get().quarantined_at is None
    assert AuditLog.objects.filter(action="REBUILD").count() == 1
    assert "There is nothing to rebuild." in page(manager, rebuild)


def test_viewers_read_reports_and_ask_for_none(viewer: Client, staff: Client, store: Store) -> None:
    staff.post(reverse("admin:inventory_integrity_check"))
    assert viewer.post(reverse("admin:inventory_integrity_check")).status_code == 403
    shown = page(viewer, "/admin/inventory/integrityreport/")
    assert "Check now" not in shown
