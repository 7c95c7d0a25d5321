"""Shops: how they do, how many calls are left, and what keeps changes from being sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from inventory.api.fields import KnownFieldsOnly
from marketplaces import budgets, orders, push, verify
from marketplaces.condition import State, condition_of
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.provider import PROVIDERS
from sync.api.connections import BreakerSerializer, BudgetSerializer
from sync.models import BreakerState
from sync.wire.breaker_row import words_of
from sync.wire.budget import forecasts


class ShopSerializer(serializers.ModelSerializer[Shop]):
    name = serializers.CharField(source="connection.name", read_only=True)
    provider = serializers.CharField(read_only=True, help_text="The marketplace.")
    provider_label = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField(help_text="Whether changes are sent.")
    state_sentence = serializers.SerializerMethodField(help_text="Why they are not.")
    state_hint = serializers.SerializerMethodField(help_text="What to do about it.")
    breaker = serializers.SerializerMethodField(help_text="Whether calls go out.")
    budgets = serializers.SerializerMethodField(help_text="How many calls may be made, and are left.")
    listings = serializers.SerializerMethodField(help_text="How many listings are in which state.")

    class Meta:
        model = Shop
        fields = [
            "id",
            "connection",
            "name",
            "provider",
            "provider_label",
            "store_name",
            "currency",
            "state",
            "state_sentence",
            "state_hint",
            "maintenance_at",
            "maintenance_by",
            "stopped_at",
            "stopped_code",
            "stopped_sentence",
            "stopped_hint",
            "resting_until",
            "resting_because",
            "orders_polled_at",
            "orders_asked_at",
            "orders_problem",
            "verified_at",
            "breaker",
            "budgets",
            "listings",
            "created_at",
        ]
        read_only_fields = fields

    def get_provider_label(self, shop: Shop) -> str:
        known = PROVIDERS.get(shop.provider)
        return known.label if known else shop.provider

    @extend_schema_field(serializers.ChoiceField(choices=[(state.value, state.value) for state in State]))
    def get_state(self, shop: Shop) -> str:
        return condition_of(shop, self.context["now"]).state

    def get_state_sentence(self, shop: Shop) -> str:
        return condition_of(shop, self.context["now"]).sentence

    def get_state_hint(self, shop: Shop) -> str:
        return condition_of(shop, self.context["now"]).hint

    @extend_schema_field(BreakerSerializer)
    def get_breaker(self, shop: Shop) -> dict[str, Any]:
        known = getattr(shop.connection, "breaker", None)
        return {"state": known.state if known else BreakerState.CLOSED, "sentence": words_of(known, self.context["now"])}

    @extend_schema_field(BudgetSerializer(many=True))
    def get_budgets(self, shop: Shop) -> Any:
        return BudgetSerializer(self.context["budgets"][shop.connection_id], many=True).data

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_listings(self, shop: Shop) -> dict[str, int]:
        return {state.value: self.context["counts"].get((shop.pk, state.value), 0) for state in ListingState}


class SwitchSerializer(KnownFieldsOnly):
    on = serializers.BooleanField(help_text="true: nothing is sent while somebody works at the shop itself.")


class MovingInSerializer(serializers.Serializer[Any]):
    """By the newest comparison."""

    verification = serializers.IntegerField(source="verification.pk", help_text="Its id.")
    adopted = serializers.IntegerField(help_text="Lots that are one item without doubt.")
    imported = serializers.IntegerField(help_text="Lots of which an item can be made.")
    asked = serializers.IntegerField(help_text="Lots of which a person says what they are.")
    untranslated = serializers.IntegerField(help_text="Lots that need a mapping or a hand first.")


class StartedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    count = serializers.IntegerField()


class BudgetsField(serializers.DictField):
    child = serializers.IntegerField(min_value=0, max_value=1_000_000)


class ShopFilter(FilterSet):  # type: ignore[misc]
    connection = IdFilter("connection_id", "The connection's id.")
    provider = CharFilter(field_name="connection__system", label="The marketplace.")
    maintenance = BooleanFilter(field_name="maintenance_at", lookup_expr="isnull", exclude=True, label="Maintenance is on.")
    stopped = BooleanFilter(field_name="stopped_at", lookup_expr="isnull", exclude=True, label="The shop refuses our login.")

    class Meta:
        model = Shop
        fields: list[str] = []


class ShopViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Shop]):
    """Connections that sell. They are made, tested, paused and removed at /api/connections."""

    queryset = Shop.objects.select_related("connection__breaker")
    serializer_class = ShopSerializer
    filterset_class = ShopFilter
    operations = {
        "list": "shop.view",
        "retrieve": "shop.view",
        "maintenance": "shop.maintain",
        "resume": "shop.maintain",
        "moving_in": "verification.view",
        "adopt_all": "difference.decide",
        "import_all": "item.import",
        "poll": "order.import",
        "change_budgets": "budget.edit",
    }

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(_shown(page))

    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One shop."""
        return Response(_shown([self.get_object()])[0])

    @extend_schema(request=SwitchSerializer, responses=ShopSerializer)
    @action(detail=True, methods=["post"])
    def maintenance(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Send nothing while somebody works at the shop itself, or go on. Safe to repeat."""
        shop = self.get_object()
        given = SwitchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        push.set_maintenance(self.actor, shop, given.validated_data["on"])
        return self._answer(shop)

    @extend_schema(request=None, responses=ShopSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Try again after the shop refused our login. Safe to repeat."""
        shop = self.get_object()
        push.resume(self.actor, shop)
        return self._answer(shop)

    @extend_schema(responses=MovingInSerializer)
    @action(detail=True, methods=["get"], url_path="moving-in")
    def moving_in(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What would become of the lots that we don't know, by the newest comparison. Writes nothing."""
        return Response(MovingInSerializer(verify.preview(self.actor, self.get_object())).data)

    @extend_schema(request=None, responses={202: StartedSerializer})
    @action(detail=True, methods=["post"], url_path="adopt-all")
    def adopt_all(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Adopt every unknown lot that is one item without doubt. A worker does it."""
        return _started(verify.adopt_all(self.actor, self.get_object()), "adopted")

    @extend_schema(request=None, responses={202: StartedSerializer})
    @action(detail=True, methods=["post"], url_path="import-all")
    def import_all(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Make an item of every unknown lot that is like none of ours. A worker does it."""
        return _started(verify.import_all(self.actor, self.get_object()), "made items of")

    @extend_schema(request=None, responses={202: ShopSerializer})
    @action(detail=True, methods=["post"])
    def poll(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Have the shop's orders read at once."""
        shop = self.get_object()
        orders.poll_now(self.actor, shop)
        return self._answer(shop, 202)

    @extend_schema(
        request={"application/json": {"type": "object", "additionalProperties": {"type": "integer"}, "example": {"budget_minute": 240}}},
        responses=ShopSerializer,
    )
    @action(detail=True, methods=["patch"], url_path="budgets")
    def change_budgets(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Allow more or fewer calls (owner), by the names that the connection's settings have. Calls that were made stay counted."""
        shop = self.get_object()
        budgets.change(self.actor, shop, BudgetsField().run_validation(request.data))
        return self._answer(shop)

    def _answer(self, shop: Shop, status: int = 200) -> Response:
        return Response(_shown([self.get_queryset().get(pk=shop.pk)])[0], status=status)


def _started(count: int, done: str) -> Response:
    message = f"{count:,} lot is being {done}." if count == 1 else f"{count:,} lots are being {done}."
    return Response(StartedSerializer({"message": message, "count": count}).data, status=202)


def _shown(shops: Sequence[Shop]) -> list[dict[str, Any]]:
    """Shops with all that is known of them, in as many queries for many as for one."""
    numbers = Listing.objects.filter(shop__in=shops).values_list("shop_id", "state").annotate(number=Count("pk")).order_by()
    context = {
        "now": timezone.now(),
        "budgets": forecasts([shop.connection_id for shop in shops]),
        "counts": {(shop, state): number for shop, state, number in numbers},
    }
    return [dict(row) for row in ShopSerializer(shops, many=True, context=context).data]
