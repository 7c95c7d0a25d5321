"""Asking whether levels agree with their batches, and having them set right: `/api/stock/verify` and `/api/stock/reconcile`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.api import OwnedRelatedField
from accounts.scoping import acting
from inventory import reconcile
from inventory.api.fields import CountersSerializer, KnownFieldsOnly, QuantityNumber
from inventory.api.reconciliations import BUSY, ReconciliationSerializer, busy, told
from inventory.errors import AlreadyReconciling
from inventory.ledger.counters import Counters, Key
from inventory.models import RECONCILING, Cause, DriftClass, DriftOutcome, Level, Product, Reconciliation, Warehouse
from inventory.reconcile import Difference
from jobs.api.keyed import KEY, key_of
from jobs.api.prefer import LONGEST, place_to_wait, wanted_wait
from jobs.idempotency import once

MOST = 1000
POLL_SECONDS = 0.25


class ScopeSerializer(KnownFieldsOnly):
    product = OwnedRelatedField(queryset=Product.objects.all(), required=False, allow_null=True, help_text="Only this one.")
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all(), required=False, allow_null=True, help_text="Only this one.")


class AskedSerializer(ScopeSerializer):
    after = serializers.RegexField(r"\A[0-9]{1,18}-[0-9]{1,18}\Z", required=False, help_text="The `next` of the page before.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, default=100)


class DifferenceSerializer(serializers.Serializer[Any]):
    product = serializers.IntegerField(source="product_id", help_text="Its id.")
    sku = serializers.SerializerMethodField()
    warehouse = serializers.IntegerField(source="warehouse_id", help_text="Its id.")
    warehouse_code = serializers.SerializerMethodField()
    drift_class = serializers.ChoiceField(choices=DriftClass.choices)
    outcome = serializers.ChoiceField(choices=DriftOutcome.choices, help_text="What a pass did or would do: found ones are corrected.")
    before = CountersSerializer(help_text="What the level says.")
    after = CountersSerializer(help_text="What its batches say.")
    difference = CountersSerializer(source="change", help_text="After less before.")

    def get_sku(self, each: Difference) -> str:
        return str(self.context["skus"].get(each.product_id, ""))

    def get_warehouse_code(self, each: Difference) -> str:
        return str(self.context["codes"].get(each.warehouse_id, ""))


class ProvedSerializer(serializers.Serializer[Any]):
    stored = CountersSerializer(help_text="What the level says.")
    batches = CountersSerializer(help_text="What its batches say.")
    difference = CountersSerializer(allow_null=True, help_text="Batches less stored; null where they agree.")


class VerifiedSerializer(serializers.Serializer[Any]):
    agrees = serializers.BooleanField()
    message = serializers.CharField()
    scanned = serializers.IntegerField(help_text="Levels that were compared.")
    drifted = serializers.IntegerField(help_text="How many of them differ, on whatever page.")
    classes = serializers.DictField(child=serializers.IntegerField(), help_text="How many of each class.")
    level = ProvedSerializer(allow_null=True, help_text="The one level, where product and warehouse are given.")
    next = serializers.CharField(allow_null=True, help_text="Give it as `after` for the following page; null at the end.")
    results = DifferenceSerializer(many=True)


class VerifyView(APIView):
    """Whether levels agree with their batches. Never writes: the database itself is told to refuse it."""

    operation = "stock.verify"

    @extend_schema(
        operation_id="stock_verify",
        parameters=[
            OpenApiParameter("product", OpenApiTypes.INT, description="The product's id."),
            OpenApiParameter("warehouse", OpenApiTypes.INT, description="The warehouse's id."),
            OpenApiParameter("after", OpenApiTypes.STR, description="The `next` of the page before."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"Differences on a page, from 1 to {MOST}; 100 when left out."),
        ],
        responses=VerifiedSerializer,
    )
    def get(self, request: Request) -> Response:
        """All levels of a moment, or those of a product, a warehouse or both; those that differ, in pages."""
        given = AskedSerializer(data=request.query_params.dict(), context={"request": request})
        given.is_valid(raise_exception=True)
        wanted, actor = given.validated_data, acting(request)
        product, warehouse, after = wanted.get("product"), wanted.get("warehouse"), wanted.get("after")
        found = reconcile.verify(
            actor,
            product=product,
            warehouse=warehouse,
            after=Key(*map(int, after.split("-"))) if after else None,
            limit=wanted["limit"],
        )
        clean = f"All {found.scanned} levels agree with their batches." if found.scanned != 1 else "The level agrees with its batches."
        body = {
            "agrees": not found.drifted,
            "message": f"{found.drifted} of {found.scanned} levels differ." if found.drifted else clean,
            "scanned": found.scanned,
            "drifted": found.drifted,
            "classes": {each.value: number for each, number in found.classes.items()},
            "level": _proved(product, warehouse, found.drifts) if product and warehouse else None,
            "next": f"{found.next.product_id}-{found.next.warehouse_id}" if found.next else None,
            "results": found.drifts,
        }
        return Response(VerifiedSerializer(body, context=_named(found.drifts)).data)


class ReconcileSerializer(ScopeSerializer):
    """A pass over all that is kept here, or over one product or warehouse. The limits are the account's where none are given."""

    limit_rows = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=10**9, help_text="Ask a person when more levels differ."
    )
    limit_quantity = QuantityNumber(required=False, allow_null=True, help_text="Ask a person when more stock differs, all kinds together.")


