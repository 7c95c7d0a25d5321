from __future__ import annotations

from typing import Any

from rest_framework import serializers

from jobs.cron import in_words
from jobs.models import Schedule


class ScheduleSerializer(serializers.ModelSerializer[Schedule]):
    cron_in_words = serializers.SerializerMethodField(help_text="The cron in plain words where it is a common one, else empty.")

    class Meta:
        model = Schedule
        fields = [
            "id",
            "key",
            "name",
            "task",
            "cron",
            "cron_in_words",
            "enabled",
            "next_due_at",
            "last_fired_at",
            "last_result",
            "created_at",
        ]
        read_only_fields = ["id", "key", "name", "task", "next_due_at", "last_fired_at", "last_result", "created_at"]

    def get_cron_in_words(self, schedule: Schedule) -> str:
        return in_words(schedule.cron)


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=["ok", "warn", "bad"])
    sentence = serializers.CharField()
    as_of = serializers.DateTimeField()


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["up", "down"])
    checks = CheckSerializer(many=True, required=False, help_text="Only for members.")
