"""Items by the thousand: `POST /api/items/bulk`, and `POST /api/items/import` for a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.scoping import acting
from inventory import items
from inventory.api.bulkbodies import IdField
from inventory.api.fields import KnownFieldsOnly
from inventory.api.itembodies import ItemChangeBodySerializer, changing
from inventory.api.products import PROBLEMS_SHOWN, RowProblemSerializer
from inventory.items import ImportReport, Upserted
from inventory.items.upserting import RowWrong, refused
from jobs.api.keyed import KEY, answered_once

MOST = 5000


class ItemRowSerializer(ItemChangeBodySerializer):
    """A change of the item whose `id` or `token` is given, else a new one."""

    id = IdField(required=False)
    token = serializers.CharField(required=False, max_length=12)
    reason = None  # type: ignore[assignment]


class AroundSerializer(KnownFieldsOnly):
    """What is sent with the rows."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, help_text="Why; the history of each shows it.")


class ItemRowsSerializer(AroundSerializer):
    items = ItemRowSerializer(many=True, help_text=f"1 to {MOST:,}.")


class EnteredItemSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    token = serializers.CharField()
    version = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField(), help_text="What is not wrong, but not as one may think.")


class EnteredItemsSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    items = EnteredItemSerializer(many=True, help_text="In the order in which they were sent.")


class BulkItemsView(APIView):
    """Many items at once, new ones and changes: all of them or none."""

    @property
    def operation(self) -> str:
        """What the permission asks for first; the verb asks for what each row needs."""
        body = self.request.data
        rows = body.get("items") if isinstance(body, Mapping) else None
        wanted = {_needed(row) for row in rows if isinstance(row, Mapping)} if isinstance(rows, list) else set()
        return next((each for each in ("item.edit", "item.adjust") if each in wanted), "item.add")

    @extend_schema(operation_id="items_bulk", request=ItemRowsSerializer, responses=EnteredItemsSerializer, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Add and change items. Where a row is wrong, nothing is written: 400 `rows_refused`, with row, field and sentence in `details`."""
        actor = acting(request)
        rows, reason = _listed(request.data)

        def do() -> tuple[int, Any]:
            done = items.upsert_many(actor, rows, reason=reason)
            return 200, dict(EnteredItemsSerializer(_told(done, rows)).data)

        return answered_once(request, actor, "item bulk", do)


class ItemFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, help_text="CSV; the first row holds the headings, Number or Token among them.")
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Only say what would happen.")


class ItemImportSerializer(serializers.Serializer[Any]):
    message = serializers.SerializerMethodField()
    applied = serializers.BooleanField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    problem_count = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField(help_text=f"The first {PROBLEMS_SHOWN}.")
    warnings = RowProblemSerializer(source="notices", many=True, help_text="What is kept otherwise than it stands there.")
    ignored = serializers.ListField(child=serializers.CharField(), help_text="Headings that mean nothing to an import.")

    def get_message(self, report: ImportReport) -> str:
        return report.sentence

    def get_problem_count(self, report: ImportReport) -> int:
        return len(report.problems)

    def get_problems(self, report: ImportReport) -> list[dict[str, Any]]:
        return [RowProblemSerializer(problem).data for problem in report.problems[:PROBLEMS_SHOWN]]


class ImportItemsView(APIView):
    """A file of items."""

    operation = "item.import"
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="items_import", request=ItemFileSerializer, responses=ItemImportSerializer)
    def post(self, request: Request) -> Response:
        """Add and change items by a CSV file: all of it, or nothing and why (400)."""
        given = ItemFileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file, dry_run = given.validated_data["file"], given.validated_data["dry_run"]
        report = items.import_csv(acting(request), file.read(), dry_run=dry_run)
        body = ItemImportSerializer(report).data
        if report.problems and not dry_run:
            return Response({"code": "import_refused", **body}, status=400)
        return Response(body)


def _needed(row: Mapping[str, Any]) -> str:
    if not {"id", "token"} & set(row):
        return "item.add"
    return changing({name: value for name, value in row.items() if name not in ("id", "token")})


def _listed(body: Any) -> tuple[list[dict[str, Any]], str]:
    """The rows and the reason. Raises ValidationError for what is no list of them, RowsRefused for what single rows hold."""
    found = body.get("items") if isinstance(body, Mapping) else None
    if not isinstance(found, list) or not 1 <= len(found) <= MOST:
        raise serializers.ValidationError({"items": [f"Send a list of 1 to {MOST:,} items."]})
    around = AroundSerializer(data={name: value for name, value in body.items() if name != "items"})
    around.is_valid(raise_exception=True)
    row, rows, wrong = ItemRowSerializer(), [], []
    for number, given in enumerate(found, 1):
        try:
            rows.append(dict(row.run_validation(given)))
        except serializers.ValidationError as error:
            fields = error.detail if isinstance(error.detail, dict) else {"row": error.detail}
            wrong += [RowWrong(number, str(name)[:80], " ".join(map(str, said))) for name, said in fields.items()]
    if wrong:
        raise refused(wrong)
    return rows, around.validated_data.get("reason", "")


def _told(done: Upserted, rows: list[dict[str, Any]]) -> dict[str, Any]:
    entered = [
        {"id": item.pk, "token": item.token, "version": item.version, "warnings": items.notices(item, row)}
        for item, row in zip(done.items, rows, strict=True)
    ]
    message = f"{done.added:,} added, {done.changed:,} changed, {done.unchanged:,} as before."
    return {"message": message, "added": done.added, "changed": done.changed, "unchanged": done.unchanged, "items": entered}
