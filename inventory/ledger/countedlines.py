"""Lines of counts as people give them: each is read, and no two may count the same goods (docs/ledger.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Account
from inventory.ledger.counters import ZERO
from inventory.ledger.facts import kind_of, money_of, quantity_of, text_of
from inventory.models import Batch, Count, CountLine, Product
from inventory.quantity import to_thousandths

PROBLEMS_SHOWN = 50


@dataclass(frozen=True)
class CountedLine:
    """So much of a product that somebody counted: all of it, or what lies in one `batch`, or has this lot or this day on the package.

    `unit_cost` is what one costs of what is found beyond what was known; empty is the average of what is there. `place` is where the line
    stands, for sentences about it.
    """

    product: Product
    unit_kind: str
    counted: Any
    batch: Batch | None = None
    lot: str = ""
    expires_on: date | None = None
    unit_cost: Any = None
    note: str = ""
    place: str = ""


def rows_of(count: Count, given: Sequence[CountedLine]) -> list[CountLine]:
    """The lines of a count, not stored yet and without what was known. Raises ValidationError with a sentence for each that is wrong.

    Raises Product.DoesNotExist for a product of another account. A constant number of statements.
    """
    products = products_of(count.account, given)
    rows: list[CountLine] = []
    wrong: list[str] = []
    places = [line.place or f"Line {number}" for number, line in enumerate(given, 1)]
    for place, line in zip(places, given, strict=True):
        try:
            rows.append(row_of(count, line, products))
        except ValidationError as error:
            wrong.extend(f"{place}, {field}: {sentence}" for field, said in error.message_dict.items() for sentence in said)
    if not wrong:
        for first, second in clashes(rows, opening=count.opening):
            what = f"{rows[second].unit_kind} of {rows[second].product}"
            wrong.append(f"{places[second]}: {what} are counted in {places[first].lower()} already. Enter their sum once.")
    if wrong:
        more = len(wrong) - PROBLEMS_SHOWN
        raise ValidationError({"lines": [*wrong[:PROBLEMS_SHOWN], *([f"{more} more lines are wrong."] if more > 0 else [])]})
    return rows


def products_of(account: Account, given: Iterable[CountedLine]) -> Mapping[int, Product]:
    """The products as they are stored. Raises Product.DoesNotExist."""
    wanted = {line.product.pk for line in given}
    products = {row.pk: row for row in Product.objects.filter(account=account, pk__in=wanted)}
    for pk in sorted(wanted - products.keys()):
        raise Product.DoesNotExist(f"There is no product {pk} in this business account.")
    return products


def row_of(count: Count, given: CountedLine, products: Mapping[int, Product]) -> CountLine:
    """One line, not stored yet and without what was known. Raises ValidationError naming a field."""
    product, kind = products[given.product.pk], kind_of(given.unit_kind)
    lot = text_of(given.lot, "lot", 80)
    batch = given.batch
    if batch is not None:
        if count.opening:
            raise ValidationError({"batch": "An opening count makes the first batches. Enter lot and expiry instead."})
        place = (batch.account_id, batch.product_id, batch.warehouse_id, batch.unit_kind)
        if place != (count.account_id, product.pk, count.warehouse_id, kind) or batch.voided_at is not None:
            raise ValidationError({"batch": f"Batch {batch.pk} is none of {kind} of {product} in {count.warehouse}."})
        if lot or given.expires_on is not None:
            raise ValidationError({"batch": "Enter either the batch, or lot and expiry."})
    return CountLine(
        account=count.account,
        count=count,
        product=product,
        unit_kind=kind,
        counted=counted_of(product, given.counted),
        batch=batch,
        lot=lot,
        expires_on=given.expires_on,
        unit_cost=None if given.unit_cost in (None, "") else money_of(given.unit_cost, "unit_cost"),
        note=text_of(given.note, "note", 300),
    )


def counted_of(product: Product, value: Any) -> Decimal:
    """A quantity of the product, or nothing of it. Raises ValidationError naming the field."""
    try:
        nothing = to_thousandths(value) == 0
    except ValueError:
        nothing = False
    return ZERO if nothing else quantity_of(product, value, "counted")


def clashes(rows: Sequence[CountLine], *, opening: bool) -> list[tuple[int, int]]:
    """The lines that count again what one before them counts: the place of that one and their own."""
    before: dict[tuple[int, str], list[int]] = defaultdict(list)
    found = []
    for place, row in enumerate(rows):
        others = before[row.product_id, row.unit_kind]
        first = next((other for other in others if _same_goods(rows[other], row, opening=opening)), None)
        if first is not None:
            found.append((first, place))
        others.append(place)
    return found


def _same_goods(one: CountLine, other: CountLine, *, opening: bool) -> bool:
    if one.batch is not None and other.batch is not None:
        return one.batch == other.batch
    if opening:
        # Every line becomes a batch, so lines without a lot may stand beside those with one.
        return (one.lot, one.expires_on) == (other.lot, other.expires_on)
    pairs = zip(_named(one), _named(other), strict=True)
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


def _named(row: CountLine) -> tuple[object, object]:
    """The lot and the expiry that a line is about; None for any."""
    if row.batch is not None:
        return row.batch.lot, row.batch.expires_on or "never"
    return row.lot or None, row.expires_on
