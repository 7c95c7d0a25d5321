"""How the OpenAPI document describes the answers of sync/answers.py."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sync.answers import WORDS
from sync.api.serializers import EventSerializer
from sync.models import Kind, Phase, Status, Trigger, Verdict


class ProblemSerializer(serializers.Serializer[Any]):
    feed = serializers.CharField(required=False)
    part = serializers.CharField(required=False, allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(required=False, allow_blank=True)


class FeedErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True)
    confirmable = serializers.BooleanField(help_text="A manager may say that the document is right all the same.")


class FeedAnswerSerializer(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    rows = serializers.IntegerField(min_value=0)
    held = serializers.IntegerField(min_value=0)
    footer = serializers.JSONField(allow_null=True, help_text="What the document announces about itself.")
    error = FeedErrorSerializer(allow_null=True)
    checksum = serializers.CharField(allow_blank=True)
    takenAt = serializers.DateTimeField(allow_null=True)


class NamedConnectionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class DoneSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField(min_value=0)
    total = serializers.IntegerField(min_value=0, help_text="0 where it is not known.")


class RunDataSerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Status.choices)
    status = serializers.ChoiceField(choices=sorted(set(WORDS.values())), help_text="The state in the four words to act upon.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    system = serializers.CharField()
    scope = serializers.CharField()
    askedScope = serializers.CharField(help_text="What was asked for, where the system chose the scope itself; else the scope.")
    why = serializers.CharField(allow_blank=True, help_text="Why it chose this scope.")
    connection = NamedConnectionSerializer()
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    requestedBy = serializers.CharField(allow_blank=True)
    undoOf = serializers.IntegerField(allow_null=True)
    phase = serializers.ChoiceField(choices=Phase.choices, allow_blank=True)
    progress = DoneSerializer()
    resumesAt = serializers.DateTimeField(allow_null=True, help_text="A run that waits, for a call budget, goes on then.")
    recordsProcessed = serializers.IntegerField(min_value=0, help_text="recordsInserted + recordsUpdated + recordsSkipped.")
    recordsInserted = serializers.IntegerField(min_value=0)
    recordsUpdated = serializers.IntegerField(min_value=0, help_text="Updated, moved, revived and removed.")
    recordsSkipped = serializers.IntegerField(min_value=0, help_text="Unchanged, skipped, held and unconfirmed.")
    breakdown = serializers.DictField(child=serializers.IntegerField(min_value=0))
    changes = serializers.IntegerField(min_value=0, help_text="Rows in the change log.")
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    finishedAt = serializers.DateTimeField(allow_null=True)
    duration = serializers.IntegerField(allow_null=True, help_text="Milliseconds; null while it goes on.")
    error = serializers.CharField(allow_null=True)
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]
    warnings = ProblemSerializer(many=True)
    stats = serializers.DictField(help_text="The counters of the system itself.")
    feeds = serializers.DictField(child=FeedAnswerSerializer())
    details = serializers.DictField(help_text="Counts for each part of the stock.")


class EnvelopeSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(help_text="False as soon as it is known that not all was or will be done without a person.")
    message = serializers.CharField()
    data = RunDataSerializer()  # type: ignore[assignment]


class LoggedDataSerializer(RunDataSerializer):
    log = EventSerializer(many=True, help_text="Its first 1000 lines.")


class RunEnvelopeSerializer(EnvelopeSerializer):
    data = LoggedDataSerializer()


class BusySerializer(serializers.Serializer[Any]):
    """409: it can't be done now. Where another run is at it, that run is the `data`."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(required=False, allow_blank=True)
    success = serializers.BooleanField(required=False)
    data = RunDataSerializer(required=False)  # type: ignore[assignment]
