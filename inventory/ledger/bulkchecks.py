"""Which facts can be booked. The sentences say what is wrong with the others and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from accounts.models import Account
from inventory.keys import trimmed
from inventory.ledger.bulkfacts import LONGEST_KEY, Fact, PurchaseFact, SaleFact, TransferFact
from inventory.ledger.facts import CLOCKS_DIFFER, COST_PLACES, LARGEST_MONEY, ends
from inventory.models import IssuePurpose, Product, ReceiptPurpose, StockSettings, UnitKind, Vendor, Warehouse, WarehouseMode
from inventory.quantity import to_thousandths

AT_ONCE = 1000
LARGEST_REVISION = 2**31 - 1
LONGEST_LOT = 80
LONGEST_REFERENCE = 100
Anything = TypeVar("Anything")


@dataclass
class Catalogue:
    """What facts are checked against: which products may be fractional, the warehouses, the vendors, and the time."""

    account: Account
    settings: StockSettings
    now: datetime
    fractional: dict[int, bool] = field(default_factory=dict)
    warehouses: dict[int, Warehouse] = field(default_factory=dict)
    vendors: set[int] = field(default_factory=set)

    def read(self, facts: Sequence[Fact]) -> None:
        """Look up what these facts name, in two or three statements."""
        products = {fact.product_id for fact in facts} - self.fractional.keys()
        rows = Product.objects.filter(account=self.account, pk__in=products).order_by()
        self.fractional.update(rows.values_list("pk", "fractional"))
        self.read_places({fact.warehouse_id for fact in facts})
        vendors = {fact.vendor_id for fact in facts if isinstance(fact, PurchaseFact) and fact.vendor_id is not None} - self.vendors
        if vendors:
            self.vendors.update(Vendor.objects.filter(account=self.account, pk__in=vendors).values_list("pk", flat=True))

    def read_places(self, places: Collection[int]) -> None:
        """Look up these warehouses."""
        missing = set(places) - self.warehouses.keys()
        if missing:
            self.warehouses.update(Warehouse.objects.filter(account=self.account).in_bulk(missing))


def wrong(fact: Fact, known: Catalogue) -> str:
    """Why the fact can't be booked and what to do, in a sentence; blank where it can."""
    return (
        _wrong_key(fact)
        or _wrong_place(fact, known)
        or ("" if is_void(fact) else _wrong_quantity(fact, known))
        or _wrong_time(fact.at, known)
        or (_wrong_sale(fact) if isinstance(fact, SaleFact) else "")
        or (_wrong_purchase(fact, known) if isinstance(fact, PurchaseFact) else "")
    )


def is_void(fact: Fact | TransferFact) -> bool:
    """Whether the fact says that it never was."""
    return fact.void or (fact.revision > 0 and fact.quantity in (0, "0"))


def is_history(fact: Fact, warehouse: Warehouse) -> bool:
    """Whether it happened before the warehouse was opened here, and so is in its opening count."""
    return warehouse.opened_at is not None and fact.at < warehouse.opened_at


def money(value: Any) -> Decimal | None:
    """An amount of an outside system to four places, as it is kept."""
    return None if value is None else Decimal(str(value)).quantize(COST_PLACES)


def reference_of(fact: Fact) -> str:
    """The bill or order as it is kept: an overlong one is cut."""
    return trimmed(fact.reference.replace("\0", ""))[:LONGEST_REFERENCE]


def expiry_instant(fact: PurchaseFact, known: Catalogue) -> datetime | None:
    """From when on the goods are not sold any more."""
    if fact.expires_on is not None:
        return ends(fact.expires_on, known.settings, known.account.time_zone)
    return fact.expires_at


def _wrong_key(fact: Fact) -> str:
    if not fact.source_key:
        return "it has no source key, by which it would be booked once only. Let the source name one."
    if len(fact.source_key) > LONGEST_KEY or "\0" in fact.source_key:
        return f"its source key has more than {LONGEST_KEY} characters, or one that can't be stored. Let the source name a shorter one."
    if not 0 <= fact.revision <= LARGEST_REVISION:
        return f"revision {fact.revision} is not possible. Revisions count up from 0."
    return ""


