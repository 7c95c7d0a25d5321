"""django-q2's tables and the clusters' beats, for the operator only. Arguments of tasks are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext
from django_q.models import Failure, OrmQ, Success
from django_q.models import Schedule as QueueSchedule
from unfold.decorators import display

from accounts.admin.operator import OperatorOnly
from jobs.models import Beat
from jobs.queue import CLUSTERS, enqueue

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    from unfold.admin import ModelAdmin as _Admin

for model in (Success, Failure, OrmQ, QueueSchedule):
    # django-q2's own pages show the pickled arguments; OrmQ is only there with the queue in the database.
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class SeenByOperator(OperatorOnly, _Admin):
    """Seen by the operator, changed by nobody."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Beat)
class BeatAdmin(SeenByOperator):
    list_display = ("cluster", "host", "pid", "workers", "busy", "started_at", "beat_at", "looked_at", "restarts")
    fields = list_display


FINISHED = ("name", "func", "cluster", "started", "stopped", "attempt_count")


class FinishedTaskAdmin(SeenByOperator):
    list_display = FINISHED
    search_fields = ("name", "func")
    list_filter = ("cluster",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("args", "kwargs", "result")


@admin.register(Success)
class SuccessAdmin(FinishedTaskAdmin):
    fields = ("id", *FINISHED)


@admin.register(Failure)
class FailureAdmin(FinishedTaskAdmin):
    fields = ("id", *FINISHED, "reason")
    readonly_fields = ("reason",)
    actions = ("run_again",)

    @admin.display(description="reason")
    def reason(self, row: Failure) -> str:
        return str(row.result)

    @admin.action(description="Run again", permissions=["view"])
    def run_again(self, request: HttpRequest, rows: QuerySet[Failure]) -> None:
        number = 0
        for row in rows:
            with transaction.atomic():
                enqueue(row.func, *(row.args or ()), cluster=row.cluster if row.cluster in CLUSTERS else "sync")
                row.delete()
            number += 1
        sentence = ngettext("%d task was sent to the workers again.", "%d tasks were sent to the workers again.", number)
        messages.success(request, sentence % number)


@admin.register(OrmQ)
class QueuedTaskAdmin(SeenByOperator):
    list_display = ("id", "key", "func", "state")
    list_filter = ("key",)
    fields = ("key", "task_id", "func", "state")
    readonly_fields = ("task_id", "func", "state")

    @display(description="state", label={"waiting": "info", "taken": "success"})  # type: ignore[untyped-decorator]
    def state(self, row: OrmQ) -> tuple[str, str]:
        if row.lock is None or row.lock <= timezone.now():
            return "waiting", "waiting"
        return "taken", f"taken; runs again if unfinished at {row.lock:%H:%M:%S} UTC"


@admin.register(QueueSchedule)
class QueueScheduleAdmin(SeenByOperator):
    list_display = ("name", "func", "cluster", "schedule_type", "minutes", "next_run")
    fields = (*list_display, "repeats")
