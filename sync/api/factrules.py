"""Rules for lines of outside systems, and the places of these systems: what people decide once for all lines that name them."""

from __future__ import annotations

from typing import Any

from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from accounts.scoping import OwnedRelatedField
from inventory.api.fields import KnownFieldsOnly
from inventory.models import Product, Warehouse
from sync.facts import verbs
from sync.models import Connection, FactRule, RuleAbout, RuleAction, WarehouseRef
from sync.systems import moving


class FactRuleSerializer(serializers.ModelSerializer[FactRule]):
    class Meta:
        model = FactRule
        fields = ["id", "connection", "about", "value", "action", "product", "note", "made_by", "created_at"]
        read_only_fields = fields


class MadeFactRuleSerializer(FactRuleSerializer):
    freed = serializers.IntegerField(help_text="So many held lines are tried again by it, in the background.")

    class Meta(FactRuleSerializer.Meta):
        fields = [*FactRuleSerializer.Meta.fields, "freed"]
        read_only_fields = fields


class MakeFactRuleSerializer(KnownFieldsOnly):
    connection = OwnedRelatedField(queryset=Connection.objects.all())
    about = serializers.ChoiceField(choices=RuleAbout.choices)
    value = serializers.CharField(max_length=300, help_text="As the outside system writes it.")
    action = serializers.ChoiceField(choices=RuleAction.choices)
    product = OwnedRelatedField(queryset=Product.objects.all(), required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RuleFilter(FilterSet):  # type: ignore[misc]
    connection = IdFilter(field_name="connection_id", label="The connection's id.")
    about = ChoiceFilter(choices=RuleAbout.choices)
    action = ChoiceFilter(choices=RuleAction.choices)
    value = CharFilter(label="The whole value.")

    class Meta:
        model = FactRule
        fields: list[str] = []


@extend_schema(tags=["facts"])
class FactRuleViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[FactRule]):
    """“Always like this”: which product a barcode or product there is, or that lines naming it are never booked."""

    queryset = FactRule.objects.all()
    serializer_class = FactRuleSerializer
    filterset_class = RuleFilter
    operations = {"list": "fact_rule.view", "retrieve": "fact_rule.view", "create": "fact_rule.edit", "destroy": "fact_rule.edit"}

    @extend_schema(request=MakeFactRuleSerializer, responses={201: MadeFactRuleSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Make a rule; one about the same is changed. What is booked already stays as it is."""
        given = MakeFactRuleSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        done = verbs.add_rule(self.actor, values.pop("connection"), **values)
        return Response({**FactRuleSerializer(done.row).data, "freed": done.freed}, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take a rule away. Lines that it had left out are looked at again."""
        verbs.remove_rule(self.actor, self.get_object())
        return Response(status=204)


class PlaceSerializer(serializers.ModelSerializer[WarehouseRef]):
    place = serializers.CharField(source="external_id", help_text="What the outside system calls it.")
    inside = serializers.CharField(source="parent_id_there", help_text="The place it lies in; blank for one itself.")

    class Meta:
        model = WarehouseRef
        fields = ["id", "connection", "place", "name", "code", "inside", "active", "counts", "warehouse", "first_seen_at", "gone_at"]
        read_only_fields = fields


class SettledPlaceSerializer(PlaceSerializer):
    freed = serializers.IntegerField(help_text="So many held lines are tried again by it, in the background.")

    class Meta(PlaceSerializer.Meta):
        fields = [*PlaceSerializer.Meta.fields, "freed"]
        read_only_fields = fields


class NamePlaceSerializer(KnownFieldsOnly):
    connection = OwnedRelatedField(queryset=Connection.objects.all())
    place = serializers.CharField(max_length=300, help_text="As the outside system writes it.")
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())


class SettlePlaceSerializer(KnownFieldsOnly):
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all(), required=False)
    counts = serializers.BooleanField(required=False, help_text="Off: what goes there has left the stock.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"warehouse": ["Give `warehouse`, `counts` or both."]})
        return attrs


class PlaceFilter(FilterSet):  # type: ignore[misc]
    connection = IdFilter(field_name="connection_id", label="The connection's id.")
    place = CharFilter(field_name="external_id", label="As the outside system calls it, whole.")
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id here.")
    assigned = BooleanFilter(field_name="warehouse", lookup_expr="isnull", exclude=True, label="Whether it has a warehouse itself.")
    counts = BooleanFilter()

    class Meta:
        model = WarehouseRef
        fields: list[str] = []


@extend_schema(tags=["facts"])
class PlaceViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[WarehouseRef]):
    """Branches and locations of outside systems, and in which warehouse here each one is."""

    queryset = WarehouseRef.objects.all()
    serializer_class = PlaceSerializer
    filterset_class = PlaceFilter
    operations = {"list": "reference.view", "retrieve": "reference.view", "create": "reference.edit", "partial_update": "reference.edit"}

    @extend_schema(request=NamePlaceSerializer, responses={201: SettledPlaceSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say in which warehouse a place is, also one that no reading has told of yet."""
        given = NamePlaceSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        if wanted["connection"].system not in moving():
            raise serializers.ValidationError({"connection": ["Places of this system are read from it, and not named by hand."]})
        done = verbs.assign_place(self.actor, wanted["connection"], wanted["place"], wanted["warehouse"])
        return Response({**PlaceSerializer(done.row).data, "freed": done.freed}, status=201)

    @extend_schema(request=SettlePlaceSerializer, responses=SettledPlaceSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change the warehouse, or whether the place counts; what was held for it is tried again."""
        row, freed = self.get_object(), 0
        given = SettlePlaceSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        for name, settle in (("counts", verbs.set_counts), ("warehouse", verbs.set_warehouse)):
            if name in given.validated_data:
                done = settle(self.actor, row, given.validated_data[name])
                row, freed = done.row, freed + done.freed
        return Response({**PlaceSerializer(row).data, "freed": freed})
