"""Files for the next run: what was uploaded, new ones, and a manager's word on a doubted one."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.parsing import JsonBody
from accounts.scoping import acting
from sync.choosing import for_system
from sync.confirmations import confirm
from sync.models import Connection, FeedConfirmation, FeedDocument
from sync.systems import SYSTEMS, values_of


class UnknownFeed(Problem):
    """Refused: no system takes files of that kind."""

    status = 404


class DoubtSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    confirmable = serializers.BooleanField(help_text="A manager may say that the file is right all the same.")


class RemarkSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField(help_text="Read, held ones included.")
    footer = serializers.DictField(allow_null=True, help_text="What the file announces about itself.")
    held = serializers.IntegerField(help_text="Rows that are not applied until the file says them clearly.")
    held_rows = serializers.ListField(child=serializers.CharField(), help_text="Why, for the first of them.")
    warnings = RemarkSerializer(many=True)
    problem = DoubtSerializer(allow_null=True, help_text="What keeps the file out of a run, unless it is confirmed.")
    doubts = DoubtSerializer(many=True, help_text="All that speaks against the file.")
    covers = serializers.ListField(child=serializers.CharField(), help_text="Loads that the file has rosters of.")


class DocumentSerializer(serializers.ModelSerializer[FeedDocument]):
    class Meta:
        model = FeedDocument
        fields = ["id", "filename", "size", "checksum", "taken_at", "uploaded_by", "created_at"]
        read_only_fields = fields


class SlotSerializer(serializers.Serializer[Any]):
    feed = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    document = DocumentSerializer(allow_null=True, help_text="The newest one.")
    report = serializers.SerializerMethodField(help_text="What was found in it.")
    confirmed = serializers.BooleanField(help_text="A manager has put the problem aside.")
    age_seconds = serializers.SerializerMethodField(help_text="Since the list was taken.")
    documents = serializers.IntegerField(help_text="How many are kept.")
    covers = serializers.ListField(child=serializers.CharField(), help_text="Loads that the kept files have rosters of.")

    @extend_schema_field(ReportSerializer(allow_null=True))
    def get_report(self, slot: Any) -> Any:
        return ReportSerializer(slot.report).data if slot.report else None

    def get_age_seconds(self, slot: Any) -> int | None:
        return None if slot.age is None else max(0, int(slot.age.total_seconds()))


class SlotsSerializer(serializers.Serializer[Any]):
    connection = serializers.IntegerField()
    name = serializers.CharField()
    transport = serializers.CharField(help_text="How the lists get here; files are taken where it is upload.")
    slots = SlotSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    connection = serializers.CharField(required=False, allow_blank=True, help_text="Id or name; may be left out when there is only one.")


class UploadedSerializer(serializers.Serializer[Any]):
    feed = serializers.CharField()
    connection = serializers.IntegerField()
    document = DocumentSerializer()
    report = ReportSerializer()


class ConfirmSerializer(serializers.Serializer[Any]):
    checksum = serializers.CharField(max_length=64, help_text="Of the document that is meant.")
    code = serializers.CharField(max_length=40, help_text="Of the doubt that is put aside.")
    connection = serializers.CharField(required=False, allow_blank=True, help_text="Id or name; may be left out when there is only one.")


class ConfirmationSerializer(serializers.ModelSerializer[FeedConfirmation]):
    class Meta:
        model = FeedConfirmation
        fields = ["id", "connection", "feed", "checksum", "code", "confirmed_by", "confirmed_at"]
        read_only_fields = fields


_KIND = OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, description="For example stock:FG.")


@extend_schema(tags=["feeds"])
class FeedsView(APIView):
    """The places for files of each connection, with what was uploaded last and what was found in it."""

    operation = "connection.view"

    @extend_schema(
        operation_id="feeds_list",
        parameters=[OpenApiParameter("connection", OpenApiTypes.INT, description="Only this connection's, by its id.")],
        responses=SlotsSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = Connection.objects.filter(account=acting(request).account, system__in=[key for key, kind in SYSTEMS.items() if kind.uploads])
        wanted = request.query_params.get("connection", "")
        if wanted:
            rows = rows.filter(pk=int(wanted)) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else rows.none()
        answer = []
        connections = list(rows)
        for key, kind in SYSTEMS.items():
            own = [row for row in connections if row.system == key]
            if own:
                places = import_string(f"{kind.uploads}.slots_of")(own)
                answer += [
                    {"connection": row.pk, "name": row.name, "transport": values_of(row)["transport"], "slots": places[row.pk]}
                    for row in own
                ]
        return Response(SlotsSerializer(answer, many=True).data)


@extend_schema(tags=["feeds"])
class FeedView(APIView):
    """One place."""

    operation = "feed.upload"
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="feeds_upload", parameters=[_KIND], request=UploadSerializer, responses={201: UploadedSerializer})
    def post(self, request: Request, kind: str) -> Response:
        """Keep a file for the next run. One that can't be read is refused with 400, one that is doubted is kept: see `report.problem`."""
        actor = acting(request)
        given = UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        connection = _connection(actor, kind, given.validated_data.get("connection"))
        file = given.validated_data["file"]
        take = import_string(f"{SYSTEMS[connection.system].uploads}.upload")
        document = take(actor, connection, kind, file.name or "", file.read())
        answer = {"feed": kind, "connection": connection.pk, "document": document, "report": document.report}
        return Response(UploadedSerializer(answer).data, status=201)


@extend_schema(tags=["feeds"])
class ConfirmView(APIView):
    """A manager's word that a doubted document is right."""

    operation = "feed.confirm"
    parser_classes = (JsonBody,)

    @extend_schema(operation_id="feeds_confirm", parameters=[_KIND], request=ConfirmSerializer, responses={201: ConfirmationSerializer})
    def post(self, request: Request, kind: str) -> Response:
        """Put one doubt about one content aside. It holds for that content alone; saying it again changes nothing."""
        actor = acting(request)
        given = ConfirmSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        connection = _connection(actor, kind, given.validated_data.get("connection"))
        said = confirm(actor, connection, kind, given.validated_data["checksum"], given.validated_data["code"])
        return Response(ConfirmationSerializer(said).data, status=201)


def _connection(actor: Actor, feed: str, named: str | None) -> Connection:
    key = next((key for key, kind in SYSTEMS.items() if kind.uploads and feed in kind.feeds), None)
    if key is None:
        there = ", ".join(feed for kind in SYSTEMS.values() if kind.uploads for feed in kind.feeds)
        raise UnknownFeed(f"There is no list “{feed[:60]}”.", hint=f"There are: {there}.")
    return for_system(actor.account, key, named)
