"""What a movement belongs to: the purchase, the sale and so on, under the name people know it by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from inventory.ledger.purposes import ISSUES, RECEIPTS, REVERSALS
from inventory.models import (
    ISSUE_NAMES,
    RECEIPT_NAMES,
    Cause,
    CountLine,
    CustomerReturn,
    IssuePurpose,
    Movement,
    MovementKind,
    Purchase,
    ReceiptPurpose,
    Sale,
    Transfer,
    WriteOff,
)


@dataclass(frozen=True)
class Document:
    """`kind` is one of purchase, sale, return, write_off, transfer and count; `id` is its own; `label` names it in words.

    What came in or went out for another purpose is a purchase or a sale, too, and named by its purpose.
    """

    kind: str
    id: int
    label: str


_BY_KIND = {
    **dict.fromkeys(RECEIPTS, "purchase"),
    MovementKind.RECEIPT_EDIT: "purchase",
    MovementKind.RECEIPT_VOID: "purchase",
    **dict.fromkeys((*ISSUES, *REVERSALS), "sale"),
    MovementKind.RETURN: "return",
    MovementKind.WRITE_OFF: "write_off",
    MovementKind.COUNT_GAIN: "count",
    MovementKind.COUNT_LOSS: "count",
    MovementKind.TRANSFER_OUT: "transfer",
    MovementKind.TRANSFER_IN: "transfer",
}

KINDS = tuple(sorted(set(_BY_KIND.values())))


def of(kind: str, pk: int) -> Q:
    """The movements of one document; `kind` is one of KINDS."""
    kinds = [movement for movement, document in _BY_KIND.items() if document == kind]
    if kind == "count":
        return Q(kind__in=kinds, document_id__in=CountLine.objects.filter(count=pk).values("pk"))
    found = Q(kind__in=kinds, document_id=pk)
    if kind == "return":
        # What came back of a known sale reverses this sale, and shares its fact with the return.
        fact = CustomerReturn.objects.filter(pk=pk).values("correlation")
        found |= Q(kind=MovementKind.SALE_REVERSAL, cause=Cause.CUSTOMER_RETURN, correlation__in=fact)
    return found


def kind_of(movement: Movement) -> str:
    """The kind of document that `document_id` of the movement is the id of; empty without one."""
    if movement.document_id is None:
        return ""
    return _BY_KIND.get(MovementKind(movement.kind), "")


def documents_of(movements: Iterable[Movement]) -> dict[int, Document]:
    """The document of each of these movements that has one, by the movement's id. A statement for each kind among them, six at most."""
    by_kind: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for movement in movements:
        if kind := kind_of(movement):
            assert movement.document_id is not None
            by_kind[kind][movement.document_id].append(movement.pk)
    return {
        movement: Document(kind, *found)
        for kind, wanted in by_kind.items()
        for pk, found in _named(kind, list(wanted)).items()
        for movement in wanted[pk]
    }


def _named(kind: str, pks: list[int]) -> dict[int, tuple[int, str]]:
    """The id and the label of the documents, by what movements call them: a count's line stands for its count."""
    if kind == "count":
        lines = CountLine.objects.filter(pk__in=pks).values_list("pk", "count_id", "count__opening")
        return {pk: (count, f"{'Opening count' if opening else 'Count'} {count}") for pk, count, opening in lines}
    if kind == "purchase":
        purchases = Purchase.objects.filter(pk__in=pks).values_list("pk", "purpose", "reference")
        return {pk: (pk, _with(f"{RECEIPT_NAMES[ReceiptPurpose(purpose)]} {pk}", reference)) for pk, purpose, reference in purchases}
    if kind == "sale":
        sales = Sale.objects.filter(pk__in=pks).values_list("pk", "purpose", "reference")
        return {pk: (pk, _with(f"{ISSUE_NAMES[IssuePurpose(purpose)]} {pk}", reference)) for pk, purpose, reference in sales}
    if kind == "return":
        returns = CustomerReturn.objects.filter(pk__in=pks).values_list("pk", "sale")
        return {pk: (pk, _with(f"Return {pk}", f"of sale {sale}" if sale else "")) for pk, sale in returns}
    if kind == "write_off":
        return {
            row.pk: (row.pk, _with(f"Write-off {row.pk}", row.get_reason_display().lower())) for row in WriteOff.objects.filter(pk__in=pks)
        }
    transfers = Transfer.objects.filter(pk__in=pks).values_list("pk", "source__code", "target__code")
    return {pk: (pk, f"Transfer {pk}, {source} to {target}") for pk, source, target in transfers}


def _with(name: str, more: str) -> str:
    return f"{name}, {more}" if more else name
