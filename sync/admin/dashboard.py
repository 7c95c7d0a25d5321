"""The first screen: what needs somebody, what can be synced, what is there, and whether everything works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.acting import Actor, actor_for_request
from accounts.models import Account
from inventory.admin import waiting
from inventory.admin.waiting import Figure, Need
from inventory.loadstate import LoadStep, load_state
from inventory.marks import Mark
from inventory.models import Bucket, Conflict, ConflictStatus, Load, Product, ScanSession, SessionStatus, Unit
from jobs import health
from jobs.health import Check
from sync import answers
from sync.admin.connectionwords import STATES
from sync.admin.links import page_of
from sync.admin.runpage import took
from sync.admin.words import FRESHNESS, HEALTH, STATUS, what
from sync.condition import Condition, State, condition_of
from sync.facts import worklist
from sync.freshness import FeedAge, Freshness, feed_ages
from sync.models import ACTIVE, Connection, HeldRow, Kind, Round, Status, SyncRun, Unconfirmed
from sync.rounds.types import SYSTEMS
from sync.systems import Scope, synced, system

USABLE = (State.READY, State.UNTESTED, State.FAILED, State.RESTING)
"""States of a connection in which a sync may be tried."""


@dataclass(frozen=True)
class Card:
    """A connection on the first screen."""

    connection: Connection
    system_label: str
    page: str
    mark: Mark
    condition: Condition
    primary: Scope
    may_start: bool
    run: SyncRun | None
    newest: list[SyncRun]
    """The newest run of each of its data sets: `run` is the newest of them all."""
    run_page: str
    run_mark: Mark | None
    run_what: str
    sentence: str
    took: str
    ages: list[tuple[FeedAge, Mark]]

    @property
    def never(self) -> Mark | None:
        """The one mark of a connection of which nothing was ever read."""
        if not self.ages:
            # Of a system all of whose lists come in parts, the runs say when it was read.
            return None if self.run else FRESHNESS[Freshness.NEVER]
        return None if any(age.valid_at for age, _ in self.ages) else FRESHNESS[Freshness.NEVER]


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme's callback for the index: adds what its template shows. The number of queries depends on nothing."""
    actor = actor_for_request(request)
    if actor is None:
        return context
    account = actor.account
    cards = list(_cards(actor))
    checks = health.checks(account)
    counted = waiting.figures(actor)
    return {
        **context,
        "title": "Overview",
        "cards": cards,
        "needs": [
            *_of_runs(account, cards),
            *_of_connections(cards),
            *(need for matters in counted.values() for need in waiting.needs(matters)),
            *_of_rows(account),
            *_of_facts(account),
            *_of_checks(checks, cards),
        ],
        "figures": _figures(account),
        "looked_at": [(title, waiting.in_numbers(matters)) for title, matters in counted.items()],
        "checks": [(check, HEALTH[check.state]) for check in checks],
        "may_add": actor.may("connection.edit"),
        **_all(actor, cards),
    }


def _all(actor: Actor, cards: list[Card]) -> dict[str, Any]:
    """The button that syncs everything that moves, where there is any, and the round that is at it. One query."""
    going = Round.objects.filter(account=actor.account, status__in=ACTIVE).first()
    moving = any(card.connection.system in SYSTEMS for card in cards if card.connection.enabled)
    return {"moving": moving, "may_sync_all": moving and going is None and actor.may("run.start"), "going": going}


def _cards(actor: Actor) -> Iterator[Card]:
    account = actor.account
    connections = list(
        Connection.objects.filter(account=account, system__in=synced()).select_related("breaker").order_by("system", "name", "id")
    )
    rows = SyncRun.objects.filter(connection__in=connections).exclude(kind=Kind.PREVIEW).order_by()
    newest = rows.values("connection", "dataset").annotate(pk_=Max("pk")).values("pk_")
    by_connection: dict[int, list[SyncRun]] = defaultdict(list)
    for one in SyncRun.objects.filter(pk__in=newest).select_related("connection").defer("stats", "details", "errors", "warnings"):
        by_connection[one.connection_id].append(one)
    ages = feed_ages(connections, timezone.now())
    for connection in connections:
        kind = system(connection.system)
        found = by_connection[connection.pk]
        run = max(found, key=lambda each: each.pk, default=None)
        condition = condition_of(connection)
        yield Card(
            connection,
            kind.label,
            reverse("admin:sync_page", args=[connection.pk]),
            STATES[condition.state],
            condition,
            kind.scopes[kind.primary_scope],
            actor.may("run.start") and condition.state in USABLE and not (run and run.is_active),
            run,
            found,
            page_of(run) if run else "",
            STATUS[run.status] if run else None,
            what(run) if run else "",
            answers.message(run) if run else "",
            took(run) if run else "",
            [(age, FRESHNESS[age.freshness]) for age in ages[connection.pk]],
        )