class ReconcileView(APIView):
    """Set levels right that differ from their batches, by a pass that a worker does."""

    operation = "stock.reconcile"

    @extend_schema(
        operation_id="stock_reconcile",
        request=ReconcileSerializer,
        parameters=[
            OpenApiParameter(
                "Prefer",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description=f"`wait=N`: answer when it has ended, after N seconds at the latest ({LONGEST} at most).",
            ),
            KEY,
        ],
        responses={
            200: OpenApiResponse(ReconciliationSerializer, description="Waited for, and ended."),
            202: OpenApiResponse(ReconciliationSerializer, description="Started; `Location` is the pass."),
            409: BUSY,
        },
    )
    def post(self, request: Request) -> Response:
        """Start a pass. Where more differs than the limits allow it writes nothing, and a manager approves it or not."""
        wanted = _scope(request)
        seconds, actor = wanted_wait(request), acting(request)
        try:
            number, replayed = _start(actor, wanted, key_of(request))
        except AlreadyReconciling as found:
            return busy(found)
        mine = Reconciliation.objects.filter(account=actor.account)
        run, waited = mine.get(pk=number), bool(seconds)
        if seconds and run.status in RECONCILING:
            with place_to_wait() as waited:
                if waited:
                    _wait(run, seconds)
        headers = {"Preference-Applied": f"wait={seconds}"} if waited else {}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return told(run, 200 if seconds and run.status not in RECONCILING else 202, **headers)


class DryRunSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    would_ask = serializers.BooleanField(help_text="Whether it would write nothing and ask a person.")
    counters = serializers.DictField(help_text="As those of a pass.")
    differences = DifferenceSerializer(many=True, help_text="The first 1,000.")


class ReconcilePreviewView(APIView):
    """What a pass would do."""

    operation = "stock.reconcile"

    @extend_schema(operation_id="stock_reconcile_preview", request=ReconcileSerializer, responses=DryRunSerializer)
    def post(self, request: Request) -> Response:
        """Do all that a pass would do now, and roll it back."""
        found = reconcile.dry_run(acting(request), cause=Cause.API, **_arguments(_scope(request)))
        body = {
            "message": found.sentence,
            "would_ask": bool(found.stopped),
            "counters": found.figures.as_json(),
            "differences": found.differences,
        }
        return Response(DryRunSerializer(body, context=_named(found.differences)).data)


def _scope(request: Request) -> dict[str, Any]:
    given = ReconcileSerializer(data=request.data, context={"request": request})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _arguments(wanted: dict[str, Any]) -> dict[str, Any]:
    limits = {name: wanted[f"limit_{name}"] for name in ("rows", "quantity") if wanted.get(f"limit_{name}") is not None}
    return {"product": wanted.get("product"), "warehouse": wanted.get("warehouse"), "limits": limits or None}


def _start(actor: Actor, wanted: dict[str, Any], key: str) -> tuple[int, bool]:
    """The id of the pass that this request started, and whether an earlier one with the same key did."""

    def do() -> tuple[int, dict[str, int]]:
        return 202, {"reconciliation": reconcile.start(actor, cause=Cause.API, **_arguments(wanted)).pk}

    if not key:
        return do()[1]["reconciliation"], False
    asked = json.dumps({name: getattr(value, "pk", value) for name, value in wanted.items()}, sort_keys=True, default=str)
    _, body, replayed = once(actor, "stock.reconcile", key, hashlib.sha256(asked.encode()).hexdigest(), do)
    return body["reconciliation"], replayed


def _wait(run: Reconciliation, seconds: float) -> None:
    """Until the pass is over or waits for a person, `seconds` at most."""
    until = time.monotonic() + seconds
    while run.status in RECONCILING and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()


def _named(differences: Iterable[Difference]) -> dict[str, Any]:
    """What the products and warehouses of these are called."""
    found = list(differences)
    products = Product.objects.filter(pk__in={each.product_id for each in found})
    warehouses = Warehouse.objects.filter(pk__in={each.warehouse_id for each in found})
    return {"skus": dict(products.values_list("pk", "sku")), "codes": dict(warehouses.values_list("pk", "code"))}


def _proved(product: Product, warehouse: Warehouse, drifts: Iterable[Difference]) -> dict[str, Any]:
    for each in drifts:
        return {"stored": each.before, "batches": each.after, "difference": each.change}
    level = Level.objects.filter(product=product, warehouse=warehouse).first()
    stored = Counters(level.pallets, level.packs, level.units) if level else Counters()
    return {"stored": stored, "batches": stored, "difference": None}
