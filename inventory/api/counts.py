"""Counts: what somebody counted, and what is decided about it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import Count as Number
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from config.pagination import NewestFirst
from inventory import ledger
from inventory.api.countbodies import (
    CountFileSerializer,
    CountLineChangeSerializer,
    CountLineSerializer,
    CountSerializer,
    NewCountLineSerializer,
    NewCountSerializer,
    RejectionSerializer,
    lines_of,
)
from inventory.models import Count, CountLine, CountStatus
from jobs.api.keyed import KEY, answered_once

LINE = OpenApiParameter("line", OpenApiTypes.INT, OpenApiParameter.PATH, description="The line's id.")
# Not by a join: it would count the lines of all counts before the page is cut.
LINES = CountLine.objects.filter(count=OuterRef("pk")).order_by().values("count").annotate(number=Number("pk")).values("number")


@between("counted_at", "Not counted before this time.", "Counted before this time.")
class CountFilter(FilterSet):  # type: ignore[misc]
    warehouse = IdFilter("warehouse_id", "The warehouse's id.")
    product = IdFilter("lines__product_id", "The id of a product that was counted.", distinct=True)
    status = ChoiceFilter(choices=CountStatus.choices)
    opening = BooleanFilter(label="Opening counts, or the others.")
    source_key = CharFilter(label="What your own system calls it.")

    class Meta:
        model = Count
        fields: list[str] = []


class AsEntered(NewestFirst):
    ordering = "id"


class CountViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Count]):
    """A count notes what was known beside what was counted. Approved, the difference of each line is booked, never the counted number."""

    queryset = Count.objects.select_related("warehouse").annotate(line_count=Coalesce(Subquery(LINES, output_field=IntegerField()), 0))
    serializer_class = CountSerializer
    filterset_class = CountFilter
    operations = {
        "list": "count.view",
        "retrieve": "count.view",
        "create": "count.add",
        "import_file": "count.add",
        "lines": "count.view",
        "add_line": "count.add",
        "change_line": "count.add",
        "remove_line": "count.add",
        "approve": "count.decide",
        "reject": "count.decide",
    }

    @extend_schema(request=NewCountSerializer, responses={201: CountSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Enter a count. Nothing is booked before it is approved."""
        given = NewCountSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            wanted = given.validated_data
            count = ledger.enter_count(self.actor, **{**wanted, "lines": lines_of(self.actor, wanted["lines"])})
            return 201, self._answer(count)

        return answered_once(request, self.actor, "count.add", do)

    @extend_schema(request=CountFileSerializer, responses={201: CountSerializer}, parameters=[KEY], filters=False)
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def import_file(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Enter a count by a CSV file: all of it, or nothing and why."""
        given = CountFileSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        content = wanted.pop("file").read()

        def do() -> tuple[int, Any]:
            lines = ledger.read_count_file(self.actor, content)
            return 201, self._answer(ledger.enter_count(self.actor, **wanted, lines=lines))

        same = {name: getattr(value, "pk", value) for name, value in wanted.items()}
        return answered_once(request, self.actor, "count.add file", do, body={**same, "file": hashlib.sha256(content).hexdigest()})

    @extend_schema(responses=CountLineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=AsEntered)
    def lines(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What was counted, line by line, as it was entered."""
        page = self.paginate_queryset(CountLine.objects.filter(count=self.get_object()).select_related("product"))
        assert page is not None
        return self.get_paginated_response(CountLineSerializer(page, many=True).data)

    @extend_schema(request=NewCountLineSerializer, responses={201: CountLineSerializer}, parameters=[KEY])
    @lines.mapping.post
    def add_line(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add a line to a count that waits."""
        count = self.get_object()
        given = NewCountLineSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            try:
                (line,) = lines_of(self.actor, [given.validated_data])
            except serializers.ValidationError as error:
                # There is but one line, so its fields are named as they were sent.
                (fields,) = error.detail["lines"]  # type: ignore[call-overload]
                raise serializers.ValidationError(fields) from error
            return 201, dict(CountLineSerializer(ledger.add_count_line(self.actor, count, line)).data)

        return answered_once(request, self.actor, f"count.add line {count.pk}", do)

    @extend_schema(request=CountLineChangeSerializer, responses=CountLineSerializer, parameters=[LINE])
    @action(detail=True, methods=["patch"], url_path="lines/(?P<line>[0-9]+)")
    def change_line(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Correct a line of a count that waits. What was known stays that of the entry, unless another lot or expiry is meant."""
        line = self._line(path["line"])
        given = CountLineChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(CountLineSerializer(ledger.change_count_line(self.actor, line, **given.validated_data)).data)

    @extend_schema(responses={204: None}, parameters=[LINE])
    @change_line.mapping.delete
    def remove_line(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Take a line out of a count that waits."""
        ledger.remove_count_line(self.actor, self._line(path["line"]))
        return Response(status=204)

    @extend_schema(request=None, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Book the differences. Of a loss larger than what is left now, as much is booked as is there; the count is adjusted then."""
        return Response(self._answer(ledger.approve_count(self.actor, self.get_object())))

    @extend_schema(request=RejectionSerializer, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Book nothing of it."""
        count = self.get_object()
        given = RejectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self._answer(ledger.reject_count(self.actor, count, **given.validated_data)))

    def _answer(self, count: Count) -> dict[str, Any]:
        return dict(CountSerializer(self.get_queryset().get(pk=count.pk)).data)

    def _line(self, number: str) -> CountLine:
        rows: QuerySet[CountLine] = CountLine.objects.filter(count=self.get_object()).select_related("count", "product")
        found: CountLine = get_object_or_404(rows, pk=number)
        return found
