from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sync import answers
from sync.lists import Listed, listed
from sync.models import HeldRow, PlanRow, RunEvent, SyncChange, SyncRun, Unconfirmed


class RunSerializer(serializers.ModelSerializer[SyncRun]):
    connection_name = serializers.CharField(source="connection.name")
    system = serializers.CharField(source="connection.system")
    requested_by = serializers.CharField(source="requested_label")
    message = serializers.SerializerMethodField(help_text="How it stands, in one sentence.")
    counters = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = SyncRun
        fields = [
            "id",
            "connection",
            "connection_name",
            "system",
            "dataset",
            "scope",
            "kind",
            "trigger",
            "requested_by",
            "status",
            "phase",
            "progress_done",
            "progress_total",
            "cancel_requested",
            "cancelled_by",
            "approved_by",
            "approved_at",
            "undo_of",
            "message",
            "counters",
            "changes_logged",
            "created_at",
            "started_at",
            "finished_at",
            "applied_at",
        ]
        read_only_fields = fields

    def get_message(self, run: SyncRun) -> str:
        return answers.message(run)


class EventSerializer(serializers.ModelSerializer[RunEvent]):
    class Meta:
        model = RunEvent
        fields = ["seq", "at", "phase", "feed", "level", "text", "done", "total"]
        read_only_fields = fields


class LiveSerializer(serializers.Serializer[Any]):
    """A run as it stands, and what happened after the line that the caller knows."""

    run = RunSerializer()
    events = EventSerializer(many=True)
    after = serializers.IntegerField(help_text="The last line's number: send it as `after` the next time.")
    poll_after_ms = serializers.IntegerField(allow_null=True, help_text="When to ask again; null when nothing will follow.")


class ChangeSerializer(serializers.ModelSerializer[SyncChange]):
    list = serializers.SerializerMethodField(help_text="In which of the lists of a preview it would stand.")
    before = serializers.DictField(allow_null=True, help_text="The changed fields as they were.")
    after = serializers.DictField(allow_null=True, help_text="The changed fields as they are.")

    class Meta:
        model = SyncChange
        fields = [
            "id",
            "run",
            "seq",
            "at",
            "entity",
            "entity_id",
            "label",
            "group",
            "scope",
            "type",
            "list",
            "field",
            "old",
            "new",
            "before",
            "after",
            "correlation",
        ]
        read_only_fields = fields

    def get_list(self, change: SyncChange) -> Listed:
        return listed(change.type)


class PlanRowSerializer(serializers.ModelSerializer[PlanRow]):
    list = serializers.SerializerMethodField()
    before = serializers.DictField(allow_null=True, help_text="The changed fields as they are stored.")
    after = serializers.DictField(allow_null=True, help_text="The changed fields as they would be.")

    class Meta:
        model = PlanRow
        fields = ["seq", "list", "entity", "entity_id", "label", "group", "scope", "type", "field", "old", "new", "before", "after"]
        read_only_fields = fields

    def get_list(self, row: PlanRow) -> Listed:
        return listed(row.type)


class HeldRowSerializer(serializers.ModelSerializer[HeldRow]):
    class Meta:
        model = HeldRow
        fields = ["id", "connection", "feed", "part", "row", "code", "sentence", "raw", "run", "first_held_at"]
        read_only_fields = fields


class UnconfirmedSerializer(serializers.ModelSerializer[Unconfirmed]):
    class Meta:
        model = Unconfirmed
        fields = ["id", "connection", "run", "entity", "entity_id", "label", "reason"]
        read_only_fields = fields


class UndoStepSerializer(serializers.Serializer[Any]):
    entity = serializers.CharField()
    entity_id = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    field = serializers.CharField(allow_blank=True)
    old = serializers.CharField(allow_null=True, allow_blank=True, help_text="What stands now.")
    new = serializers.CharField(allow_null=True, allow_blank=True, help_text="What it would go back to.")
    reason = serializers.CharField(allow_blank=True)


class UndoPlanSerializer(serializers.Serializer[Any]):
    """What an undo would do: put back, keep because it has changed since, refuse."""

    reversed = UndoStepSerializer(many=True)
    kept = UndoStepSerializer(many=True)
    refused = UndoStepSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="How many there are of each; a list shows 1000 at most.")


class UndoRequestSerializer(serializers.Serializer[Any]):
    pause_schedules = serializers.BooleanField(
        required=False, default=False, help_text="Also pause the connection's schedules, which would sync the same data again."
    )
