"""Finale Inventory as a system that connections can be made to: its settings, credentials, scopes and schedules (docs/finale.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from django.utils.module_loading import import_string

from sync.models import Connection
from sync.schedules import TASK
from sync.sources.finale.problems import LABELS
from sync.sources.finale.strategies import resolve
from sync.systems import ScheduleSpec, Scope, Secret, Setting, SettingKind, System, Values
from sync.wire.verdict import Verdict

KEY = "finale"
LABEL = "Finale Inventory"
ADDRESS = "https://app.finaleinventory.com"
GET_MINUTE, POST_MINUTE, COLLECTIONS_HOUR = "get_minute", "post_minute", "collections_hour"
"""The budgets: every GET, every POST, and besides each read of a whole collection."""


def account_of(text: str) -> str:
    """The account in whatever was copied from a browser: the first segment of the path, in small letters.

    Raises ValueError with the end of a sentence that begins with the setting's name.
    """
    text = text.strip()
    if "://" not in text and "." in text.partition("/")[0]:
        text = f"https://{text}"
    try:
        segments = [segment for segment in urlsplit(text).path.split("/") if segment]
    except ValueError:
        segments = []
    if not segments or not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", segments[0]):
        raise ValueError("must be the name after finaleinventory.com/ in the browser's address line, for example exampleco.")
    return segments[0].lower()


def day_of(text: str) -> date:
    """A day as 2007-01-01. Raises ValueError with the end of a sentence that begins with the setting's name."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.max
    if not date(1990, 1, 1) <= found <= date(2999, 1, 1):
        raise ValueError("must be a day written as YYYY-MM-DD, for example 2007-01-01.")
    return found


def _day(text: str) -> str:
    return day_of(text).isoformat()


def _number(name: str, label: str, note: str, default: int, section: str, *, least: int = 1, most: int = 1_000_000) -> Setting:
    return Setting(name, label, note, SettingKind.NUMBER, default, section=section, least=least, most=most)


_READING = "Reading"
_BELIEF = "When an answer is not believed"
_BRAKE = "Brake"
_CALLS = "Calls"
_PLACES = "Locations"

SETTINGS = (
    Setting(
        "account",
        "Account",
        "As in the browser's address after signing in; the whole address will do.",
        required=True,
        check=account_of,
    ),
    Setting(
        "match_sku",
        "Match by SKU",
        "On: a product that was never seen and whose barcode says nothing is the one here with the same SKU, if there is just one.",
        SettingKind.SWITCH,
        default=True,
    ),
    Setting("places", "Locations to read", "Their names, with commas between. Blank reads all of them.", section=_PLACES),
    Setting(
        "uncounted_places",
        "Locations that don't count",
        "Their names, with commas between: what lies there is shown, and is in no level, until somebody decides otherwise.",
        default="Transit",
        section=_PLACES,
    ),
    Setting(
        "start",
        "Oldest change",
        "From this day on the catalogue is walked where it is too long to come at once.",
        default="2007-01-01",
        section=_READING,
        check=_day,
    ),
    _number(
        "active_days",
        "Active: days",
        "An active sync reads the products changed in so many days, and all stock.",
        365,
        _READING,
        most=10_000,
    ),
    _number("sales_days", "Sales: days", "So many days of shipments are read at first.", 90, _READING, most=1_000),
    _number("window_days", "Days in a window", "Finale takes ranges of at most 30 days.", 29, _READING, most=29),
    _number(
        "cut_rows",
        "Rows that mean cut",
        "An answer with so many rows counts as cut short: its window is halved.",
        115_000,
        _READING,
        most=120_000,
    ),
    _number(
        "hard_cut",
        "Rows where Finale cuts",
        "Finale cuts every answer after so many rows, without a word.",
        120_000,
        _READING,
        most=10_000_000,
    ),
    Setting(
        "lines_on_lists",
        "Item lines in lists",
        "Whether lists of orders and shipments hold their items. Without them each document is read by itself.",
        SettingKind.CHOICE,
        "auto",
        choices=(
            ("auto", "Where the list holds them"),
            ("always", "Always: missing ones mean none"),
            ("never", "Never: read each by itself"),
        ),
        section=_READING,
    ),
    _number(
        "stock_shrink_percent",
        "Stock that shrank, percent",
        "Stock that lost more of its rows is not complete: nothing is set to zero.",
        50,
        _BELIEF,
        most=100,
    ),
    _number(
        "catalogue_drop_percent",
        "Catalogue that shrank, percent",
        "A catalogue that lost more of its products than this, and more than three, waits for a person.",
        10,
        _BELIEF,
        most=100,
    ),
    _number(
        "brake_removed_rows",
        "Removed, rows",
        "A run waits for a review when it would remove more than this many products …",
        25,
        _BRAKE,
        least=0,
    ),
    _number("brake_removed_percent", "Removed, share", "… and more than this share of the stored ones in percent.", 20, _BRAKE, most=100),
    _number("brake_changed_rows", "Changed, rows", "The same when it would change more than this many products …", 200, _BRAKE, least=0),
    _number("brake_changed_percent", "Changed, share", "… and more than this share of the stored ones in percent.", 60, _BRAKE, most=100),
    _number(GET_MINUTE, "Reads a minute", "Finale allows 120. Every sync of the connection shares them.", 120, _CALLS, most=10_000),
    _number(POST_MINUTE, "GraphQL pages a minute", "Finale allows 120.", 120, _CALLS, most=10_000),
    _number(COLLECTIONS_HOUR, "Lists an hour", "Finale allows 300 reads of whole lists.", 300, _CALLS, most=10_000),
    _number(
        "reserved_hour",
        "Of which reserved",
        "Kept for stock, so that a long catalogue never holds it back.",
        40,
        _CALLS,
        least=0,
        most=10_000,
    ),
    _number("connect_seconds", "Seconds to connect", "", 10, _CALLS, most=60),
    _number("collection_seconds", "Seconds of silence, lists", "How long Finale may take to begin with a list.", 120, _CALLS, most=600),
    _number("record_seconds", "Seconds of silence, single records", "", 30, _CALLS, most=600),
)

