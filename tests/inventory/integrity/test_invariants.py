"""Each invariant is broken by hand, and the report names what breaks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import record
from inventory import integrity, ledger
from inventory.models import Allocation, Batch, IntegrityReport, Level, Movement, Reconciliation, Sale
from tests.build import make_account
from tests.inventory.integrity.breaking import broken, by_hand, checked, trouble
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db

NIL = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def shop() -> Shop:
    """Ten packs and twenty dated ones, of which 12 were sold; a cancelled sale, a void purchase, two pallets."""
    shop = Shop()
    shop.buy(20, expires_at=timezone.now() + timedelta(days=90))
    shop.buy(10)
    shop.sell(12)
    ledger.cancel_sale(shop.actor, shop.sell(3))
    ledger.void_purchase(shop.actor, shop.buy(5))
    shop.buy(2, "pallets")
    return shop


def where(shop: Shop) -> str:
    return f"{shop.tea.sku} in {shop.place.code}"


def test_a_sound_ledger_breaks_nothing(shop: Shop) -> None:
    assert broken(shop.account) == {}


def test_all_sixteen_are_asked_and_the_last_says_why_it_has_nothing_to_ask(shop: Shop) -> None:
    report = checked(shop.account)
    assert [answer["invariant"] for answer in report.checks] == [f"I{number}" for number in range(1, 17)]
    assert report.checks[-1]["offenders"] == 0
    assert integrity.in_words(report) == "All invariants hold."


@pytest.mark.parametrize(("kind", "had"), [("packs", 18), ("pallets", 2), ("units", 0)])
def test_i1_a_counter_that_is_not_what_its_batches_have(shop: Shop, kind: str, had: int) -> None:
    by_hand(f"UPDATE inventory_level SET {kind} = {kind} + 5000")
    assert broken(shop.account) == {"I1": 1, "I11": 1}
    assert trouble(shop.account, "I1") == [f"{where(shop)}: {had + 5} {kind} in the counter, {had} in its batches."]


def test_i1_stock_without_a_level(shop: Shop) -> None:
    by_hand("DELETE FROM inventory_level")
    assert trouble(shop.account, "I1") == [
        f"{where(shop)}: 0 pallets in the counter, 2 in its batches; 0 packs in the counter, 18 in its batches."
    ]


def test_i2_a_batch_that_does_not_add_up(shop: Shop) -> None:
    batch = Batch.objects.earliest("id")
    by_hand("UPDATE inventory_batch SET written_off = 1000 WHERE id = %s", batch.pk)
    assert broken(shop.account) == {"I2": 1, "I11": 1}
    assert trouble(shop.account, "I2") == [f"Batch {batch.pk} of {where(shop)}: Came in less went out is 7, remaining 8."]


def test_i3_more_sold_than_sales_hold(shop: Shop) -> None:
    allocation = Allocation.objects.earliest("id")
    by_hand("UPDATE inventory_allocation SET quantity = 11000 WHERE id = %s", allocation.pk)
    assert set(broken(shop.account)) == {"I3", "I4", "I11"}
    assert trouble(shop.account, "I3") == [f"Batch {allocation.batch_id} of {where(shop)}: Sold 12, but sales hold 11 of it."]


def test_i4_a_sale_of_another_quantity(shop: Shop) -> None:
    sale = Sale.objects.earliest("id")
    by_hand("UPDATE inventory_sale SET quantity = 13000 WHERE id = %s", sale.pk)
    assert broken(shop.account) == {"I4": 1}
    assert trouble(shop.account, "I4") == [f"Sale {sale.pk} of {where(shop)}: Quantity 13, but 12 held, 0 returned and 0 short."]


def test_i4_a_cancelled_sale_that_is_still_short(shop: Shop) -> None:
    by_hand("UPDATE inventory_sale SET shortfall = 1000 WHERE status = 'cancelled'")
    assert broken(shop.account) == {"I4": 1}


def test_i5_a_batch_below_zero(shop: Shop) -> None:
    batch = Batch.objects.earliest("id")
    by_hand("UPDATE inventory_batch SET written_off = -1000, received = 19000 WHERE id = %s", batch.pk)
    assert broken(shop.account) == {"I5": 1, "I11": 1}
    assert trouble(shop.account, "I5") == [f"Batch {batch.pk} of {where(shop)}: Below zero: written off -1."]


def test_i5_a_counter_below_zero(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET units = -1000, reserved_packs = -2000")
    assert trouble(shop.account, "I5") == [f"{where(shop)}: Below zero: units -1, reserved packs -2."]


def test_i5_an_allocation_that_released_more_than_it_held(shop: Shop) -> None:
    allocation = Allocation.objects.earliest("id")
    by_hand("UPDATE inventory_allocation SET released = 13000 WHERE id = %s", allocation.pk)
    assert broken(shop.account)["I5"] == 1


def test_i5_a_sale_of_nothing(shop: Shop) -> None:
    by_hand("UPDATE inventory_sale SET quantity = 0, returned = -1000 WHERE status = 'cancelled'")
    assert broken(shop.account) == {"I5": 1}


def test_i6_goods_that_expired_and_were_not_booked(shop: Shop) -> None:
    batch = Batch.objects.earliest("id")
    by_hand("UPDATE inventory_batch SET expires_at = %s WHERE id = %s", long_ago(), batch.pk)
    assert broken(shop.account) == {"I6": 1, "I7": 2}
    assert trouble(shop.account, "I6") == [f"Batch {batch.pk} of {where(shop)}: Is ACTIVE, should be EXPIRED."]


def test_i6_an_expiry_may_wait_some_minutes_for_its_job(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET expires_at = %s WHERE unit_kind = 'pallets'", just_now())
    assert broken(shop.account) == {}


def test_i6_goods_taken_out_before_they_expired(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET expiry_booked_at = expires_at WHERE expires_at IS NOT NULL")
    assert set(broken(shop.account)) == {"I1", "I6", "I11"}
    assert [said.split(": ")[1] for said in trouble(shop.account, "I6")] == ["Is EXPIRED, should be ACTIVE."]


def test_i7_a_sale_of_goods_that_had_expired(shop: Shop) -> None:
    sale, cancelled = Sale.objects.order_by("id")
    batch = sale.allocations.get().batch_id
    by_hand("UPDATE inventory_batch SET expires_at = %s WHERE id = %s", long_ago(), batch)
    assert [said.split(": ")[1] for said in trouble(shop.account, "I7")] == [
        f"Sale {sale.pk} took 12 of batch {batch} after it had expired.",
        f"Sale {cancelled.pk} took 3 of batch {batch} after it had expired.",
    ]


def test_i7_goods_whose_date_was_corrected_later_were_sold_rightly(shop: Shop) -> None:
    ledger.edit_purchase(shop.actor, Sale.objects.earliest("id").allocations.get().batch.purchase, expires_at=long_ago())
    assert broken(shop.account) == {}


def test_i8_a_sale_from_a_batch_of_another_unit_kind(shop: Shop) -> None:
    sale = Sale.objects.earliest("id")
    by_hand("UPDATE inventory_sale SET unit_kind = 'units' WHERE id = %s", sale.pk)
    assert broken(shop.account) == {"I8": 1}
    batch = sale.allocations.get().batch_id
    (said,) = trouble(shop.account, "I8")
    assert said.endswith(f"Sale {sale.pk} of units took from batch {batch}, which holds packs.")


def test_i8_a_batch_whose_movements_are_of_another_unit_kind(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET unit_kind = 'units' WHERE unit_kind = 'pallets'")
    assert set(broken(shop.account)) == {"I1", "I8"}


def test_i8_a_purchase_entered_in_the_wrong_kind_and_corrected_is_sound(shop: Shop) -> None:
    ledger.edit_purchase(shop.actor, Batch.objects.get(unit_kind="pallets").purchase, unit_kind="units")
    assert broken(shop.account) == {}


def test_i9_a_cancelled_sale_that_did_not_give_all_back(shop: Shop) -> None:
    by_hand("UPDATE inventory_movement SET kind = 'sale' WHERE kind = 'sale_reversal'")
    assert broken(shop.account) == {}
    by_hand("UPDATE inventory_movement SET batch_delta = 2000 WHERE kind = 'sale' AND batch_delta > 0")
    assert "I9" in broken(shop.account)
    sale = Sale.objects.get(status="cancelled")
    (said,) = trouble(shop.account, "I9")
    assert said.endswith(f"Is cancelled, but 1 of batch {sale.allocations.get().batch_id} did not come back.")


def test_i9_a_void_purchase_that_left_something(shop: Shop) -> None:
    by_hand("UPDATE inventory_movement SET batch_delta = -4000 WHERE kind = 'receipt_void'")
    (said,) = trouble(shop.account, "I9")
    assert "Is void, but its movements leave 1 in batch" in said


def test_i10_a_balance_that_does_not_follow(shop: Shop) -> None:
    movement = Movement.objects.filter(kind="sale").earliest("id")
    by_hand("UPDATE inventory_movement SET level_after = 17000 WHERE id = %s", movement.pk)
    assert broken(shop.account) == {"I10": 1}
    (said,) = trouble(shop.account, "I10")
    assert said.endswith("Says that 17 packs were left, all movements up to it make 18.")


def test_i10_a_balance_that_was_below_zero(shop: Shop) -> None:
    by_hand("UPDATE inventory_movement SET level_after = -1000 WHERE kind = 'sale_reversal'")
    assert broken(shop.account) == {"I10": 1}


def test_i10_what_a_correction_set_right_is_over(shop: Shop) -> None:
    """A counter that was changed by hand is healed by whatever books next, and the ledger goes on from what is true."""
    by_hand("UPDATE inventory_level SET packs = packs + 5000")
    shop.sell(1)
    assert Movement.objects.filter(kind="correction").count() == 1
    assert broken(shop.account) == {}


def test_i11_a_batch_without_its_movement(shop: Shop) -> None:
    by_hand("DELETE FROM inventory_movement WHERE unit_kind = 'pallets'")
    assert broken(shop.account) == {"I11": 2}
    batch = Batch.objects.get(unit_kind="pallets")
    assert trouble(shop.account, "I11") == [
        f"Batch {batch.pk} of {where(shop)}: Received is 2, by its movements 0; remaining is 2, by its movements 0; "
        "2 of it counts, by its movements 0.",
        f"{where(shop)}: 2 pallets in the counter, 0 by its movements.",
    ]


def test_i11_a_batch_that_is_void_although_something_remains(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET voided_at = created_at WHERE unit_kind = 'pallets'")
    assert broken(shop.account) == {"I11": 1}
    (said,) = trouble(shop.account, "I11")
    assert said.endswith("Is void, by its movements 2 remain.")


def test_i11_a_sale_that_moved_nothing(shop: Shop) -> None:
    """A sale and its allocation, entered in the database by hand together with the batch's figures."""
    batch = Batch.objects.get(unit_kind="pallets")
    sale = Sale.objects.create(
        account=shop.account, product=shop.tea, warehouse=shop.place, unit_kind="pallets", quantity=1, sold_at=timezone.now()
    )
    Allocation.objects.create(account=shop.account, sale=sale, batch=batch, quantity=1)
    by_hand("UPDATE inventory_batch SET sold = 1000, remaining = 1000 WHERE id = %s", batch.pk)
    by_hand("UPDATE inventory_level SET pallets = 1000")
    assert broken(shop.account) == {"I11": 3}
    assert f"Sale {sale.pk} holds 1 of batch {batch.pk}, its movements took 0." in " ".join(trouble(shop.account, "I11"))


