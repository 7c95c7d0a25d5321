"""What is wrong, or was: the inbox for programs."""

from __future__ import annotations

from typing import Any

from django_filters import CharFilter, FilterSet, MultipleChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from accounts.notthere import not_there, said
from alerts import deciding
from alerts.models import Alert, AlertState, Kind
from inventory.api.bulkbodies import IdField, NotFoundField
from inventory.api.fields import KnownFieldsOnly

MOST = 5000


class AlertSerializer(serializers.ModelSerializer[Alert]):
    kind = serializers.ChoiceField(choices=Kind.choices, read_only=True)
    kind_in_words = serializers.CharField(source="get_kind_display", read_only=True)
    state = serializers.ChoiceField(choices=AlertState.choices, read_only=True)
    state_in_words = serializers.CharField(source="get_state_display", read_only=True)
    facts = serializers.DictField(read_only=True, help_text="Figures, as they were when it was opened or last told.")

    class Meta:
        model = Alert
        fields = [
            "id",
            "kind",
            "kind_in_words",
            "subject",
            "state",
            "state_in_words",
            "title",
            "sentence",
            "facts",
            "page",
            "product",
            "connection",
            "review",
            "opened_at",
            "reminders",
            "acknowledged_at",
            "acknowledged_by",
            "ended_at",
            "ended_why",
        ]
        read_only_fields = fields


class AcknowledgeSerializer(KnownFieldsOnly):
    ids = serializers.ListField(child=IdField(), min_length=1, max_length=MOST)


class AcknowledgedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    acknowledged = serializers.IntegerField(help_text="How many nobody had acknowledged before.")
    not_found = NotFoundField()


class DecidedAlertsSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    alerts = serializers.IntegerField(help_text="How many were held back.")


@between("opened_at", "Not opened before this time.", "Opened before this time.")
class AlertFilter(FilterSet):  # type: ignore[misc]
    kind = MultipleChoiceFilter(choices=Kind.choices, distinct=False, label="May be given several times.")
    state = MultipleChoiceFilter(choices=AlertState.choices, distinct=False, label="May be given several times.")
    subject = CharFilter(label="What it is about, as `product:12`.")
    product = IdFilter("product_id", "The product's id.")
    connection = IdFilter("connection_id", "The connection's id.")
    review = IdFilter("review_id", "The id of the review that holds it back.")

    class Meta:
        model = Alert
        fields: list[str] = []


class AlertViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Alert]):
    """One trouble with one thing, from when it was seen until it is over (docs/alerts.md)."""

    queryset = Alert.objects.all()
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    operations = {
        "list": "alert.view",
        "retrieve": "alert.view",
        "acknowledge": "alert.acknowledge",
        "approve": "alert.approve",
        "dismiss": "alert.approve",
    }

    @extend_schema(request=AcknowledgeSerializer, responses=AcknowledgedSerializer, filters=False)
    @action(detail=False, methods=["post"])
    def acknowledge(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Nobody is reminded of these any more; they stay open until they are over. Those that are over count for nothing, and `not_found`
        has the ids that mean none."""
        given = AcknowledgeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ids = given.validated_data["ids"]
        missing, number = not_there(ids, self.get_queryset()), deciding.acknowledge(self.actor, ids)
        message = f"{number:,} acknowledged. {said(missing, 'alert', 'alerts')}".strip()
        return Response({"message": message, "acknowledged": number, "not_found": missing})

    @extend_schema(request=None, responses=DecidedAlertsSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """A mass change is right: what was held back is told, as one digest."""
        number = deciding.approve(self.actor, self.get_object())
        return Response({"message": f"{number:,} are told.", "alerts": number})

    @extend_schema(request=None, responses=DecidedAlertsSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """A mass change is wrong: nobody is told of what was held back."""
        number = deciding.dismiss(self.actor, self.get_object())
        return Response({"message": f"{number:,} are not told.", "alerts": number})
