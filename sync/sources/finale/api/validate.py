"""`/api/sync-finale/validate`: what is wrong in what is known of Finale, and reading its stock again to see or mend it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sync.api.starts import ANSWERED, ASKED, StartSerializer, StartView, is_on
from sync.models import Connection
from sync.sources.finale import validating
from sync.sources.finale.api.asking import CONNECTION, FINALE, Query, asked
from sync.sources.finale.strategies import INVENTORY


class FinaleExampleSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    said = serializers.CharField(allow_blank=True, help_text="What Finale says; blank where there is nothing to compare.")
    here = serializers.CharField(allow_blank=True, help_text="What is stored here.")


class FinaleIssueSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(source="sentence")
    count = serializers.IntegerField(help_text="Products that it concerns.")
    examples = FinaleExampleSerializer(many=True, help_text=f"The first {validating.SHOWN}.")


class FinaleValidationSerializer(serializers.Serializer[Any]):
    timestamp = serializers.DateTimeField()
    score = serializers.IntegerField(allow_null=True, help_text="0 to 100; null while no product of Finale is known.")
    valid = serializers.BooleanField(help_text="Nothing was found.")
    totalProducts = serializers.IntegerField()
    issues = FinaleIssueSerializer(many=True)


class FinaleValidateSerializer(StartSerializer):
    autoFix = serializers.BooleanField(required=False, default=False, help_text="Write what Finale says; without it only say what differs.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return {**attrs, "preview": attrs["preview"] or not attrs["autoFix"]}


class ValidateView(StartView):
    """Is what is known of Finale right?"""

    system, scope = FINALE, INVENTORY
    body = FinaleValidateSerializer

    @property
    def operation(self) -> str:
        """Looking at what is stored is free, a look at Finale is a preview, mending a sync."""
        if self.request.method != "POST":
            return "run.view"
        return "run.start" if is_on(self.request, "autoFix") and not is_on(self.request, "preview", "dryRun") else "run.preview"

    @extend_schema(parameters=[CONNECTION], responses=FinaleValidationSerializer, operation_id="finale_validate")
    def get(self, request: Request) -> Response:
        """What is missing, contradictory, old or other than what Finale said last, from what is stored. Calls nothing, changes nothing."""
        _, connection, _ = asked(request, Query)
        return Response(FinaleValidationSerializer(report(connection)).data)

    @extend_schema(request=FinaleValidateSerializer, parameters=ASKED, responses=ANSWERED, operation_id="finale_validate_start")
    def post(self, request: Request) -> Response:
        """Compare with Finale itself: a preview of the inventory sync, whose plan lists each difference; with `autoFix` the sync."""
        return super().post(request)


def report(connection: Connection | None) -> dict[str, Any]:
    """The validation answer about `connection`."""
    now = timezone.now()
    total, issues = validating.validate(connection, now) if connection else (0, [])
    return {
        "timestamp": now,
        "score": validating.score(total, issues) if total else None,
        "valid": not issues,
        "totalProducts": total,
        "issues": issues,
    }