def test_i11_a_movement_without_a_trail(shop: Shop) -> None:
    by_hand(
        "UPDATE inventory_movement SET correlation = %s WHERE unit_kind = 'pallets'",
        NIL if connection.vendor != "sqlite" else NIL.replace("-", ""),
    )
    assert broken(shop.account) == {"I11": 1}
    (said,) = trouble(shop.account, "I11")
    assert said.endswith("Nothing in the audit log belongs to this receipt of 2 pallets.")


def test_i11_facts_that_were_booked_together_share_one_trail(shop: Shop) -> None:
    sold = {"product_id": shop.tea.pk, "warehouse_id": shop.place.pk, "unit_kind": "packs", "sold_at": timezone.now()}
    ledger.sell_many(shop.actor, [ledger.SaleFact(**sold, source_key=f"till/{number}", quantity=1) for number in range(3)])
    assert broken(shop.account) == {}
    by_hand("DELETE FROM audit_logs WHERE action = 'BOOK_MANY'")
    assert broken(shop.account) == {"I11": 3}


def test_i12_a_correction_that_changed_nothing(shop: Shop) -> None:
    same = {"pallets": 2, "packs": 18, "units": 0}
    level = Level.objects.get()
    row = record(shop.actor, entity="WarehouseInventory", entity_id=level.pk, action="AUTO_SYNC_CORRECTION", before=same, after=same)
    assert broken(shop.account) == {"I12": 1}
    assert trouble(shop.account, "I12") == [f"AuditLog {row.pk}: A correction of {level.pk} in the audit log changed nothing."]


