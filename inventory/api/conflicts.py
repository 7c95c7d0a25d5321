from __future__ import annotations

from typing import Any

from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from inventory import conflicts
from inventory.models import Conflict, ConflictKind, ConflictStatus


class ConflictSerializer(serializers.ModelSerializer[Conflict]):
    kind_in_words = serializers.CharField(source="get_kind_display", read_only=True)
    details = serializers.JSONField(read_only=True, help_text="The sides that disagree.")

    class Meta:
        model = Conflict
        fields = [
            "id",
            "warehouse",
            "kind",
            "kind_in_words",
            "key",
            "unit",
            "details",
            "status",
            "opened_at",
            "opened_by_run",
            "resolved_at",
            "resolved_by",
            "resolved_by_run",
            "resolution",
        ]
        read_only_fields = fields


class ResolutionSerializer(serializers.Serializer[Any]):
    resolution = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=conflicts.LONGEST_RESOLUTION, help_text="What was decided."
    )


@between("opened_at", "Not opened before this time.", "Opened before this time.")
class ConflictFilter(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=ConflictStatus.choices)
    kind = ChoiceFilter(choices=ConflictKind.choices)
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id.")
    unit = IdFilter(field_name="unit_id", label="The unit's id.")
    q = CharFilter(field_name="key", lookup_expr="icontains", label="Part of what it is about, for example of a serial.")

    class Meta:
        model = Conflict
        fields: list[str] = []


class ConflictViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Conflict]):
    """Questions that the lists leave open. A sync closes what it finds no more; the rest is for a person."""

    queryset = Conflict.objects.all()
    serializer_class = ConflictSerializer
    filterset_class = ConflictFilter
    operations = {"list": "conflict.view", "retrieve": "conflict.view", "resolve": "conflict.resolve"}

    @extend_schema(request=ResolutionSerializer, responses=ConflictSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Close it as decided. It is not opened again while the lists say the same."""
        conflict = self.get_object()
        given = ResolutionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(conflicts.resolve(self.actor, conflict, **given.validated_data)).data)
