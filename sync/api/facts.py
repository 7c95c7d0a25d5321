"""What outside systems say has moved: each line with what became of it, what is held and why, and trying that again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django_filters import BooleanFilter, CharFilter, DateFilter, FilterSet, MultipleChoiceFilter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from accounts.notthere import not_there, said
from accounts.scoping import OwnedRelatedField
from inventory.api.bulkbodies import NotFoundField
from inventory.api.fields import KnownFieldsOnly, LedgerSerializer, QuantityNumber
from inventory.keys import model_key
from sync.facts import codes, verbs, worklist
from sync.models import Connection, FactKind, FactState, RuleAbout, SourceFact

MOST_GROUPS = 200
"""So many places, barcodes and products are named in a summary; how many lines there are is said of all."""


class FactSerializer(LedgerSerializer[SourceFact]):
    reference = serializers.CharField(source="external_id", help_text="What the outside system calls the line; its booking has it as key.")
    barcode = serializers.CharField(allow_blank=True)
    warehouse_to = serializers.PrimaryKeyRelatedField[Any](read_only=True, allow_null=True, help_text="Of a transfer.")

    class Meta:
        model = SourceFact
        fields = [
            "id",
            "connection",
            "reference",
            "feed",
            "kind",
            "state",
            "code",
            "sentence",
            "document",
            "day",
            "happened_at",
            "quantity",
            "barcode",
            "product_there",
            "place_there",
            "place_to_there",
            "unit_cost",
            "product",
            "warehouse",
            "warehouse_to",
            "revision",
            "booked_revision",
            "held_at",
            "tried_at",
            "first_seen_at",
            "gone_at",
        ]
        read_only_fields = fields


@between("happened_at", "Happened not earlier than this time.", "Happened before this time.")
class FactFilter(FilterSet):  # type: ignore[misc]
    connection = IdFilter(field_name="connection_id", label="The connection's id.")
    state = MultipleChoiceFilter(choices=FactState.choices, label="May be given several times.")
    kind = MultipleChoiceFilter(choices=FactKind.choices, label="May be given several times.")
    feed = CharFilter(label="The type of its list: sales, purchases, transfers …")
    code = CharFilter(label="Why it is held or ignored.")
    product = IdFilter(field_name="product_id", label="The product's id here.")
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id here.")
    day = DateFilter(label="The business day there.")
    document = CharFilter(label="The whole bill, picking or order.")
    reference = CharFilter(field_name="external_id", label="The whole reference.")
    barcode = CharFilter(method="of_barcode", label="However it is written.")
    gone = BooleanFilter(field_name="gone_at", lookup_expr="isnull", exclude=True, label="Whether it is not there any more.")

    class Meta:
        model = SourceFact
        fields: list[str] = []

    def of_barcode(self, rows: QuerySet[SourceFact], _name: str, text: str) -> QuerySet[SourceFact]:
        return rows.filter(barcode_key=model_key(text)) if model_key(text) else rows.none()


class HeldReasonSerializer(serializers.Serializer[Any]):
    connection = serializers.IntegerField()
    code = serializers.ChoiceField(choices=list(codes.HELD.items()))
    label = serializers.CharField()  # type: ignore[assignment]
    lines = serializers.IntegerField()
    quantity = QuantityNumber(help_text="Of all these lines together.")
    since = serializers.DateTimeField(allow_null=True, help_text="Since when the first of them is held.")


class HeldGroupSerializer(serializers.Serializer[Any]):
    """Lines that one decision frees: the value is what a rule or a place is named by."""

    connection = serializers.IntegerField(source="connection_id")
    code = serializers.ChoiceField(choices=list(codes.HELD.items()))
    about = serializers.ChoiceField(choices=RuleAbout.choices)
    value = serializers.CharField()
    named = serializers.CharField(allow_blank=True, help_text="What it is called there.")
    lines = serializers.IntegerField()
    quantity = QuantityNumber()
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    held_since = serializers.DateTimeField(allow_null=True)
    example = serializers.CharField(help_text="The newest bill or picking.")
    sentence = serializers.CharField(help_text="What is wrong, and what to do.")


class HeldSummarySerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    reasons = HeldReasonSerializer(many=True)
    places = HeldGroupSerializer(many=True, help_text="Branches and locations without a warehouse.")
    products = HeldGroupSerializer(
        many=True, help_text=f"Barcodes and products that nobody knows here; the {MOST_GROUPS} with the most lines."
    )


class RetryFactsSerializer(KnownFieldsOnly):
    connection = OwnedRelatedField(queryset=Connection.objects.all(), required=False, allow_null=True, default=None)
    code = serializers.ChoiceField(choices=list(codes.HELD.items()), required=False, allow_null=True, default=None)
    about = serializers.ChoiceField(choices=RuleAbout.choices, required=False, help_text="With `value`: lines that name this only.")
    value = serializers.CharField(required=False, max_length=300)
    ids = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("about" in attrs) != ("value" in attrs):
            raise serializers.ValidationError({"value": ["Give `about` and `value` together."]})
        return attrs


class RetriedFactsSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    tried = serializers.IntegerField(help_text="So many held lines are booked in the background, or held again.")
    not_found = NotFoundField()


class TakeInSerializer(KnownFieldsOnly):
    ids = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=1000)


class LeaveOutSerializer(TakeInSerializer):
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class ChosenFactsSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    lines = serializers.IntegerField(help_text="How many it was done to.")
    not_found = NotFoundField()


@extend_schema(tags=["facts"])
class FactViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[SourceFact]):
    """Lines of tills and stock moves of outside systems, as they were said, and what became of each here."""

    queryset = SourceFact.objects.defer("raw", "pair_there")
    serializer_class = FactSerializer
    filterset_class = FactFilter
    operations = {
        "list": "fact.view",
        "retrieve": "fact.view",
        "held_summary": "fact.view",
        "retry": "fact.retry",
        "leave_out": "fact_rule.edit",
        "take_in": "fact_rule.edit",
    }

    @extend_schema(
        parameters=[OpenApiParameter("connection", int, description="Of one connection only.")],
        responses=HeldSummarySerializer,
        filters=False,
    )
    @action(detail=False, methods=["get"], url_path="held-summary", pagination_class=None, filterset_class=None)
    def held_summary(self, request: Request) -> Response:
        """What is held, by reason and by the decision that would free it."""
        rows = worklist.held(self.actor.account, _asked(request))
        reasons = worklist.by_code(rows)
        found = {
            "total": sum(each["lines"] for each in reasons),
            "reasons": reasons,
            "places": worklist.places(rows)[:MOST_GROUPS],
            "products": worklist.groups(list(worklist.products(rows)[:MOST_GROUPS])),
        }
        return Response(HeldSummarySerializer(found).data)

    @extend_schema(request=RetryFactsSerializer, responses=RetriedFactsSerializer)
    @action(detail=False, methods=["post"])
    def retry(self, request: Request) -> Response:
        """Try again to book what is held: all, or what the body names. Safe to repeat."""
        given = RetryFactsSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        missing = self._missing(wanted.get("ids", ()))
        tried = verbs.retry(
            self.actor,
            wanted["connection"],
            codes=[wanted["code"]] if wanted["code"] else [],
            about=wanted.get("about", ""),
            value=wanted.get("value", ""),
            facts=wanted.get("ids"),
        )
        return Response({"tried": tried, **_told(tried, missing)})

    @extend_schema(request=LeaveOutSerializer, responses=ChosenFactsSerializer)
    @action(detail=False, methods=["post"], url_path="leave-out")
    def leave_out(self, request: Request) -> Response:
        """Leave out held lines that will never be right, until their source says something else of them. Safe to repeat."""
        given = LeaveOutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ids, note = given.validated_data["ids"], given.validated_data["note"]
        missing, lines = self._missing(ids), verbs.leave_out(self.actor, ids, note)
        return Response({"lines": lines, **_told(lines, missing)})

    @extend_schema(request=TakeInSerializer, responses=ChosenFactsSerializer)
    @action(detail=False, methods=["post"], url_path="take-in")
    def take_in(self, request: Request) -> Response:
        """Look again at lines that were left out by hand. Safe to repeat."""
        given = TakeInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ids = given.validated_data["ids"]
        missing, lines = self._missing(ids), verbs.take_in(self.actor, ids)
        return Response({"lines": lines, **_told(lines, missing)})

    def _missing(self, ids: Collection[int]) -> list[int]:
        return not_there(ids, SourceFact.objects.filter(account=self.actor.account))


def _told(number: int, missing: list[int]) -> dict[str, Any]:
    """How many lines it was done to, and which ids mean none, in words too."""
    done = f"{number:,} line." if number == 1 else f"{number:,} lines."
    return {"message": f"{done} {said(missing, 'line', 'lines')}".strip(), "not_found": missing}


class _Asked(serializers.Serializer[Any]):
    connection = OwnedRelatedField(queryset=Connection.objects.all(), required=False)


def _asked(request: Request) -> Connection | None:
    given = _Asked(data=request.query_params, context={"request": request})
    given.is_valid(raise_exception=True)
    found: Connection | None = given.validated_data.get("connection")
    return found
