"""What shops call our numbers and colours: found, entered by hand, or not known yet."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter, NumberFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter
from accounts.scoping import acting
from inventory.api.fields import KnownFieldsOnly
from inventory.models import ItemType
from marketplaces import mappings
from marketplaces.models import ColorMapping, MappingOrigin, PartFinding, PartMapping, Shop

MOST_COLORS = 2**31 - 1
ITEMS = "How many items wait for it; only where `unmapped` is asked for."


def shop_field() -> OwnedRelatedField[Shop]:
    return OwnedRelatedField(queryset=Shop.objects.select_related("connection"))


class MappingSerializer(serializers.ModelSerializer[Any]):
    shop_name = serializers.CharField(source="shop.connection.name", read_only=True)
    origin = serializers.ChoiceField(choices=MappingOrigin.choices, read_only=True, help_text="What a person entered wins.")
    items = serializers.SerializerMethodField(help_text=ITEMS)

    def get_items(self, mapping: Any) -> int | None:
        return getattr(mapping, "items", None)


class PartMappingSerializer(MappingSerializer):
    item_type = serializers.ChoiceField(choices=ItemType.choices, read_only=True)
    finding = serializers.ChoiceField(choices=PartFinding.choices, read_only=True)
    finding_in_words = serializers.CharField(source="get_finding_display", read_only=True)
    candidates = serializers.ListField(child=serializers.DictField(), read_only=True, help_text="To choose from, and mere suggestions.")

    class Meta:
        model = PartMapping
        fields = [
            "id",
            "shop",
            "shop_name",
            "item_type",
            "part_number",
            "finding",
            "finding_in_words",
            "remote_id",
            "remote_type",
            "remote_name",
            "candidates",
            "origin",
            "set_by",
            "looked_up_at",
            "items",
        ]
        read_only_fields = fields


class ColorMappingSerializer(MappingSerializer):
    class Meta:
        model = ColorMapping
        fields = ["id", "shop", "shop_name", "color_id", "name", "remote_id", "remote_name", "origin", "set_by", "looked_up_at", "items"]
        read_only_fields = fields


class OfShopSerializer(KnownFieldsOnly):
    shop = shop_field()


class PartOverrideSerializer(OfShopSerializer):
    item_type = serializers.ChoiceField(choices=ItemType.choices, required=False, default=ItemType.PART)
    part_number = serializers.CharField(max_length=80, help_text="BrickLink's.")
    remote_id = serializers.CharField(max_length=40, help_text="The shop's; at Brick Owl a BOID.")
    remote_type = serializers.CharField(required=False, allow_blank=True, max_length=40)
    remote_name = serializers.CharField(required=False, allow_blank=True, max_length=300)


class CandidateSerializer(KnownFieldsOnly):
    remote_id = serializers.CharField(max_length=40, help_text="The `id` of one of its candidates.")


class ColorOverrideSerializer(OfShopSerializer):
    color_id = serializers.IntegerField(min_value=1, max_value=MOST_COLORS, help_text="BrickLink's.")
    remote_id = serializers.CharField(max_length=20, help_text="The shop's.")
    remote_name = serializers.CharField(required=False, allow_blank=True, max_length=100)


class LookedUpSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    count = serializers.IntegerField()


class MappingFilter(FilterSet):  # type: ignore[misc]
    shop = IdFilter("shop_id", "The shop's id.")
    origin = ChoiceFilter(choices=MappingOrigin.choices)
    remote_id = CharFilter(label="The shop's id of it.")
    unmapped = BooleanFilter(method="is_unmapped", label="true: the list of work, what items wait for.")

    def is_unmapped(self, rows: QuerySet[Any], _name: str, wanted: bool) -> QuerySet[Any]:
        found: QuerySet[Any] = getattr(mappings.unmapped(acting(self.request).account), self.work)
        if wanted:
            return found.filter(pk__in=rows.order_by().values("pk")).select_related("shop__connection")
        return rows.exclude(pk__in=found.order_by().values("pk"))


class PartMappingFilter(MappingFilter):
    finding = MultipleChoiceFilter(choices=PartFinding.choices, distinct=False, label="May be given several times.")
    item_type = ChoiceFilter(choices=ItemType.choices)
    part_number = CharFilter(lookup_expr="iexact", label="The number, in any case.")
    q = CharFilter(method="holding", label="Part of the number or of the shop's name for it.")
    work = "parts"

    class Meta:
        model = PartMapping
        fields: list[str] = []

    def holding(self, rows: QuerySet[PartMapping], _name: str, text: str) -> QuerySet[PartMapping]:
        return rows.filter(Q(part_number__icontains=text) | Q(remote_name__icontains=text))


class ColorMappingFilter(MappingFilter):
    color_id = NumberFilter(min_value=0, max_value=MOST_COLORS, label="BrickLink's colour.")
    q = CharFilter(method="holding", label="Part of either name.")
    work = "colors"

    class Meta:
        model = ColorMapping
        fields: list[str] = []

    def holding(self, rows: QuerySet[ColorMapping], _name: str, text: str) -> QuerySet[ColorMapping]:
        return rows.filter(Q(name__icontains=text) | Q(remote_name__icontains=text))


class _MappingViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    operations = {
        "list": "mapping.view",
        "retrieve": "mapping.view",
        "assign": "mapping.edit",
        "destroy": "mapping.edit",
        "choose": "mapping.edit",
        "look_up": "mapping.edit",
    }

    def _given(self, body: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = body(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _shown(self, mapping: Any) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=mapping.pk)).data)


class PartMappingViewSet(_MappingViewSet):
    """Numbers. What a person entered wins over what was looked up."""

    queryset = PartMapping.objects.select_related("shop__connection")
    serializer_class = PartMappingSerializer
    filterset_class = PartMappingFilter

    @extend_schema(operation_id="mappings_parts_assign", request=PartOverrideSerializer, responses=PartMappingSerializer)
    def assign(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say what a shop calls a number. Items of that number are judged again."""
        given = self._given(PartOverrideSerializer)
        return self._shown(mappings.set_part(self.actor, given.pop("shop"), **given))

    @extend_schema(operation_id="mappings_parts_clear", responses={204: None})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Forget it, entered or found: it is looked up anew when it is next needed."""
        mappings.clear_part(self.actor, self.get_object())
        return Response(status=204)

    @extend_schema(operation_id="mappings_parts_choose", request=CandidateSerializer, responses=PartMappingSerializer)
    def choose(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take one of the candidates."""
        mapping = self.get_object()
        return self._shown(mappings.choose_candidate(self.actor, mapping, **self._given(CandidateSerializer)))

    @extend_schema(operation_id="mappings_parts_look_up", request=OfShopSerializer, responses=LookedUpSerializer, filters=False)
    def look_up(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Have everything looked up again that a shop's catalogue did not know."""
        count = mappings.look_up_again(self.actor, self._given(OfShopSerializer)["shop"])
        message = f"{count:,} number is looked up again." if count == 1 else f"{count:,} numbers are looked up again."
        return Response(LookedUpSerializer({"count": count, "message": message}).data)


class ColorMappingViewSet(_MappingViewSet):
    """Colours. What a person entered wins over a shop's own list."""

    queryset = ColorMapping.objects.select_related("shop__connection")
    serializer_class = ColorMappingSerializer
    filterset_class = ColorMappingFilter

    @extend_schema(operation_id="mappings_colors_assign", request=ColorOverrideSerializer, responses=ColorMappingSerializer)
    def assign(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say what a shop calls a colour. Items of that colour are judged again."""
        given = self._given(ColorOverrideSerializer)
        return self._shown(mappings.set_color(self.actor, given.pop("shop"), **given))

    @extend_schema(operation_id="mappings_colors_clear", responses={204: None})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Forget it, entered or found: the shop's list is read anew when it is next needed."""
        mappings.clear_color(self.actor, self.get_object())
        return Response(status=204)

    @extend_schema(operation_id="mappings_colors_look_up", request=OfShopSerializer, responses=LookedUpSerializer, filters=False)
    def look_up(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Read a shop's list of colours now. The answer takes as long as the shop does."""
        count = mappings.refresh_colors(self.actor, self._given(OfShopSerializer)["shop"])
        return Response(LookedUpSerializer({"count": count, "message": f"The shop has {count:,} of BrickLink's colours."}).data)
