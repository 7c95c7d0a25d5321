"""Whether an account's ledger agrees with itself, by plain queries and a list of its own of what each movement means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import Account, AuditLog
from inventory.models import Allocation, Batch, Level, Movement, Sale

KINDS = ("pallets", "packs", "units")
ZERO = Decimal(0)

# By kind: the column that a movement into the batch changes, the one that a movement out of it changes, each with its sign.
COLUMNS = {
    "receipt": ("received", 1),
    "receipt_edit": ("received", 1),
    "return": ("received", 1),
    "sale_return": ("received", 1),
    "manufacture": ("received", 1),
    "found": ("received", 1),
    "arrived": ("received", 1),
    "count_gain": ("gained", 1),
    "sale": ("sold", -1),
    "sale_reversal": ("sold", -1),
    "vendor_return": ("sold", -1),
    "consumption": ("sold", -1),
    "wastage": ("sold", -1),
    "sent": ("sold", -1),
    "issue_reversal": ("sold", -1),
    "write_off": ("written_off", -1),
    "count_loss": ("written_off", -1),
    "transfer_out": ("moved_out", -1),
    "receipt_void": ("voided", -1),
}
BY_DIRECTION = {"transfer_in": ("received", "voided"), "unit_break": ("received", "broken")}
UNMOVED = {"expiry", "expiry_lifted", "correction"}
MOVED = ("received", "gained", "sold", "written_off", "moved_out", "broken", "voided")


def prove(account: Account, *, unknown_sales: Collection[int] = ()) -> None:
    """Assert every invariant of the account's ledger: counters, batches, sales, movements and audit tell one story.

    `unknown_sales` are ids of sales whose batches nobody knows, for which no allocations can speak.
    """
    _counters_are_what_batches_hold(account)
    _batches_are_what_movements_brought(account)
    _counters_ran_as_movements_say(account)
    _sales_are_what_allocations_hold(account, unknown_sales)
    _nothing_moved_unseen(account)
    _nobody_is_short_of_what_is_there(account)


def _counters_are_what_batches_hold(account: Account) -> None:
    counted: dict[tuple[int, int, str], Decimal] = defaultdict(lambda: ZERO)
    for batch in Batch.objects.filter(account=account, remaining__gt=0, expiry_booked_at__isnull=True):
        counted[batch.product_id, batch.warehouse_id, batch.unit_kind] += batch.remaining
    stored = {
        (level.product_id, level.warehouse_id, kind): getattr(level, kind)
        for level in Level.objects.filter(account=account, ledger=True)
        for kind in KINDS
    }
    assert {key: value for key, value in stored.items() if value} == dict(counted)


def _batches_are_what_movements_brought(account: Account) -> None:
    moved: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for movement in Movement.objects.filter(account=account, batch__isnull=False):
        if movement.kind in UNMOVED:
            assert movement.batch_delta == 0, movement
            continue
        if movement.kind in BY_DIRECTION:
            incoming, outgoing = BY_DIRECTION[movement.kind]
            column, sign = (incoming, 1) if movement.batch_delta > 0 else (outgoing, -1)
        else:
            column, sign = COLUMNS[movement.kind]
        moved[movement.batch_id][column] += sign * movement.batch_delta
        moved[movement.batch_id]["remaining"] += movement.batch_delta
        assert movement.level_delta in (0, movement.batch_delta), movement
    for batch in Batch.objects.filter(account=account):
        columns = {name: getattr(batch, name) for name in (*MOVED, "remaining")}
        assert columns == {name: moved[batch.pk][name] for name in columns}, batch
        assert min(columns.values()) >= 0, batch
        gone = batch.sold + batch.written_off + batch.moved_out + batch.broken + batch.voided
        assert batch.received + batch.gained == gone + batch.remaining, batch
        assert batch.state == _state(batch), batch


def _state(batch: Batch) -> str:
    if batch.voided_at is not None:
        return "VOID"
    if not batch.remaining:
        return "DEPLETED"
    if batch.expiry_booked_at is not None:
        assert batch.expires_at is not None
        assert batch.expires_at <= timezone.now()
        return "EXPIRED"
    return "ACTIVE"


def _counters_ran_as_movements_say(account: Account) -> None:
    running: dict[tuple[int, int, str], Decimal] = defaultdict(lambda: ZERO)
    for movement in Movement.objects.filter(account=account, warehouse__mode="ledger").order_by("id"):
        key = (movement.product_id, movement.warehouse_id, movement.unit_kind)
        running[key] += movement.level_delta
        assert movement.level_after == running[key], movement
    for level in Level.objects.filter(account=account, ledger=True):
        for kind in KINDS:
            assert getattr(level, kind) == running[level.product_id, level.warehouse_id, kind], level


def _sales_are_what_allocations_hold(account: Account, unknown_sales: Collection[int]) -> None:
    by_sale = _held(account, "sale_id")
    for sale in Sale.objects.filter(account=account).exclude(pk__in=unknown_sales):
        held = by_sale.get(sale.pk, ZERO)
        if sale.status == "cancelled":
            assert (held, sale.shortfall) == (0, 0), sale
        else:
            assert sale.quantity == held + sale.returned + sale.shortfall, sale
    by_batch = _held(account, "batch_id")
    assert {batch.pk: batch.sold for batch in Batch.objects.filter(account=account, sold__gt=0)} == {
        batch: held for batch, held in by_batch.items() if held
    }
    same = {"batch__product": F("sale__product"), "batch__warehouse": F("sale__warehouse"), "batch__unit_kind": F("sale__unit_kind")}
    assert not Allocation.objects.filter(account=account).exclude(**same).exists()


def _held(account: Account, by: str) -> dict[int, Decimal]:
    rows = Allocation.objects.filter(account=account).order_by().values_list(by)
    return {pk: quantity - released for pk, quantity, released in rows.annotate(Sum("quantity"), Sum("released"))}


def _nothing_moved_unseen(account: Account) -> None:
    told = set(AuditLog.objects.filter(account=account).values_list("correlation", flat=True))
    # Facts of outside systems have a correlation each, and one row of the log for all that were booked at one instant.
    together = set(AuditLog.objects.filter(account=account, action="BOOK_MANY").values_list("after__booked_at", flat=True))
    for movement in Movement.objects.filter(account=account, warehouse__mode="ledger"):
        assert movement.correlation in told or movement.booked_at.isoformat() in together, movement


def _nobody_is_short_of_what_is_there(account: Account) -> None:
    for sale in Sale.objects.filter(account=account, status="booked", shortfall__gt=0):
        where = {"product": sale.product_id, "warehouse": sale.warehouse_id}
        if not Level.objects.filter(quarantined_at__isnull=False, **where).exists():
            there = Batch.objects.filter(remaining__gt=0, expiry_booked_at__isnull=True, unit_kind=sale.unit_kind, **where)
            assert not there.exclude(expires_at__lte=timezone.now()).exists(), sale
