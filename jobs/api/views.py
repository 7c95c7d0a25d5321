from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import actor_for_request
from accounts.api import AccountScoped
from jobs import health, schedule
from jobs.api.serializers import CheckSerializer, HealthSerializer, ScheduleSerializer
from jobs.health import State
from jobs.models import Schedule


class HealthView(APIView):
    """Whether the installation works: up or down for everybody, each check in words for members."""

    permission_classes = ()

    def perform_authentication(self, request: Request) -> None:
        """Not yet: without a database nobody can be known, and the answer is needed then most of all."""

    @extend_schema(responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        found = health.checks(None)
        up = health.is_up(found)
        body: dict[str, Any] = {"status": "up" if up else "down"}
        if found[0].state != State.BAD:
            actor = actor_for_request(request)
            if actor is not None and actor.may("health.view"):
                body["checks"] = CheckSerializer(health.checks(actor.account), many=True).data
        return Response(body, status=200 if up else 503)


class ScheduleViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Schedule]):
    """When recurring work is done. Schedules come with what they run; cron and on or off can be changed."""

    queryset = Schedule.objects.order_by("name", "pk")
    serializer_class = ScheduleSerializer
    operations = {"list": "schedule.view", "retrieve": "schedule.view", "partial_update": "schedule.edit", "run": "schedule.edit"}

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change cron, enabled or both; the answer says when it is next due."""
        row = self.get_object()
        wanted = self.get_serializer(row, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = schedule.change(self.actor, row, **wanted.validated_data)
        return Response(self.get_serializer(changed).data)

    @extend_schema(request=None, responses={202: ScheduleSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Run it now, whether it is on or off."""
        row = self.get_object()
        schedule.run_now(self.actor, row)
        row.refresh_from_db()
        return Response(self.get_serializer(row).data, status=202)
