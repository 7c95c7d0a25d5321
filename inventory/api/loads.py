from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from config.pagination import NewestFirst
from inventory import loads
from inventory.api.fields import QuantityNumber
from inventory.errors import InTwoWarehouses
from inventory.loadstate import NOT_REPORTED, OTHER, LoadStep, load_state
from inventory.models import Load

STATES = [*LoadStep.choices, (NOT_REPORTED, "No longer listed"), (OTHER, "Other")]


class CountsSerializer(serializers.Serializer[Any]):
    asis = QuantityNumber(help_text="Pieces on hand in ASIS.")
    sta = QuantityNumber()
    fg = QuantityNumber()
    not_on_hand = serializers.IntegerField(help_text="Serials of the roster that no list names.")
    expected = QuantityNumber(help_text="Pieces on hand, to be scanned.")
    scanned = QuantityNumber(help_text="How many of these were.")


class LoadSerializer(serializers.ModelSerializer[Load]):
    state = serializers.ChoiceField(choices=STATES, read_only=True)
    sanity_check = serializers.ChoiceField(choices=Load._meta.get_field("sanity_check").choices or (), allow_blank=True, read_only=True)
    session = serializers.IntegerField(source="session_number", allow_null=True, read_only=True, help_text="Its scan session's id.")
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Load
        fields = [
            "id",
            "warehouse",
            "number",
            "state",
            "org",
            "units",
            "notes",
            "scanned_at",
            "submitted_at",
            "order_number",
            "sale_status",
            "order_status",
            "pricing",
            "not_reported_at",
            "roster_stale",
            "roster_units",
            "first_seen_at",
            *loads.LOCAL,
            "sanity_check",
            "sanity_checked_by",
            "sanity_checked_at",
            "session",
            "counts",
        ]
        read_only_fields = [name for name in fields if name not in loads.LOCAL]

    @extend_schema_field(CountsSerializer)
    def get_counts(self, load: Load) -> Any:
        return CountsSerializer(self.context["counts"][load.pk]).data


class RosterRowSerializer(serializers.Serializer[Any]):
    serial = serializers.CharField(help_text="Blank for pieces without a serial.")
    model = serializers.CharField()
    quantity = QuantityNumber()
    on_roster = serializers.SerializerMethodField(help_text="No for a unit of the load that its roster does not name.")
    on_hand = serializers.BooleanField(help_text="Whether a list says that it is here.")
    bucket = serializers.CharField(help_text="Blank for what is not on hand.")
    status = serializers.CharField()
    scanned = serializers.BooleanField()
    unit = serializers.IntegerField(source="unit.pk", default=None, allow_null=True, help_text="Its id.")
    other_load = serializers.CharField(source="other_load.number", default=None, allow_null=True, help_text="The load it is in by now.")

    def get_on_roster(self, row: loads.RosterRow) -> bool:
        return row.line is not None


class LoadWithRosterSerializer(LoadSerializer):
    roster = serializers.SerializerMethodField()

    class Meta(LoadSerializer.Meta):
        fields = [*LoadSerializer.Meta.fields, "roster"]
        read_only_fields = [*LoadSerializer.Meta.read_only_fields, "roster"]

    @extend_schema_field(RosterRowSerializer(many=True))
    def get_roster(self, load: Load) -> Any:
        return RosterRowSerializer(loads.roster(load), many=True).data


class SanityCheckSerializer(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=["early", "final", ""], help_text="Blank takes the check back.")


class LoadFilter(FilterSet):  # type: ignore[misc]
    state = ChoiceFilter(choices=STATES)
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id.")
    order_number = CharFilter()
    category = CharFilter(lookup_expr="iexact")
    q = CharFilter(method="holding", label="Part of number, name, notes or order number.")

    class Meta:
        model = Load
        fields = ["tagged", "wrapped"]

    def holding(self, rows: QuerySet[Load], _name: str, text: str) -> QuerySet[Load]:
        columns = ("number", "friendly_name", "notes", "order_number")
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": text})
        return rows.filter(found)


class ByNumber(NewestFirst):
    """The number begins with the organisation and goes on with the time, so that the newest load comes first."""

    ordering = ("-number", "-id")


class LoadViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Load]):
    """Truckloads of units, by number. What the dealer system says comes with syncs; the rest is for people to write."""

    queryset = Load.objects.annotate(state=load_state(), session_number=F("session"))
    serializer_class = LoadSerializer
    filterset_class = LoadFilter
    pagination_class = ByNumber
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    operations = {"list": "load.view", "retrieve": "load.view", "partial_update": "load.edit", "sanity_check": "load.edit"}

    def get_object(self) -> Load:
        """Raises InTwoWarehouses for a number that is no answer without `warehouse`."""
        found = list(self.filter_queryset(self.get_queryset()).filter(number=self.kwargs["number"])[:2])
        if not found:
            raise Http404
        if len(found) > 1:
            raise InTwoWarehouses(f"Load {self.kwargs['number']} is in two warehouses.", hint="Add ?warehouse= with the id of one.")
        load: Load = found[0]
        return load

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The highest number first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(LoadSerializer(page, many=True, context=self._counted([load.pk for load in page])).data)

    @extend_schema(responses=LoadWithRosterSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """A load with its roster: where each unit is, and whether it was scanned."""
        load = self.get_object()
        return Response(LoadWithRosterSerializer(load, context=self._counted([load.pk])).data)

    @extend_schema(request=LoadSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Write what people keep about a load. A pick-up date takes the place of "to be announced"."""
        load = self.get_object()
        given = LoadSerializer(load, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        loads.edit_load(self.actor, load, **given.validated_data)
        return self._answer(load)

    @extend_schema(request=SanityCheckSerializer, responses=LoadSerializer)
    @action(detail=True, methods=["post"], url_path="sanity-check")
    def sanity_check(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Note that the load on the floor was checked against its list, early or finally, or take that back."""
        load = self.get_object()
        given = SanityCheckSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        loads.sanity_check(self.actor, load, given.validated_data["stage"])
        return self._answer(load)

    def _answer(self, load: Load) -> Response:
        stored = self.get_queryset().get(pk=load.pk)
        return Response(LoadSerializer(stored, context=self._counted([load.pk])).data)

    def _counted(self, keys: Sequence[int]) -> dict[str, Any]:
        return {**self.get_serializer_context(), "counts": loads.counts(Load.objects.filter(pk__in=keys))}
