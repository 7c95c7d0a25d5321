"""Numbers for a monitoring system: `GET /api/metrics`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.scoping import acting
from inventory.metrics import collectors


class Whatever(BaseContentNegotiation):
    """Monitoring systems ask for formats that only they know; what can't be done is answered in JSON all the same."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class MetricsView(APIView):
    """How stock does, as numbers."""

    operation = "metrics.view"
    content_negotiation_class = Whatever

    @extend_schema(operation_id="metrics", responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, *_args: Any, **_path: Any) -> HttpResponse:
        """In the text format of Prometheus, or in OpenMetrics for who asks for that; of the token's business account alone."""
        registry = CollectorRegistry()
        for collector in collectors(acting(request).account):
            registry.register(collector)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return HttpResponse(encode(registry), content_type=content_type)