def test_i13_something_that_only_looks_has_written(shop: Shop) -> None:
    before, after = {"packs": 17}, {"packs": 18, "mode": "verify"}
    record(shop.actor, entity="WarehouseInventory", entity_id=1, action="AUTO_SYNC_CORRECTION", before=before, after=after)
    assert broken(shop.account) == {"I13": 1}


def test_i14_two_passes_at_once(shop: Shop) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    values = {"account": shop.account, "cause": "manual", "asked_by": "Mara", "queued_at": soon, "lease_until": soon}
    Reconciliation.objects.create(status="running", **values)
    assert broken(shop.account) == {}
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX reconciliation_one_at_a_time")
    Reconciliation.objects.create(status="running", **values)
    assert broken(shop.account) == {"I14": 2}


def test_i15_a_day_that_was_over_has_changed(shop: Shop) -> None:
    late = Movement.objects.latest("id")
    first = Movement.objects.filter(unit_kind="packs").latest("id")
    by_hand("UPDATE inventory_movement SET booked_at = %s WHERE id = %s", long_ago(), first.pk)
    assert late.pk != first.pk
    assert broken(shop.account) == {"I15": 1}
    (said,) = trouble(shop.account, "I15")
    assert said.endswith(": a day that was over has changed.")


def test_i15_a_day_that_opens_otherwise_than_the_last_one_closed(shop: Shop) -> None:
    by_hand("UPDATE inventory_movement SET booked_at = %s WHERE unit_kind = 'packs' AND kind = 'receipt'", long_ago())
    assert broken(shop.account).keys() == {"I15"}
    by_hand("UPDATE inventory_movement SET booked_at = %s WHERE unit_kind = 'packs'", long_ago())
    assert broken(shop.account) == {}
    last = Movement.objects.filter(unit_kind="packs").latest("id")
    by_hand("UPDATE inventory_movement SET booked_at = %s, level_after = 20000 WHERE id = %s", timezone.now(), last.pk)
    (said,) = trouble(shop.account, "I15")
    assert f"opens with {20 - last.level_delta} packs" in said


