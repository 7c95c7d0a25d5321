"""Facts of outside systems by the thousand: `POST /api/purchases/bulk` and `/api/sales/bulk`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.scoping import acting
from inventory import ledger
from inventory.api.bulkbodies import (
    MOST,
    RESULTS,
    FactSerializer,
    OutcomeSerializer,
    PurchaseFactSerializer,
    PurchaseFactsSerializer,
    SaleFactSerializer,
    SaleFactsSerializer,
)
from inventory.ledger import BulkOutcome, PurchaseFact, SaleFact
from inventory.ledger.bulkfacts import Tally, once
from inventory.models import Cause, Purchase, Sale
from jobs.api.keyed import KEY, answered_once

AT_ONCE = 1000
Row = Purchase | Sale
AnyFact = PurchaseFact | SaleFact


class BulkSalesView(APIView):
    """Sales that have happened, whatever the counters say."""

    operation = "sale.add"

    @extend_schema(operation_id="sales_bulk", request=SaleFactsSerializer, responses=OutcomeSerializer, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Book sales that an outside system has made. What is not there is a shortfall; what is wrong is refused alone."""

        def book(actor: Actor, facts: Sequence[Any]) -> BulkOutcome:
            return ledger.sell_many(actor, facts, cause=Cause.API)

        return _answered(request, self.operation, SaleFactSerializer(), SaleFact, Sale, book)


class BulkPurchasesView(APIView):
    """Purchases that have happened."""

    operation = "purchase.add"

    @extend_schema(operation_id="purchases_bulk", request=PurchaseFactsSerializer, responses=OutcomeSerializer, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Book purchases that an outside system has made; sales that are short take from them. What is wrong is refused alone."""

        def book(actor: Actor, facts: Sequence[Any]) -> BulkOutcome:
            return ledger.receive_many(actor, facts, cause=Cause.API)

        return _answered(request, self.operation, PurchaseFactSerializer(), PurchaseFact, Purchase, book)


def _answered(
    request: Request,
    operation: str,
    serializer: FactSerializer,
    kind: type[AnyFact],
    model: type[Row],
    book: Callable[[Actor, Sequence[Any]], BulkOutcome],
) -> Response:
    given, actor = _listed(request.data), acting(request)

    def do() -> tuple[int, Any]:
        read = [_read(each, serializer, kind) for each in given]
        facts = [each for each in read if not isinstance(each, str)]
        before = _stored(model, actor, facts)
        outcome = book(actor, facts)
        results = _results(given, read, before, _stored(model, actor, facts), dict(outcome.held))
        counts = {name: sum(each["result"] == name for each in results) for name in RESULTS}
        said = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
        body = {"message": f"{len(results):,} facts: {said}.", "counts": counts, "settled": outcome.settled, "facts": results}
        return 200, dict(OutcomeSerializer(body).data)

    # Not the operation itself: one fact and many are different requests.
    return answered_once(request, actor, f"{operation} bulk", do)


def _listed(body: Any) -> list[Any]:
    facts = body.get("facts") if isinstance(body, Mapping) else None
    if not isinstance(facts, list) or not 1 <= len(facts) <= MOST:
        raise serializers.ValidationError({"facts": [f"Send a list of 1 to {MOST:,} facts."]})
    unknown = sorted(str(name) for name in body if name != "facts")
    if unknown:
        raise serializers.ValidationError({name: ["There is no such field here. There is: facts."] for name in unknown})
    return facts


def _read(given: Any, serializer: FactSerializer, kind: type[AnyFact]) -> AnyFact | str:
    """The fact, or why it is none."""
    try:
        return kind(**serializer.run_validation(given))
    except serializers.ValidationError as error:
        found = error.detail if isinstance(error.detail, dict) else {"fact": error.detail}
        return " ".join(f"{name}: {' '.join(map(str, said))}" for name, said in found.items())


def _stored(model: type[Row], actor: Actor, facts: Sequence[AnyFact]) -> dict[str, Row]:
    """What is booked under the keys of these facts."""
    keys = sorted({fact.source_key for fact in facts})
    found: dict[str, Row] = {}
    for start in range(0, len(keys), AT_ONCE):
        rows = model._default_manager.filter(account=actor.account, source_key__in=keys[start : start + AT_ONCE])
        found.update((str(row.source_key), row) for row in rows)
    return found


def _results(
    given: Sequence[Any], read: Sequence[AnyFact | str], before: Mapping[str, Row], after: Mapping[str, Row], held: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What became of each fact, in the order in which they were sent."""
    counted = {id(fact) for fact in once([each for each in read if not isinstance(each, str)], Tally())}
    results: list[dict[str, Any]] = []
    for sent, fact in zip(given, read, strict=True):
        if isinstance(fact, str):
            key = sent.get("source_key", "") if isinstance(sent, Mapping) else ""
            results.append(
                {"source_key": _storable(str(key)[:200]), "result": "refused", "id": None, "shortfall": 0, "message": _storable(fact)}
            )
            continue
        stored, message = after.get(fact.source_key), ""
        shortfall = stored.shortfall if isinstance(stored, Sale) else 0
        if id(fact) not in counted:
            result = "repeated"
        elif fact.source_key in held:
            result, message = "refused", held[fact.source_key]
        elif fact.source_key in before:
            result = "repeated" if fact.revision <= before[fact.source_key].revision else "corrected"
        elif stored is not None:
            result = "short" if shortfall else "booked"
        else:
            result = "empty" if fact.void or not fact.quantity else "history"
        row = {"source_key": fact.source_key, "result": result, "id": stored and stored.pk, "shortfall": shortfall, "message": message}
        results.append(row)
    return results


def _storable(text: str) -> str:
    """What was sent, as an answer that is kept may quote it: PostgreSQL holds no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
