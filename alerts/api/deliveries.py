"""What was sent to whom, and what came of it."""

from __future__ import annotations

from typing import Any

from django_filters import FilterSet, MultipleChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from alerts import deliveries
from alerts.models import Delivery, DeliveryKind, DeliveryState
from jobs.api.keyed import KEY, answered_once


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    kind = serializers.ChoiceField(choices=DeliveryKind.choices, read_only=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices, read_only=True)
    state_in_words = serializers.CharField(source="get_state_display", read_only=True)
    tries = serializers.ListField(child=serializers.DictField(), read_only=True, help_text="When each try was made and what came of it.")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "kind",
            "subscriber",
            "webhook",
            "order",
            "by_mail",
            "to",
            "subject",
            "state",
            "state_in_words",
            "due_at",
            "code",
            "sentence",
            "hint",
            "message_id",
            "tries",
            "asked_by",
            "resend_of",
            "correlation",
            "created_at",
            "sent_at",
        ]
        read_only_fields = fields


class OneDeliverySerializer(DeliverySerializer):
    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "text"]
        read_only_fields = fields


@between("created_at", "Not made before this time.", "Made before this time.")
class DeliveryFilter(FilterSet):  # type: ignore[misc]
    kind = MultipleChoiceFilter(choices=DeliveryKind.choices, distinct=False, label="May be given several times.")
    state = MultipleChoiceFilter(choices=DeliveryState.choices, distinct=False, label="May be given several times.")
    subscriber = IdFilter("subscriber_id", "The id of the person.")
    webhook = IdFilter("webhook_id", "The webhook's id.")
    order = IdFilter("order_id", "The purchase order's id.")

    class Meta:
        model = Delivery
        fields: list[str] = []


class DeliveryViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Delivery]):
    """Noted before it was sent. Mail whose outcome is unknown is never sent again by itself (docs/alerts.md)."""

    queryset = Delivery.objects.defer("html", "attachments")
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    operations = {"list": "delivery.view", "retrieve": "delivery.view", "resend": "delivery.resend"}

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Delivery]]:
        return OneDeliverySerializer if self.action == "retrieve" else DeliverySerializer

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if self.action == "retrieve" else rows.defer("html", "attachments", "text")

    @extend_schema(request=None, responses={201: DeliverySerializer}, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The same once more, to where the recipient is now: a delivery of its own."""
        row = self.get_object()

        def do() -> tuple[int, Any]:
            return 201, dict(DeliverySerializer(deliveries.resend(self.actor, row)).data)

        return answered_once(request, self.actor, f"delivery.resend {row.pk}", do)
