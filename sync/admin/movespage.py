"""What the page of a till's or Odoo's connection shows besides: what can be synced, how far it was read, what is held, and its places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse

from accounts.acting import Actor
from inventory.marks import Mark
from inventory.models import Warehouse
from jobs.models import Schedule
from sync import answers
from sync.admin.finalepage import Going
from sync.admin.links import page_of
from sync.admin.words import STATUS, what
from sync.facts import worklist
from sync.models import ACTIVE, Connection, Cursor, FactRule, FactState, Kind, ProductRef, SourceFact, SyncRun, WarehouseRef
from sync.references.places import warehouse_of
from sync.schedules import TASK
from sync.systems import Scope, system

FEW = 5
RUNS_LOOKED_AT = 200
PLACES_SHOWN = 12
PARTS_SHOWN = 30


@dataclass(frozen=True)
class Button:
    """A scope with what is known of it. `busy` is the run that stands in its way."""

    scope: Scope
    last: SyncRun | None
    mark: Mark | None
    page: str
    due: datetime | None
    busy: SyncRun | None


@dataclass(frozen=True)
class Reading:
    """How far a feed was read; `parts` are those of its parts that stand elsewhere (branches of a till)."""

    label: str
    read_to: datetime
    complete_at: datetime | None
    parts: list[tuple[str, datetime]]


@dataclass(frozen=True)
class Assigned:
    place: WarehouseRef
    warehouse: Warehouse | None


def contents(connection: Connection, actor: Actor) -> dict[str, Any]:
    """For the templates in admin/sync/pos and admin/sync/odoo. A constant number of queries."""
    going = list(SyncRun.objects.filter(connection=connection, status__in=ACTIVE).select_related("connection").order_by("pk"))
    schedules = _schedules(connection)
    held = worklist.by_code(worklist.held(connection.account_id, connection))
    refs = {ref.external_id: ref for ref in WarehouseRef.objects.filter(connection=connection, gone_at=None).select_related("warehouse")}
    known = ProductRef.objects.filter(connection=connection, gone_at__isnull=True)
    unassigned = [ref for ref in refs.values() if ref.counts and warehouse_of(ref, refs) is None]
    return {
        **_split(connection, _buttons(connection, going, schedules)),
        "going": [Going(run, what(run), answers.message(run), page_of(run), STATUS[run.status]) for run in going],
        "auto": connection.enabled and connection.paused_at is None and connection.auto_sync and any(row.enabled for row in schedules),
        "auto_sync": connection.auto_sync,
        "may_schedule": actor.may("schedule.edit"),
        "may_decide": actor.may("reference.view"),
        "may_edit": actor.may("reference.edit"),
        "may_test": actor.may("connection.test"),
        "readings": _readings(connection),
        "last_read": "admin/sync/moves_readings.html",
        "by_day": system(connection.system).unmapped_place == "unmapped_branch",
        "held": [(each["label"], each["lines"], each["since"], _work(connection, each["code"])) for each in held],
        "held_lines": sum(each["lines"] for each in held),
        "waiting": SourceFact.objects.filter(connection=connection, state=FactState.WAITING).count(),
        "all_held": f"{reverse('admin:sync_sourcefact_work')}?connection={connection.pk}",
        "lines_link": f"{reverse('admin:sync_sourcefact_changelist')}?connection__id__exact={connection.pk}",
        "rules": FactRule.objects.filter(connection=connection).count(),
        "assigned": _places(refs, unassigned),
        "place_count": len(refs),
        "unassigned": len(unassigned),
        **known.aggregate(product_count=Count("pk"), matched=Count("product")),
    }


def _work(connection: Connection, code: str) -> str:
    part = next((name for name, those in worklist.PARTS.items() if code in those), "lines")
    return f"{reverse('admin:sync_sourcefact_work')}?part={part}&connection={connection.pk}"


def _schedules(connection: Connection) -> list[Schedule]:
    rows = Schedule.objects.filter(account_id=connection.account_id, task=TASK).order_by("pk")
    return [row for row in rows if row.arguments.get("connection") == connection.pk]


def _buttons(connection: Connection, going: list[SyncRun], schedules: list[Schedule]) -> list[Button]:
    kind = system(connection.system)
    ended = SyncRun.objects.filter(connection=connection, kind=Kind.SYNC, finished_at__isnull=False)
    last: dict[str, SyncRun] = {}
    for run in ended.only("scope", "status", "finished_at", "connection_id").order_by("-pk")[:RUNS_LOOKED_AT]:
        last.setdefault(run.scope, run)
    due: dict[str, datetime] = {}
    for row in schedules if connection.auto_sync else ():
        if row.enabled and row.next_due_at is not None:
            scope = str(row.arguments.get("scope", ""))
            due[scope] = min(due.get(scope, row.next_due_at), row.next_due_at)
    busy: Mapping[str, SyncRun] = {run.dataset: run for run in going}
    return [
        Button(
            scope,
            last.get(key),
            STATUS[last[key].status] if key in last else None,
            page_of(last[key]) if key in last else "",
            due.get(key),
            busy.get(kind.dataset_of(key)),
        )
        for key, scope in sorted(kind.scopes.items(), key=lambda each: each[0] != kind.primary_scope)
    ]


def _split(connection: Connection, buttons: list[Button]) -> dict[str, list[Button]]:
    """All of a few; of many those that do all of a data set, and the others to be unfolded."""
    kind = system(connection.system)
    widest = [each for each in buttons if kind.widest(kind.dataset_of(each.scope.key)) == each.scope.key]
    first = buttons if len(buttons) <= FEW else widest
    return {"buttons": first, "more_buttons": [each for each in buttons if each not in first]}


def _readings(connection: Connection) -> list[Reading]:
    """The cursors, each feed with its parts; those of what a feed keeps beside itself are left out."""
    labels = system(connection.system).feeds
    rows = list(Cursor.objects.filter(connection=connection).order_by("feed"))
    parts: dict[str, list[tuple[str, datetime]]] = {}
    for row in rows:
        feed, slash, part = row.feed.partition("/")
        if slash and len(parts.setdefault(feed, [])) < PARTS_SHOWN:
            parts[feed].append((part, row.read_to))
    found = {
        row.feed: Reading(labels[row.feed], row.read_to, row.complete_at, parts.get(row.feed, [])) for row in rows if row.feed in labels
    }
    return [found[feed] for feed in labels if feed in found]


def _places(refs: Mapping[str, WarehouseRef], unassigned: list[WarehouseRef]) -> list[Assigned]:
    """Those without a warehouse first, then those on top; few."""
    shown = [Assigned(ref, None) for ref in sorted(unassigned, key=_name)]
    top = [ref for ref in refs.values() if not ref.parent_id_there and ref not in unassigned]
    return [*shown, *(Assigned(ref, ref.warehouse) for ref in sorted(top, key=_name))][:PLACES_SHOWN]


def _name(ref: WarehouseRef) -> tuple[str, str]:
    return ref.code or ref.external_id, ref.name