def test_the_business_day_is_the_accounts(shop: Shop) -> None:
    """Half past one at night in UTC is the evening before in New York: no day went back."""
    first, *_, last = Movement.objects.filter(unit_kind="packs").order_by("id")
    by_hand("UPDATE inventory_movement SET booked_at = %s WHERE unit_kind = 'packs'", datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
    by_hand("UPDATE inventory_movement SET booked_at = %s WHERE id = %s", datetime(2026, 3, 2, 23, 30, tzinfo=UTC), last.pk)
    assert broken(shop.account).keys() == {"I15"}
    shop.account.time_zone = "America/New_York"
    shop.account.save()
    assert broken(shop.account) == {}
    assert first.pk < last.pk


def test_another_accounts_trouble_is_not_in_the_report(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET packs = 0")
    assert broken(make_account("Other")) == {}


def test_the_number_is_exact_where_the_sample_ends(shop: Shop) -> None:
    for number in range(25):
        Level.objects.create(
            account=shop.account,
            product=shop.tea.__class__.objects.create(account=shop.account, sku=f"S{number}", sku_key=f"S{number}"),
            warehouse=shop.place,
            ledger=True,
            units=Decimal(1),
            changed_at=timezone.now(),
        )
    report = checked(shop.account)
    first = report.checks[0]
    assert (first["offenders"], len(first["sample"])) == (25, 20)
    assert report.offenders == 50
    assert integrity.in_words(report) == "50 things break an invariant: I1 25, I11 25."


def test_more_stock_takes_no_more_statements(shop: Shop) -> None:
    with CaptureQueriesContext(connection) as few:
        integrity.check(shop.actor)
    for _ in range(5):
        shop.buy(3)
        shop.sell(2)
    with CaptureQueriesContext(connection) as many:
        integrity.check(shop.actor)
    assert len(many) == len(few) < 45


def test_a_report_is_kept(shop: Shop) -> None:
    report = IntegrityReport.objects.get(pk=integrity.check(shop.actor).pk)
    assert (report.asked_by, report.offenders, report.account_id) == ("Mara", 0, shop.account.pk)
    assert report.started_at <= report.finished_at


def long_ago() -> datetime:
    return timezone.now() - timedelta(days=40)


def just_now() -> datetime:
    return timezone.now() - timedelta(seconds=30)
