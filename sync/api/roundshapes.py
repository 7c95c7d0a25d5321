"""How the OpenAPI document describes rounds, and how types stand."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sync.answers import WORDS
from sync.api.envelopes import NamedConnectionSerializer
from sync.models import ROUND_STATES, Stage, Status, Trigger
from sync.rounds.standing import NEVER
from sync.rounds.types import TYPES

BRIEF = sorted(set(WORDS.values()))


class RecordsSerializer(serializers.Serializer[Any]):
    recordsProcessed = serializers.IntegerField(min_value=0, help_text="recordsInserted + recordsUpdated + recordsSkipped.")
    recordsInserted = serializers.IntegerField(min_value=0)
    recordsUpdated = serializers.IntegerField(min_value=0, help_text="Updated, moved, revived and removed.")
    recordsSkipped = serializers.IntegerField(min_value=0, help_text="Unchanged, skipped, held and unconfirmed.")
    breakdown = serializers.DictField(child=serializers.IntegerField(min_value=0))


class RoundErrorSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    connection = serializers.CharField()
    run = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(required=False, allow_blank=True)
    feed = serializers.CharField(required=False)
    part = serializers.CharField(required=False)
    reference = serializers.CharField(required=False, help_text="What the outside system calls a line that is held.")


class RoundStepSerializer(RecordsSerializer):
    type = serializers.CharField(help_text="The scope that was synced.")
    label = serializers.CharField()  # type: ignore[assignment]
    stage = serializers.ChoiceField(choices=Stage.choices)
    system = serializers.CharField()
    connection = NamedConnectionSerializer()
    state = serializers.ChoiceField(choices=Status.choices)
    status = serializers.ChoiceField(choices=BRIEF)
    success = serializers.BooleanField()
    message = serializers.CharField()
    run = serializers.IntegerField(allow_null=True)
    tries = serializers.IntegerField(min_value=0)
    duration = serializers.IntegerField(allow_null=True, help_text="Milliseconds of its newest run.")
    details = serializers.DictField(help_text="As the run has them; `held` says how many lines are held, by code.")


class RoundDataSerializer(RecordsSerializer):
    round = serializers.IntegerField()
    state = serializers.ChoiceField(choices=[(str(state), state.label) for state in ROUND_STATES])
    status = serializers.ChoiceField(choices=BRIEF)
    stage = serializers.ChoiceField(choices=Stage.choices, allow_null=True, help_text="The one that goes on; null when it is over.")
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    requestedBy = serializers.CharField(allow_blank=True)
    totalSyncs = serializers.IntegerField(min_value=0)
    successfulSyncs = serializers.IntegerField(min_value=0)
    failedSyncs = serializers.IntegerField(min_value=0, help_text="All that ended otherwise than well, those in part among them.")
    pendingSyncs = serializers.IntegerField(min_value=0)
    createdAt = serializers.DateTimeField()
    startedAt = serializers.DateTimeField(allow_null=True)
    finishedAt = serializers.DateTimeField(allow_null=True)
    duration = serializers.IntegerField(allow_null=True, help_text="Milliseconds; null while it goes on.")
    errors = RoundErrorSerializer(many=True, help_text="The first 50.")  # type: ignore[assignment]
    errorsTotal = serializers.IntegerField(min_value=0)
    details = RoundStepSerializer(many=True)


class RoundEnvelopeSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(help_text="False as soon as it has ended with a sync that did not succeed.")
    message = serializers.CharField()
    data = RoundDataSerializer()  # type: ignore[assignment]


class RoundBusySerializer(RoundEnvelopeSerializer):
    """409: another round is at it, which is the `data`."""

    code = serializers.CharField()
    hint = serializers.CharField()
    success = serializers.BooleanField(required=False)
    data = RoundDataSerializer(required=False)


class CursorSerializer(serializers.Serializer[Any]):
    readTo = serializers.DateTimeField(allow_null=True, help_text="How far all of it was read, by the outside system's clock.")
    completeAt = serializers.DateTimeField(allow_null=True, help_text="When it was last read from its beginning to its end.")
    parts = serializers.IntegerField(min_value=0, help_text="Parts with a mark of their own: the branches of a till.")


class StandingSerializer(serializers.Serializer[Any]):
    connection = NamedConnectionSerializer()
    system = serializers.CharField()
    scope = serializers.CharField()
    state = serializers.ChoiceField(choices=[*Status.choices, (NEVER, "Never read")])
    status = serializers.ChoiceField(choices=BRIEF)
    message = serializers.CharField()
    run = serializers.IntegerField(allow_null=True, help_text="The newest run that reads it, alone or among others.")
    lastRunAt = serializers.DateTimeField(allow_null=True)
    lastValidAt = serializers.DateTimeField(allow_null=True, help_text="When a run last found what it read valid.")
    cursor = CursorSerializer()
    held = serializers.IntegerField(min_value=0, help_text="Lines that wait for somebody.")


class TypeStandingSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=sorted(TYPES))
    label = serializers.CharField()  # type: ignore[assignment]
    stage = serializers.ChoiceField(choices=Stage.choices)
    status = serializers.ChoiceField(choices=BRIEF, help_text="Of several connections the one that says most.")
    held = serializers.IntegerField(min_value=0)
    connections = StandingSerializer(many=True)


class StandingsDataSerializer(serializers.Serializer[Any]):
    types = serializers.DictField(child=TypeStandingSerializer())
    round = RoundDataSerializer(allow_null=True, help_text="The newest one.")


class StandingsSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    data = StandingsDataSerializer()  # type: ignore[assignment]


class ResetDataSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=sorted(TYPES))
    connection = NamedConnectionSerializer()
    cursors = serializers.IntegerField(min_value=0, help_text="How many parts will be read from the beginning.")
    reset = serializers.BooleanField(help_text="False: it was only asked what would happen.")


class ResetEnvelopeSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    data = ResetDataSerializer()  # type: ignore[assignment]
