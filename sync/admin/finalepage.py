"""What the page of a Finale connection shows besides: strategies, what smart would do now, calls, and what there is to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, refusal
from inventory.marks import Mark
from jobs import schedule
from jobs.models import Schedule
from sync import answers, connections
from sync.admin.links import page_of
from sync.admin.words import STATUS, what
from sync.models import ACTIVE, Connection, Kind, ProductRef, SyncRun, VendorRef, WarehouseRef
from sync.sources.finale.api.timetable import INVENTORY, on, timetable
from sync.sources.finale.intervals import DAY, HOUR, MINUTES, IntervalRefused, cron_of, minutes_of
from sync.sources.finale.strategies import SMART, STEPS, choose, newest_success
from sync.systems import Scope, system
from sync.wire.budget import Forecast, forecast

ORDER = (SMART, "critical", INVENTORY, "active", "full", "vendors", "orders")
BUDGETS = {"get_minute": "Reads", "post_minute": "GraphQL pages", "collections_hour": "Whole lists"}


@dataclass(frozen=True)
class Strategy:
    """A button with what is known of it. `busy` is the run that stands in its way."""

    scope: Scope
    last: SyncRun | None
    mark: Mark | None
    page: str
    due: datetime | None
    busy: SyncRun | None


@dataclass(frozen=True)
class Going:
    """A run that is queued or at work."""

    run: SyncRun
    what: str
    sentence: str
    page: str
    mark: Mark


@dataclass(frozen=True)
class Calls:
    """A budget in words. `share` is how much of it is used, in percent."""

    name: str
    each: str
    budget: Forecast
    share: int
    waits: bool


def contents(connection: Connection, actor: Actor) -> dict[str, Any]:
    """For the templates in admin/sync/finale. A constant number of queries."""
    now = timezone.now()
    going = list(SyncRun.objects.filter(connection=connection, status__in=ACTIVE).select_related("connection").order_by("pk"))
    rows = timetable(connection)
    chosen, why = choose(newest_success(connection), now)
    inventory = rows.get(INVENTORY)
    minutes = minutes_of(inventory.cron) if inventory else None
    known = ProductRef.objects.filter(connection=connection, gone_at__isnull=True)
    return {
        "strategies": _strategies(connection, going, rows, chosen),
        "chosen": system(connection.system).scopes[chosen],
        "why": why,
        "steps_of_smart": [(named, system(connection.system).scopes[scope]) for _, scope, named in STEPS],
        "going": [Going(run, what(run), answers.message(run), page_of(run), STATUS[run.status]) for run in going],
        "calls": [_calls(each, now) for each in forecast(connection.pk)],
        "auto": on(connection, rows),
        "auto_sync": connection.auto_sync,
        "minutes": minutes,
        "intervals": [(each, interval(each), each == minutes) for each in sorted({*MINUTES, *([minutes] if minutes else [])})],
        "may_schedule": actor.may("schedule.edit"),
        "may_decide": actor.may("reference.view"),
        "product_count": known.count(),
        "unmatched": known.filter(product=None).count(),
        "vendor_count": VendorRef.objects.filter(connection=connection, gone_at__isnull=True).count(),
        "places": WarehouseRef.objects.filter(connection=connection, gone_at__isnull=True).count(),
        "uncounted": WarehouseRef.objects.filter(connection=connection, gone_at__isnull=True, counts=False).count(),
    }


def _strategies(connection: Connection, going: list[SyncRun], rows: Mapping[str, Schedule], chosen: str) -> list[Strategy]:
    kind = system(connection.system)
    ended = SyncRun.objects.filter(connection=connection, kind=Kind.SYNC, finished_at__isnull=False)
    newest = ended.only("scope", "asked_scope", "status", "finished_at", "connection_id").order_by("-pk")
    last: dict[str, SyncRun] = {}
    # Of a day in which everything is due there are some 130; older ones than those are on the list of runs.
    for ended_one in newest[:200]:
        last.setdefault(ended_one.scope, ended_one)
        if ended_one.asked_scope:
            last.setdefault(ended_one.asked_scope, ended_one)
    busy = {run.dataset: run for run in going}
    found = []
    for key in ORDER:
        run, row = last.get(key), rows.get(key)
        found.append(
            Strategy(
                kind.scopes[key],
                run,
                STATUS[run.status] if run else None,
                page_of(run) if run else "",
                row.next_due_at if row and row.enabled and connection.auto_sync else None,
                busy.get(kind.dataset_of(chosen if key == SMART else key)),
            )
        )
    return found


def _calls(budget: Forecast, now: datetime) -> Calls:
    each = "a minute" if budget.window_seconds == 60 else "an hour" if budget.window_seconds == 3600 else f"in {budget.window_seconds} s"
    waits = budget.free_at > now + timedelta(seconds=1)
    return Calls(BUDGETS.get(budget.name, budget.name), each, budget, min(100, 100 * budget.used // budget.limit), waits)


def interval(minutes: int) -> str:
    """“every 15 minutes”, “every 6 hours”, “once a day”."""
    if minutes < HOUR:
        return f"every {minutes} minutes"
    if minutes == HOUR:
        return "every hour"
    if minutes < DAY:
        return f"every {minutes // HOUR} hours" if minutes % HOUR == 0 else f"every {minutes} minutes"
    return "once a day" if minutes == DAY else "once a week" if minutes == 7 * DAY else f"every {minutes // DAY} days"


def set_auto(request: HttpRequest, connection: Connection) -> HttpResponse:
    """Switch auto-sync on or off, and set how often stock is read."""
    actor = acting(request)
    try:
        messages.success(request, _set(actor, connection, request.POST))
    except Problem as problem:
        messages.error(request, refusal(problem))
    return HttpResponseRedirect(f"{reverse('admin:sync_page', args=[connection.pk])}#auto")


def _set(actor: Actor, connection: Connection, given: Mapping[str, str]) -> str:
    wanted = given.get("auto") == "on"
    row = timetable(connection).get(INVENTORY)
    minutes = given.get("interval", "")
    if row is not None and minutes.isascii() and minutes.isdigit() and int(minutes[:6]) != minutes_of(row.cron):
        if int(minutes[:6]) not in MINUTES:
            raise IntervalRefused(f"Every {minutes[:6]} minutes can't be kept day and night. Choose one of the list.")
        row = schedule.change(actor, row, cron=cron_of(int(minutes[:6]), row.cron))
    connections.set_auto_sync(actor, connection, wanted)
    if not wanted:
        return "Auto-sync is off: syncs run when somebody starts them."
    often = interval(minutes_of(row.cron) or HOUR) if row is not None else "by its schedules"
    return f"Auto-sync is on: stock is read {often}."