def _wrong_place(fact: Fact, known: Catalogue) -> str:
    if fact.product_id not in known.fractional:
        return f"there is no product {fact.product_id} in this business account. Say which product it is, then read it again."
    warehouse = known.warehouses.get(fact.warehouse_id)
    if warehouse is None:
        return f"there is no warehouse {fact.warehouse_id} in this business account. Say which warehouse it is, then read it again."
    if warehouse.mode != WarehouseMode.LEDGER:
        return f"the stock of {warehouse} follows an outside system, so nothing is booked there. Choose another warehouse for it."
    if not warehouse.active:
        return f"{warehouse} is out of use. Put it into use again, or choose another warehouse for it."
    if fact.unit_kind not in UnitKind.values:
        return f"there is no unit kind “{fact.unit_kind}”. Use {', '.join(UnitKind.values)}."
    return ""


def _wrong_quantity(fact: Fact, known: Catalogue) -> str:
    try:
        thousandths = to_thousandths(fact.quantity)
    except ValueError as error:
        return f"its quantity can't be used: {error} Correct it where it comes from."
    if thousandths <= 0:
        return (
            f"its quantity is {fact.quantity}, and has to be above zero. Correct it where it comes from; send what came back as a return."
        )
    if thousandths % 1000 and not known.fractional[fact.product_id]:
        return (
            f"its quantity is {fact.quantity}, and the product is counted in whole numbers. Allow fractions of the product, or correct it."
        )
    return ""


def _wrong_time(at: datetime, known: Catalogue) -> str:
    if at.tzinfo is None:
        return "its time does not say in which time zone. Let the source say so."
    if at > known.now + CLOCKS_DIFFER:
        return f"it is dated {at:%Y-%m-%d %H:%M}, which is in the future. Correct the source's clock; read again later, it is booked."
    return ""


def _wrong_purpose(purpose: str, known: Sequence[str]) -> str:
    return "" if purpose in known else f"there is no purpose “{purpose}”. Use {', '.join(known)}."


def _wrong_money(value: Any, what: str) -> str:
    if value is None:
        return ""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return f"its {what} “{value}” is not an amount of money. Correct it where it comes from."
    if not amount.is_finite() or not 0 <= amount < LARGEST_MONEY:
        return f"its {what} is {value}; it has to be at least 0 and below {LARGEST_MONEY:,}. Correct it where it comes from."
    return ""


def _wrong_sale(fact: SaleFact) -> str:
    return _wrong_purpose(fact.purpose, IssuePurpose.values) or _wrong_money(fact.price, "price")


def _wrong_purchase(fact: PurchaseFact, known: Catalogue) -> str:
    if sentence := _wrong_purpose(fact.purpose, ReceiptPurpose.values):
        return sentence
    if fact.expires_on is not None and fact.expires_at is not None:
        return "it has an expiry day and an expiry instant. Send one of them."
    if fact.expires_at is not None and fact.expires_at.tzinfo is None:
        return "its expiry does not say in which time zone. Let the source say so."
    try:
        expiry_instant(fact, known)
    except ValidationError as error:
        return f"its expiry can't be used: {' '.join(error.messages)}"
    if len(fact.lot) > LONGEST_LOT or "\0" in fact.lot:
        return f"its lot number has more than {LONGEST_LOT} characters, or one that can't be stored. Correct it where it comes from."
    if fact.vendor_id is not None and fact.vendor_id not in known.vendors:
        return f"there is no vendor {fact.vendor_id} in this business account. Say which vendor it is, then read it again."
    return _wrong_money(fact.unit_cost, "unit cost")


def slices(many: Iterable[Anything], size: int = AT_ONCE) -> Iterator[list[Anything]]:
    """The same in lists of at most `size`."""
    rest = iter(many)
    while part := list(islice(rest, size)):
        yield part