def _of_runs(account: Account, cards: list[Card]) -> Iterator[Need]:
    waiting = SyncRun.objects.filter(account=account, status=Status.NEEDS_REVIEW).select_related("connection")
    newest = {run.pk for card in cards for run in card.newest}
    # A later run has made an older plan pointless.
    for run in waiting.defer("stats", "details", "errors", "warnings").order_by("-pk")[:5]:
        if run.pk in newest:
            yield Need(
                "warning", "front_hand", f"{run.connection.name}: {run.message or 'A run waits for a review.'}", page_of(run), "Review it"
            )
    for card in cards:
        for run in card.newest:
            last = "the last sync" if len(card.newest) == 1 else f"the last “{what(run)}”"
            last, why = f"{card.connection.name}: {last}", answers.message(run)
            if run.status == Status.FAILED:
                yield Need("danger", "error", f"{last} failed. {why}", page_of(run), "See why")
            if run.status == Status.PARTIAL:
                yield Need("warning", "warning", f"{last} was partial. {why}", page_of(run), "See what is missing")


def _of_connections(cards: list[Card]) -> Iterator[Need]:
    for card in cards:
        if card.condition.needs_somebody:
            yield Need(card.mark.tone, card.mark.symbol, f"{card.connection.name}: {card.condition.sentence}", card.page, "Open it")
        old = [age.label for age, _ in card.ages if age.freshness == Freshness.STALE]
        if old and card.connection.enabled:
            yield Need(
                "danger", "schedule", f"{card.connection.name}: not read for more than a week: {', '.join(old)}.", card.page, "Sync it"
            )


def _of_rows(account: Account) -> Iterator[Need]:
    for rows, one, many, address, do in (
        (
            Conflict.objects.filter(account=account, status=ConflictStatus.OPEN),
            "%d question is open: lists contradict each other.",
            "%d questions are open: lists contradict each other.",
            "admin:inventory_conflict_changelist",
            "Answer them",
        ),
        (
            HeldRow.objects.filter(account=account),
            "%d row of a list is held and not booked.",
            "%d rows of lists are held and not booked.",
            "admin:sync_heldrow_changelist",
            "See them",
        ),
        (
            Unconfirmed.objects.filter(account=account),
            "%d stored row is unconfirmed: no list that counts speaks of it.",
            "%d stored rows are unconfirmed: no list that counts speaks of them.",
            "admin:sync_unconfirmed_changelist",
            "See them",
        ),
    ):
        number = rows.count()
        if number:
            yield Need("warning", "help", ngettext(one, many, number) % number, reverse(address), do)


HELD_FACTS = (
    ("places", "%s line is held: its place has no warehouse.", "%s lines are held: their places have no warehouse.", "Assign them"),
    ("products", "%s line is held: nobody knows its product.", "%s lines are held: nobody knows their products.", "Say which"),
    (
        "lines",
        "%s line of an outside system can't be booked as it is.",
        "%s lines of outside systems can't be booked as they are.",
        "See them",
    ),
)


def _of_facts(account: Account) -> Iterator[Need]:
    """What is held of what moved outside: one decision frees many lines, so decisions are what is asked for."""
    counts = worklist.in_parts(worklist.held(account))
    for part, one, many, do in HELD_FACTS:
        number = counts[part]
        if number:
            link = f"{reverse('admin:sync_sourcefact_work')}?part={part}"
            yield Need("warning", "front_hand", ngettext(one, many, number) % f"{number:,}", link, do)


def _of_checks(checks: list[Check], cards: list[Card]) -> Iterator[Need]:
    said = {card.condition.sentence for card in cards}
    for check in checks:
        if check.state != health.State.OK and check.sentence not in said:
            mark = HEALTH[check.state]
            yield Need(mark.tone, mark.symbol, check.sentence, reverse("admin:jobs_health"), "Health")


def _figures(account: Account) -> list[Figure]:
    units = Unit.objects.filter(account=account, gone_at__isnull=True)
    buckets = units.aggregate(**{bucket.value: Count("pk", filter=Q(bucket=bucket)) for bucket in Bucket})
    loads = Load.objects.filter(account=account).alias(listed_as=load_state()).filter(listed_as=LoadStep.FOR_SALE)
    sessions = ScanSession.objects.filter(account=account, status=SessionStatus.ACTIVE)
    unit_list = reverse("admin:inventory_unit_changelist")
    return [
        *(Figure(f"On hand in {bucket.value}", buckets[bucket.value], f"{unit_list}?bucket__exact={bucket.value}") for bucket in Bucket),
        Figure("Loads for sale", loads.count(), reverse("admin:inventory_load_changelist")),
        Figure("Open sessions", sessions.count(), reverse("admin:inventory_scansession_changelist")),
        Figure("Products", Product.objects.filter(account=account).count(), reverse("admin:inventory_product_changelist")),
    ]
