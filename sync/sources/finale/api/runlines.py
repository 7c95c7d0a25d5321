"""A Finale run in the words of the monitoring answers (docs/finale-paths.md). `state` and `status` are those of sync/answers.py."""

from __future__ import annotations

from collections.abc import Mapping

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sync.answers import WORDS, duration, message, records
from sync.models import Status, SyncRun


class RunLine(serializers.Serializer[SyncRun]):
    """What every answer says of a run."""

    id = serializers.IntegerField()
    strategy = serializers.CharField(source="scope")
    askedStrategy = serializers.SerializerMethodField(help_text="What was asked for: smart, or the strategy itself.")
    why = serializers.CharField(source="asked_why", help_text="Why smart chose it; else blank.")
    state = serializers.ChoiceField(source="status", choices=Status.choices)
    status = serializers.SerializerMethodField(help_text="The state in the four words to act upon.")
    message = serializers.SerializerMethodField()
    itemsProcessed = serializers.SerializerMethodField("processed")
    itemsUpdated = serializers.SerializerMethodField("updated", help_text="Written: new, changed, moved, back or gone.")
    itemsFailed = serializers.SerializerMethodField("failed", help_text="Held: they wait until Finale says them clearly.")

    def get_askedStrategy(self, run: SyncRun) -> str:
        return run.asked_scope or run.scope

    @extend_schema_field(serializers.ChoiceField(choices=sorted(set(WORDS.values()))))
    def get_status(self, run: SyncRun) -> str:
        return WORDS[run.status]

    def get_message(self, run: SyncRun) -> str:
        return message(run)

    def processed(self, run: SyncRun) -> int:
        return items(run.counters)[0]

    def updated(self, run: SyncRun) -> int:
        return items(run.counters)[1]

    def failed(self, run: SyncRun) -> int:
        return items(run.counters)[2]


def items(counters: Mapping[str, int]) -> tuple[int, int, int]:
    """How many rows were processed, written and held."""
    found = records(counters)
    return found["recordsProcessed"], found["recordsInserted"] + found["recordsUpdated"], found["breakdown"]["held"]


def milliseconds(run: SyncRun) -> int | None:
    """From start to end; None while it goes on."""
    return duration(run)


def in_seconds(spent: int | None) -> str | None:
    """“12s”, below ten with a tenth: “0.4s”."""
    if spent is None:
        return None
    return f"{spent / 1000:.1f}s" if spent < 9_950 else f"{round(spent / 1000)}s"


def percent(part: float, whole: float) -> float | None:
    """With one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def mean(values: list[float]) -> float | None:
    """Their average to a tenth; None of none."""
    return round(sum(values) / len(values), 1) if values else None
