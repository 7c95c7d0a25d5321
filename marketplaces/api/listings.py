"""Listings: what shops have been told of items, and what a person may do where that did not go well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict
from django_filters import BooleanFilter, CharFilter, FilterSet, MultipleChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from accounts.notthere import not_there, said
from inventory.api.bulkbodies import IdField, NotFoundField
from inventory.api.fields import KnownFieldsOnly
from marketplaces import push
from marketplaces.api.listinganswers import ChoiceSerializer, ListingSerializer
from marketplaces.models import Listing, ListingState

MOST = 5000


class ListingDetailSerializer(ListingSerializer):
    choices = serializers.SerializerMethodField(help_text="What a person may decide, where one is needed.")

    class Meta(ListingSerializer.Meta):
        fields = [*ListingSerializer.Meta.fields, "choices"]

    @extend_schema_field(ChoiceSerializer(many=True))
    def get_choices(self, listing: Listing) -> Any:
        return ChoiceSerializer(push.choices_of(listing), many=True).data


class ListingFilter(FilterSet):  # type: ignore[misc]
    shop = IdFilter("shop_id", "The shop's id.")
    item = IdFilter("item_id", "The item's id.")
    state = MultipleChoiceFilter(choices=ListingState.choices, distinct=False, label="May be given several times.")
    code = CharFilter(label="What is wrong, for programs.")
    kept_off = BooleanFilter(label="Nothing of the item is sent to that shop.")
    due = BooleanFilter(field_name="due_at", lookup_expr="isnull", exclude=True, label="Something is to be done.")
    archived = BooleanFilter(field_name="item__archived_at", lookup_expr="isnull", exclude=True, label="Of an archived item.")
    lot_id = CharFilter(label="The shop's lot.")
    part_number = CharFilter(field_name="item__part_number", lookup_expr="iexact", label="The item's number, in any case.")

    class Meta:
        model = Listing
        fields: list[str] = []


class RetrySerializer(KnownFieldsOnly):
    """Either `ids`, or a `filter` with the names that the list has; an empty one means all."""

    ids = serializers.ListField(child=IdField(), required=False, min_length=1, max_length=MOST)
    filter = serializers.DictField(required=False, help_text='As {"shop": 3, "state": "failed"}.')

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"ids": ["Give either ids or a filter."]})
        return attrs


class RetriedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    pushed = serializers.IntegerField(help_text="How many are tried at once.")
    not_found = NotFoundField()


class DecisionSerializer(KnownFieldsOnly):
    choice = serializers.CharField(max_length=60, help_text="The `key` of one of the listing's `choices`.")


class KeepOffSerializer(KnownFieldsOnly):
    off = serializers.BooleanField(help_text="true: nothing of the item is sent to that shop.")


class ListingViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Listing]):
    """One item in one shop: what is wanted there, what the shop has been told, and how that went."""

    queryset = Listing.objects.select_related("shop__connection", "item")
    serializer_class = ListingSerializer
    filterset_class = ListingFilter
    operations = {
        "list": "listing.view",
        "retrieve": "listing.view",
        "push": "listing.push",
        "resolve": "listing.resolve",
        "keep_off": "listing.edit",
    }

    @extend_schema(responses=ListingDetailSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One listing, with what may be decided about it."""
        return Response(ListingDetailSerializer(self.get_object()).data)

    @extend_schema(request=RetrySerializer, responses=RetriedSerializer, filters=False)
    @action(detail=False, methods=["post"])
    def push(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Try many again at once, whatever pause they are in. Ids that mean no listing are told, and the others are tried."""
        given = RetrySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        missing = not_there(given.validated_data.get("ids", ()), self.get_queryset())
        pushed = push.push_now(self.actor, self._chosen(given.validated_data))
        return Response(RetriedSerializer(told(pushed, missing)).data)

    @extend_schema(request=DecisionSerializer, responses=ListingDetailSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Decide what waits for a person."""
        listing = self.get_object()
        given = DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        push.resolve(self.actor, listing, given.validated_data["choice"])
        return self._shown(listing)

    @extend_schema(request=KeepOffSerializer, responses=ListingDetailSerializer)
    @action(detail=True, methods=["post"], url_path="keep-off")
    def keep_off(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Keep the item off this shop, or no longer. A lot that it has there is taken out."""
        listing = self.get_object()
        given = KeepOffSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        push.keep_off(self.actor, listing.item, listing.shop, given.validated_data["off"])
        return self._shown(listing)

    def _shown(self, listing: Listing) -> Response:
        return Response(ListingDetailSerializer(self.get_queryset().get(pk=listing.pk)).data)

    def _chosen(self, wanted: dict[str, Any]) -> QuerySet[Listing]:
        rows = self.get_queryset()
        if "ids" in wanted:
            return rows.filter(pk__in=wanted["ids"])
        names = set(ListingFilter.base_filters)
        unknown = sorted(str(name) for name in wanted["filter"] if name not in names)
        if unknown:
            raise serializers.ValidationError({"filter": [f"There is no filter “{unknown[0]}”. There are: {', '.join(sorted(names))}."]})
        for name, value in wanted["filter"].items():
            if not all(isinstance(each, str | int | float) for each in (value if isinstance(value, list) else [value])):
                raise serializers.ValidationError({"filter": [f"{name}: Give a text, a number, true or false, or a list of them."]})
        data = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in wanted["filter"].items()})
        chosen = ListingFilter(data, queryset=rows, request=self.request)
        if not chosen.is_valid():
            raise serializers.ValidationError({"filter": chosen.errors})
        # What narrows nothing would have everything pushed.
        idle = sorted(name for name in wanted["filter"] if chosen.form.cleaned_data.get(name) in (None, "", []))
        if idle:
            raise serializers.ValidationError({"filter": [f"{idle[0]}: This says nothing. Give a value, or leave it out."]})
        found: QuerySet[Listing] = chosen.qs
        return found


def told(pushed: int, missing: Sequence[int] = ()) -> dict[str, Any]:
    """How many are tried at once, and which ids mean no listing, in words too."""
    message = f"{pushed:,} listing is tried now." if pushed == 1 else f"{pushed:,} listings are tried now."
    return {"pushed": pushed, "not_found": missing, "message": f"{message} {said(missing, 'listing', 'listings')}".strip()}
