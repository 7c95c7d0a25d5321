"""What of the stock needs somebody, for the first screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.acting import Actor
from accounts.models import Account
from inventory import levels, moment
from inventory.admin.expirypages import BANDS, EXPIRED, in_band
from inventory.ledgerwords import page_of
from inventory.models import Batch, Count, CountStatus, Level, Reconciliation, ReconciliationStatus, Sale, SaleStatus


@dataclass(frozen=True)
class Need:
    """Something that waits for a person. `tone` and `symbol` as of a Mark; `do` is what the link says."""

    tone: str
    symbol: str
    sentence: str
    link: str
    do: str


@dataclass(frozen=True)
class Figure:
    """A number with its name, and the list of what it counts."""

    label: str
    count: int
    link: str


@dataclass(frozen=True)
class Matter:
    """Rows that are looked for: their name among the figures, and, where they wait for somebody, what is said of them."""

    label: str
    rows: Callable[[Account], QuerySet[Any]]
    page: str
    query: str = ""
    tone: str = ""
    symbol: str = ""
    one: str = ""
    many: str = ""
    do: str = ""

    @property
    def link(self) -> str:
        """The list; the first screen itself where the site has none of that name."""
        return f"{page_of(self.page)}{self.query}" if page_of(self.page) else reverse("admin:index")


def _expired(account: Account) -> QuerySet[Batch]:
    return Batch.objects.filter(in_band(EXPIRED, moment.now()), account=account)


def _expiring(account: Account) -> QuerySet[Batch]:
    """What expires within a week."""
    return Batch.objects.filter(in_band(BANDS[1], moment.now()), account=account)


MATTERS: tuple[Matter, ...] = (
    Matter(
        "Quarantined",
        lambda account: levels.quarantined(Level.objects.filter(account=account)),
        "inventory_level_changelist",
        "?state=quarantined",
        "danger",
        "report",
        "%d level is quarantined: its batches contradict themselves, and nothing is booked to it.",
        "%d levels are quarantined: their batches contradict themselves, and nothing is booked to them.",
        "See why",
    ),
    Matter(
        "Drift to review",
        lambda account: Reconciliation.objects.filter(account=account, status=ReconciliationStatus.NEEDS_REVIEW),
        "inventory_reconciliation_changelist",
        "?status__exact=needs_review",
        "danger",
        "balance",
        "%d reconcile found more wrong than it may set right by itself, and wrote nothing.",
        "%d reconciles found more wrong than they may set right by themselves, and wrote nothing.",
        "Review it",
    ),
    Matter(
        "Counts waiting",
        lambda account: Count.objects.filter(account=account, status=CountStatus.PENDING),
        "inventory_count_changelist",
        "?state=pending",
        "warning",
        "checklist",
        "%d count waits for approval.",
        "%d counts wait for approval.",
        "Decide",
    ),
    Matter(
        "Short of stock",
        lambda account: Sale.objects.filter(account=account, shortfall__gt=0, status=SaleStatus.BOOKED),
        "inventory_sale_changelist",
        "?state=short&purpose=all",
        "warning",
        "production_quantity_limits",
        "%d sale or issue is short: more went out than was here. The next receipt settles it.",
        "%d sales and issues are short: more went out than was here. The next receipts settle them.",
        "See them",
    ),
    Matter(
        "Expired, still here",
        _expired,
        "inventory_batch_expiring",
        "?urgency=expired",
        "warning",
        "event_busy",
        "%d batch has expired and is still here.",
        "%d batches have expired and are still here.",
        "Write them off",
    ),
    Matter("Expire within 7 days", _expiring, "inventory_batch_expiring", "?urgency=critical"),
    Matter(
        "To order",
        lambda account: levels.below_reorder_point(Level.objects.filter(account=account)),
        "inventory_level_changelist",
        "?state=low",
    ),
)


Counted = list[tuple[Matter, int]]

Concerned = Callable[[Account], bool]

_groups: dict[str, tuple[tuple[Matter, ...], Concerned]] = {"Stock to look at": (MATTERS, lambda _account: True)}


def also(title: str, matters: tuple[Matter, ...], concerned: Concerned) -> None:
    """Let these stand on the first screen too, under a heading of their own, of accounts that they concern. For apps above this one, when
    their admin is loaded."""
    _groups[title] = (matters, concerned)


def figures(actor: Actor) -> dict[str, Counted]:
    """By heading, each matter with how many rows there are of it. A statement for each, and two for the time."""
    account = actor.account
    return {
        title: [(matter, matter.rows(account).count()) for matter in matters]
        for title, (matters, concerned) in _groups.items()
        if concerned(account)
    }


def in_numbers(counted: Counted) -> list[Figure]:
    return [Figure(matter.label, number, matter.link) for matter, number in counted]


def needs(counted: Counted) -> Iterator[Need]:
    """Of what has been counted, what waits for somebody."""
    for matter, number in counted:
        if number and matter.one:
            sentence = ngettext(matter.one, matter.many, number).replace("%d", f"{number:,}")
            yield Need(matter.tone, matter.symbol, sentence, matter.link, matter.do)
