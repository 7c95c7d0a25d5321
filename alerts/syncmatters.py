"""Alerts of connections: runs that failed, were partly done, are stuck or wait for a review; old data, spent budgets, refused logins and
stopped shops (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from alerts.models import Alert, AlertState, Kind
from alerts.raising import Seen, match
from alerts.recipients import House
from inventory.ledgerwords import page_of
from inventory.wording import day
from marketplaces.models import Shop
from sync.models import ACTIVE, Breaker, BreakerState, Connection, FeedState, RunFeed, Status, SyncRun, Verdict
from sync.models import Kind as RunKind
from sync.systems import SYSTEMS
from sync.wire.budget import forecasts

DECIDED = (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.NEEDS_REVIEW)
"""A run with one of these says how syncing does; a cancelled one says nothing."""

RESTLESS = timedelta(days=1)
WELL_AGAIN = 3
"""What is back within RESTLESS is over when so many runs in a row were good: one good one between bad ones is no news."""

LONG_WINDOW = 3600
"""Seconds. Budgets of shorter windows are spent and free again all the time."""

OF_RUNS = {Status.FAILED: Kind.SYNC_FAILED, Status.PARTIAL: Kind.SYNC_PARTIAL, Status.NEEDS_REVIEW: Kind.MASS_CHANGE}


@dataclass(frozen=True)
class Watched:
    """The connections of an account that are used, by id, and of each the newest decided run of each of its data sets."""

    connections: Mapping[int, Connection]
    runs: Mapping[tuple[int, str], SyncRun]


def look(house: House, now: datetime) -> None:
    """Nine statements where nothing differs."""
    watched = _watched(house)

    def unwatched(alert: Alert) -> str:
        return "" if alert.connection_id in watched.connections else "The connection is not used any more."

    def unwell(alert: Alert) -> str:
        run = watched.runs.get(_of_subject(alert.subject))
        well = run is not None and run.status == Status.SUCCEEDED
        return unwatched(alert) or ("" if well else "A later run ended otherwise.")

    match(house, tuple(OF_RUNS.values()), [*_runs(watched), *_restless(house, watched)], now, silently=unwell)
    match(house, (Kind.SYNC_STUCK,), _stuck(house, watched, now), now, silently=unwatched)
    match(house, (Kind.FEED_STALE,), _stale(house, watched, now), now, silently=unwatched)
    match(house, (Kind.BUDGET_LOW,), _budgets(house, watched), now, silently=unwatched)
    match(house, (Kind.CREDENTIALS_REFUSED,), _refused(house, watched), now, silently=unwatched)
    match(house, (Kind.SHOP_STOPPED,), _shops(house, watched), now, silently=unwatched)


def _watched(house: House) -> Watched:
    datasets = sorted({system.dataset_of(scope) for system in SYSTEMS.values() for scope in system.scopes})
    decided = SyncRun.objects.filter(connection=OuterRef("pk"), kind=RunKind.SYNC, status__in=DECIDED).order_by("-id")
    newest = {f"newest_{at}": Subquery(decided.filter(dataset=dataset).values("pk")[:1]) for at, dataset in enumerate(datasets)}
    used = Connection.objects.filter(account=house.account, enabled=True, paused_at__isnull=True).annotate(**newest)
    found = {row.pk: row for row in used.order_by("pk")}
    pks = [pk for row in found.values() for name in newest if (pk := getattr(row, name)) is not None]
    runs = SyncRun.objects.filter(pk__in=pks).only("connection", "dataset", "scope", "status", "message")
    return Watched(found, {(run.connection_id, run.dataset): run for run in runs})


def _subject(connection_id: int, dataset: str) -> str:
    return f"connection:{connection_id}:{dataset}"


def _of_subject(subject: str) -> tuple[int, str]:
    _, connection, dataset = subject.split(":", 2)
    return int(connection), dataset


def _name(connection: Connection, scope: str) -> str:
    known = SYSTEMS[connection.system].scopes if connection.system in SYSTEMS else {}
    return f"{connection.name}, {known[scope].label if scope in known else scope}"


def _runs(watched: Watched) -> Iterator[Seen]:
    said = {Status.FAILED: "sync failed", Status.PARTIAL: "sync partly done", Status.NEEDS_REVIEW: "the sync waits for a review"}
    for (pk, dataset), run in watched.runs.items():
        if run.status in OF_RUNS:
            connection = watched.connections[pk]
            yield Seen(
                OF_RUNS[Status(run.status)],
                _subject(pk, dataset),
                f"{_name(connection, run.scope)}: {said[Status(run.status)]}",
                run.message,
                {"run": run.pk, "connection": connection.name, "scope": run.scope},
                page_of("sync_syncrun_change", run.pk),
                connection_id=pk,
            )


def _restless(house: House, watched: Watched) -> Iterator[Seen]:
    """Open alerts of syncs that fail and succeed in turn, whose newest run was good, but not yet for long enough."""
    same = Alert.objects.filter(account=house.account, kind=OuterRef("kind"), subject=OuterRef("subject"))
    lately = same.filter(ended_at__gt=OuterRef("opened_at") - RESTLESS)
    again = Alert.objects.filter(
        Exists(lately), account=house.account, state=AlertState.OPEN, kind__in=(Kind.SYNC_FAILED, Kind.SYNC_PARTIAL)
    )
    for alert in again.order_by("pk"):
        run = watched.runs.get(_of_subject(alert.subject))
        if run is None or run.status != Status.SUCCEEDED:
            continue
        decided = SyncRun.objects.filter(connection=run.connection_id, dataset=run.dataset, kind=RunKind.SYNC, status__in=DECIDED)
        if set(decided.order_by("-id").values_list("status", flat=True)[:WELL_AGAIN]) != {Status.SUCCEEDED}:
            yield Seen(alert.kind, alert.subject, alert.title, alert.sentence, alert.facts, alert.page, connection_id=alert.connection_id)


def _stuck(house: House, watched: Watched, now: datetime) -> Iterator[Seen]:
    """Runs that nobody has worked at for long: one that waits for its next slice or a budget is not."""
    minutes = house.settings.stuck_minutes
    before = now - timedelta(minutes=minutes)
    runs = SyncRun.objects.filter(account=house.account, status__in=ACTIVE, connection__in=list(watched.connections))
    alive = Coalesce(F("lease_until"), F("resume_at"), F("queued_at"))
    idle = runs.annotate(alive=alive).filter(Q(alive__lt=before)).filter(Q(resume_at__isnull=True) | Q(resume_at__lt=before))
    for run in idle.only("connection", "dataset", "scope", "status").order_by("pk"):
        yield Seen(
            Kind.SYNC_STUCK,
            _subject(run.connection_id, run.dataset),
            f"{_name(watched.connections[run.connection_id], run.scope)}: sync stuck",
            f"Nobody has worked at it for more than {minutes} minutes. Look whether the worker runs.",
            {"run": run.pk},
            page_of("sync_syncrun_change", run.pk),
            connection_id=run.connection_id,
        )


def _stale(house: House, watched: Watched, now: datetime) -> Iterator[Seen]:
    hours = house.settings.stale_hours
    if not hours:
        return
    since = now - timedelta(hours=hours)
    # What is read by what changed is current though it was not read whole, and though nothing of it had changed.
    current = RunFeed.objects.filter(
        ~Q(verdict=Verdict.INVALID),
        run__connection=OuterRef("connection"),
        run__kind=RunKind.SYNC,
        run__status__in=(Status.SUCCEEDED, Status.PARTIAL),
        run__finished_at__gte=since,
        feed=OuterRef("feed"),
        part="",
        error_code="",
    )
    old = FeedState.objects.filter(~Exists(current), connection__in=list(watched.connections), valid_at__lt=since).order_by("pk")
    for state in old.only("connection", "feed", "valid_at"):
        connection = watched.connections[state.connection_id]
        labels = SYSTEMS[connection.system].feeds if connection.system in SYSTEMS else {}
        yield Seen(
            Kind.FEED_STALE,
            f"connection:{connection.pk}:{state.feed}",
            f"{connection.name}, {labels.get(state.feed, state.feed)}: data is old",
            f"It was last read well on {day(state.valid_at)}.",
            {"feed": state.feed, "valid_at": state.valid_at.isoformat()},
            page_of("sync_page", connection.pk),
            connection_id=connection.pk,
        )


def _budgets(house: House, watched: Watched) -> Iterator[Seen]:
    percent = house.settings.budget_percent
    if not percent:
        return
    for pk, budgets in forecasts(list(watched.connections)).items():
        for budget in budgets:
            if budget.window_seconds >= LONG_WINDOW and budget.left_urgent * 100 < budget.limit * percent:
                connection = watched.connections[pk]
                yield Seen(
                    Kind.BUDGET_LOW,
                    f"connection:{pk}:{budget.name}",
                    f"{connection.name}: call budget “{budget.name}” nearly spent",
                    f"Less than {percent} % of {budget.limit:,} calls are left. It fills up again by itself.",
                    {"budget": budget.name, "limit": budget.limit},
                    page_of("sync_connection_change", pk),
                    connection_id=pk,
                )


def _refused(house: House, watched: Watched) -> Iterator[Seen]:
    stopped = Breaker.objects.filter(connection__in=list(watched.connections), state=BreakerState.STOPPED)
    refused = set(stopped.values_list("connection", flat=True))
    for pk, connection in watched.connections.items():
        if pk in refused or connection.secrets.unreadable:
            why = "The login was refused" if pk in refused else "The stored credentials can't be read"
            yield Seen(
                Kind.CREDENTIALS_REFUSED,
                f"connection:{pk}",
                f"{connection.name}: login refused" if pk in refused else f"{connection.name}: credentials can't be read",
                f"{why}: nothing is read or sent. Enter the credentials again and test the connection.",
                {"connection": connection.name},
                page_of("sync_connection_change", pk),
                connection_id=pk,
            )


def _shops(house: House, watched: Watched) -> Iterator[Seen]:
    stopped = Shop.objects.filter(account=house.account, stopped_at__isnull=False, connection__in=list(watched.connections))
    for shop in stopped.order_by("pk"):
        yield Seen(
            Kind.SHOP_STOPPED,
            f"shop:{shop.pk}",
            f"{watched.connections[shop.connection_id].name}: shop stopped",
            f"{shop.stopped_sentence} {shop.stopped_hint}".strip(),
            {"shop": shop.pk},
            page_of("marketplaces_shop_change", shop.pk),
            connection_id=shop.connection_id,
        )
