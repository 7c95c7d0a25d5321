"""Comparing a shop with what we know, and deciding what differs."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django_filters import CharFilter, FilterSet, MultipleChoiceFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.acting import Actor
from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter, between
from accounts.notthere import not_there
from config.pagination import NewestFirst
from inventory.api.bulkbodies import IdField
from inventory.api.fields import KnownFieldsOnly
from inventory.models import Item
from jobs.api.keyed import KEY, key_of
from jobs.api.prefer import LONGEST, place_to_wait, wanted_wait
from jobs.idempotency import once
from marketplaces import verify
from marketplaces.api.listinganswers import ChoiceSerializer
from marketplaces.errors import AlreadyVerifying
from marketplaces.models import Decision, Difference, DifferenceKind, Lot, Shop, Verification, VerificationStatus

GOING_ON = (VerificationStatus.QUEUED, VerificationStatus.RUNNING)
POLL_SECONDS = 0.2
MOST = 5000
DIFFERENCE = OpenApiParameter("difference", OpenApiTypes.INT, OpenApiParameter.PATH, description="The difference's id.")


class VerificationSerializer(serializers.ModelSerializer[Verification]):
    shop_name = serializers.CharField(source="shop.connection.name", read_only=True)
    status = serializers.ChoiceField(choices=VerificationStatus.choices, read_only=True)
    counters = serializers.DictField(read_only=True, help_text="lots, agreeing, and differences by kind.")

    class Meta:
        model = Verification
        fields = [
            "id",
            "shop",
            "shop_name",
            "status",
            "asked_by",
            "counters",
            "message",
            "hint",
            "code",
            "correlation",
            "queued_at",
            "started_at",
            "read_at",
            "finished_at",
        ]
        read_only_fields = fields


class ShopDifferenceSerializer(serializers.ModelSerializer[Difference]):
    choices = serializers.SerializerMethodField(help_text="What may be decided.")
    kind = serializers.ChoiceField(choices=DifferenceKind.choices, read_only=True)
    kind_in_words = serializers.CharField(source="get_kind_display", read_only=True)
    decision = serializers.ChoiceField(choices=Decision.choices, read_only=True)
    candidates = serializers.ListField(child=serializers.IntegerField(), read_only=True, help_text="Ids of items that it could be.")
    fields = serializers.DictField(read_only=True, help_text="Of each field: ours and the shop's.")  # type: ignore[assignment]
    lot = serializers.DictField(read_only=True, help_text="The lot as the shop shows it.")

    class Meta:
        model = Difference
        fields = [
            "id",
            "verification",
            "shop",
            "kind",
            "kind_in_words",
            "listing",
            "item",
            "candidates",
            "lot_id",
            "label",
            "fields",
            "lot",
            "choices",
            "decision",
            "decided_by",
            "decided_at",
            "outcome",
        ]
        read_only_fields = fields

    @extend_schema_field(ChoiceSerializer(many=True))
    def get_choices(self, difference: Difference) -> Any:
        return ChoiceSerializer(verify.choices_of(difference, ours=getattr(difference, "ours", None)), many=True).data


class NewVerificationSerializer(KnownFieldsOnly):
    shop = OwnedRelatedField(queryset=Shop.objects.select_related("connection"))


class DecideSerializer(KnownFieldsOnly):
    choice = serializers.CharField(max_length=60, help_text="The `key` of one of the difference's `choices`.")
    item = OwnedRelatedField(queryset=Item.objects.all(), required=False, help_text="Which item an unknown lot is.")
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=40),
        required=False,
        min_length=1,
        max_length=40,
        help_text="Which of those that differ are taken.",
    )


class DecideManySerializer(KnownFieldsOnly):
    """One choice for many differences: those with `ids`, or all open ones of a `kind`."""

    choice = serializers.CharField(max_length=60)
    ids = serializers.ListField(child=IdField(), required=False, min_length=1, max_length=MOST)
    kind = serializers.ChoiceField(choices=DifferenceKind.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("kind" in attrs):
            raise serializers.ValidationError({"ids": ["Give either ids or a kind."]})
        return attrs


class RefusedSerializer(serializers.Serializer[Any]):
    difference = serializers.IntegerField(help_text="Its id.")
    message = serializers.CharField()


class DecidedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    decided = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="How many of these a worker carries out.")
    refused = RefusedSerializer(many=True)


@between("queued_at", "Not asked for before this time.", "Asked for before this time.")
class VerificationFilter(FilterSet):  # type: ignore[misc]
    shop = IdFilter("shop_id", "The shop's id.")
    status = MultipleChoiceFilter(choices=VerificationStatus.choices, distinct=False, label="May be given several times.")

    class Meta:
        model = Verification
        fields: list[str] = []


class DifferenceFilter(FilterSet):  # type: ignore[misc]
    kind = MultipleChoiceFilter(choices=DifferenceKind.choices, distinct=False, label="May be given several times.")
    decision = MultipleChoiceFilter(choices=Decision.choices, distinct=False, label="May be given several times.")
    listing = IdFilter("listing_id", "The listing's id.")
    item = IdFilter("item_id", "The item's id.")
    lot_id = CharFilter(label="The shop's lot.")

    class Meta:
        model = Difference
        fields: list[str] = []


class AsFound(NewestFirst):
    ordering = "id"


class BusyVerifyingSerializer(serializers.Serializer[Any]):
    """409: the shop is being compared already, which is the `data`."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(required=False, allow_blank=True)
    details = serializers.DictField(required=False)
    data = VerificationSerializer(required=False)  # type: ignore[assignment]


class VerificationViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Verification]):
    """A comparison of a shop's whole list of lots with what we know: it writes differences and changes nothing else."""

    queryset = Verification.objects.select_related("shop__connection")
    serializer_class = VerificationSerializer
    filterset_class = VerificationFilter
    operations = {
        "list": "verification.view",
        "retrieve": "verification.view",
        "create": "verification.start",
        "differences": "verification.view",
        "decide": "difference.decide",
        "decide_many": "difference.decide",
    }

    @extend_schema(
        request=NewVerificationSerializer,
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
            200: OpenApiResponse(VerificationSerializer, description="Waited for, and ended."),
            202: OpenApiResponse(VerificationSerializer, description="Started; `Location` is the comparison."),
            409: OpenApiResponse(BusyVerifyingSerializer, description="The shop is being compared already: this is that comparison."),
        },
    )
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Compare a shop. Costs one of its calls, and those that reading its orders takes."""
        given = NewVerificationSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        seconds = wanted_wait(request)
        try:
            number, replayed = _start(self.actor, given.validated_data["shop"], key_of(request))
        except AlreadyVerifying as found:
            return self._busy(found)
        run, waited = self.get_queryset().get(pk=number), bool(seconds)
        if seconds and run.status in GOING_ON:
            with place_to_wait() as waited:
                if waited:
                    _wait(run, seconds)
        headers = {"Location": _address(run.pk)}
        if waited:
            headers["Preference-Applied"] = f"wait={seconds}"
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(VerificationSerializer(run).data, status=200 if seconds and run.status not in GOING_ON else 202, headers=headers)

    @extend_schema(
        operation_id="verifications_differences",
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, enum=DifferenceKind.values, many=True, description="May be given several times."),
            OpenApiParameter("decision", OpenApiTypes.STR, enum=Decision.values, many=True, description="May be given several times."),
            OpenApiParameter("listing", OpenApiTypes.INT, description="The listing's id."),
            OpenApiParameter("item", OpenApiTypes.INT, description="The item's id."),
            OpenApiParameter("lot_id", OpenApiTypes.STR, description="The shop's lot."),
        ],
        responses=ShopDifferenceSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=AsFound)
    def differences(self, request: Request, *_args: Any, **path: Any) -> Response:
        """What differs, as it was found, with what may be chosen and what was."""
        # Not by get_object, which would look for a comparison by the filters of the differences.
        run = get_object_or_404(self.get_queryset(), pk=path["pk"])
        chosen = DifferenceFilter(request.query_params, queryset=_differences(run), request=request)
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        page = self.paginate_queryset(chosen.qs)
        assert page is not None
        return self.get_paginated_response(ShopDifferenceSerializer(page, many=True).data)

    @extend_schema(operation_id="verifications_decide_many", request=DecideManySerializer, responses=DecidedSerializer)
    @action(detail=True, methods=["post"], url_path="differences/decide")
    def decide_many(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Choose the same for many differences. Each is decided or refused by itself."""
        run = get_object_or_404(self.get_queryset(), pk=path["pk"])
        given = DecideManySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        rows = Difference.objects.filter(verification=run)
        missing = not_there(wanted.get("ids", ()), rows)
        rows = rows.filter(pk__in=wanted["ids"]) if "ids" in wanted else rows.filter(kind=wanted["kind"], decision=Decision.OPEN)
        done = verify.decide_many(self.actor, rows, wanted["choice"])
        refused = {**done.refused, **{pk: f"There is no difference {pk} in this comparison." for pk in missing}}
        body = {
            "message": f"{done.decided:,} decided, {len(refused):,} refused.",
            "decided": done.decided,
            "waiting": done.waiting,
            "refused": [{"difference": pk, "message": why} for pk, why in sorted(refused.items())],
        }
        return Response(DecidedSerializer(body).data)

    @extend_schema(
        operation_id="verifications_decide", request=DecideSerializer, responses=ShopDifferenceSerializer, parameters=[DIFFERENCE]
    )
    @action(detail=True, methods=["post"], url_path="differences/(?P<difference>[0-9]+)/decide")
    def decide(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Choose what becomes of one difference. While `outcome` is blank, a worker is at it."""
        run = get_object_or_404(self.get_queryset(), pk=path["pk"])
        found = get_object_or_404(Difference.objects.filter(verification=run), pk=path["difference"])
        given = DecideSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        verify.decide(self.actor, found, **given.validated_data)
        return Response(ShopDifferenceSerializer(_differences(run).get(pk=found.pk)).data)

    def _busy(self, found: AlreadyVerifying) -> Response:
        body: dict[str, Any] = {"code": found.code, "message": found.sentence, "hint": found.hint, "details": dict(found.details or {})}
        run = self.get_queryset().filter(pk=body["details"].get("verification")).first()
        if run is None:
            return Response(body, status=409)
        body["data"] = VerificationSerializer(run).data
        return Response(body, status=409, headers={"Location": _address(run.pk)})


def _differences(run: Verification) -> QuerySet[Difference]:
    ours = Lot.objects.filter(shop=OuterRef("shop"), lot_id=OuterRef("lot_id"))
    return Difference.objects.filter(verification=run).annotate(ours=Exists(ours))


def _address(number: int) -> str:
    return reverse("verification-detail", args=[number])


def _start(actor: Actor, shop: Shop, key: str) -> tuple[int, bool]:
    """The id of the comparison that this request started, and whether an earlier one with the same key did."""

    def do() -> tuple[int, dict[str, int]]:
        return 202, {"verification": verify.start(actor, shop).pk}

    if not key:
        return do()[1]["verification"], False
    asked = hashlib.sha256(json.dumps({"shop": shop.pk}).encode()).hexdigest()
    _, body, replayed = once(actor, "verification.start", key, asked, do)
    return body["verification"], replayed


def _wait(run: Verification, seconds: float) -> None:
    """Until it has ended, `seconds` at most."""
    until = time.monotonic() + seconds
    while run.status in GOING_ON and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()