SECRETS = (
    Secret(
        "key", "API key", "From Finale: Application settings, Users, API keys. Give it a name of its own; it may read and write everything."
    ),
    Secret("secret", "API secret", "Shown once, when the key is made."),
)

CATALOGUE, STOCK = "catalogue", "stock"

SCOPES = {
    scope.key: scope
    for scope in (
        Scope(
            "full",
            "everything",
            "All products, suppliers, locations and stock: the only sync that finds out what is gone.",
            "Sync everything",
            CATALOGUE,
        ),
        Scope(
            "active", "active products", "What changed in the last year, and all stock. Removes nothing.", "Sync active products", CATALOGUE
        ),
        Scope("vendors", "suppliers", "Suppliers with their contacts.", "Sync suppliers", CATALOGUE),
        Scope("inventory", "stock", "All stock, one call. What is not in it is sold out.", "Sync stock", STOCK),
        Scope(
            "critical",
            "critical items",
            "The items that are critical now, and whatever this reading makes critical.",
            "Sync critical items",
            STOCK,
        ),
        Scope(
            "orders",
            "orders and sales",
            "Purchase orders, receipts and shipped sales since the last time.",
            "Sync orders and sales",
            CATALOGUE,
        ),
        Scope(
            "smart",
            "what is due",
            "Chosen by the age of the last sync: critical items, stock, active products or everything.",
            "Smart sync",
            CATALOGUE,
        ),
    )
}

_CRONS = {
    "critical": ("*/15 * * * *", "critical items"),
    "inventory": ("0 * * * *", "stock"),
    "smart": ("0 */6 * * *", "what is due"),
    "active": ("0 2 * * *", "active products"),
    "full": ("0 3 * * 0", "everything"),
    "vendors": ("30 1 * * *", "suppliers"),
    "orders": ("20 * * * *", "orders and sales"),
}


def _test(connection: Connection) -> Verdict:
    # By its path: the client itself reads the settings named here.
    found: Verdict = import_string("sync.sources.finale.probing.test")(connection)
    return found


def _schedules(connection: Connection) -> Sequence[ScheduleSpec]:
    return [
        ScheduleSpec(
            key=f"{KEY}:{connection.pk}:{scope}",
            name=f"{connection.name}: {words}",
            task=TASK,
            cron=cron,
            arguments={"connection": connection.pk, "scope": scope},
        )
        for scope, (cron, words) in _CRONS.items()
    ]


def _budgets(values: Values) -> Sequence[tuple[str, int, int, int]]:
    def number(name: str) -> int:
        return int(values[name])

    return (
        (GET_MINUTE, 60, number(GET_MINUTE), 0),
        (POST_MINUTE, 60, number(POST_MINUTE), 0),
        (COLLECTIONS_HOUR, 3_600, number(COLLECTIONS_HOUR), number("reserved_hour")),
    )


SYSTEM = System(
    key=KEY,
    label=LABEL,
    settings=SETTINGS,
    secrets=SECRETS,
    scopes=SCOPES,
    primary_scope="full",
    dataset=CATALOGUE,
    source="sync.sources.finale.source.Source",
    test=_test,
    url_help="Where Finale is. Change it only for a stand-in.",
    default_url=ADDRESS,
    schedules=_schedules,
    feeds=LABELS,
    in_parts=frozenset({"orders", "shipments"}),
    warehouse_mode=None,
    resolve=resolve,
    # Stock comes whole every quarter of an hour: a month of it would be gigabytes that nobody reads.
    document_days=2,
    budgets=_budgets,
)
