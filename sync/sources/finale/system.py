"""Finale Inventory as a system that connections can be made to: its settings, credentials, scopes and schedules (docs/finale.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from sync.sources.finale.problems import LABELS
from sync.sources.finale.strategies import resolve
from sync.sources.settings import Timed, brake, day, number, schedules, tested_by
from sync.systems import Scope, Secret, Setting, SettingKind, System, Values

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


_READING = "Reading"
_BELIEF = "When an answer is not believed"
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
        check=day,
    ),
    number(
        "active_days",
        "Active: days",
        "An active sync reads the products changed in so many days, and all stock.",
        365,
        _READING,
        most=10_000,
    ),
    number("sales_days", "Sales: days", "So many days of shipments are read at first.", 90, _READING, most=1_000),
    number("window_days", "Days in a window", "Finale takes ranges of at most 30 days.", 29, _READING, most=29),
    number(
        "cut_rows",
        "Rows that mean cut",
        "An answer with so many rows counts as cut short: its window is halved.",
        115_000,
        _READING,
        most=120_000,
    ),
    number(
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
    number(
        "stock_shrink_percent",
        "Stock that shrank, percent",
        "Stock that lost more of its rows is not complete: nothing is set to zero.",
        50,
        _BELIEF,
        most=100,
    ),
    number(
        "catalogue_drop_percent",
        "Catalogue that shrank, percent",
        "A catalogue that lost more of its products than this, and more than three, waits for a person.",
        10,
        _BELIEF,
        most=100,
    ),
    *brake("products"),
    number(GET_MINUTE, "Reads a minute", "Finale allows 120. Every sync of the connection shares them.", 120, _CALLS, most=10_000),
    number(POST_MINUTE, "GraphQL pages a minute", "Finale allows 120.", 120, _CALLS, most=10_000),
    number(COLLECTIONS_HOUR, "Lists an hour", "Finale allows 300 reads of whole lists.", 300, _CALLS, most=10_000),
    number(
        "reserved_hour",
        "Of which reserved",
        "Kept for stock, so that a long catalogue never holds it back.",
        40,
        _CALLS,
        least=0,
        most=10_000,
    ),
    number("connect_seconds", "Seconds to connect", "", 10, _CALLS, most=60),
    number("collection_seconds", "Seconds of silence, lists", "How long Finale may take to begin with a list.", 120, _CALLS, most=600),
    number("record_seconds", "Seconds of silence, single records", "", 30, _CALLS, most=600),
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
    "critical": Timed("*/15 * * * *", "critical", "critical items"),
    "inventory": Timed("0 * * * *", "inventory", "stock"),
    "smart": Timed("0 */6 * * *", "smart", "what is due"),
    "active": Timed("0 2 * * *", "active", "active products"),
    "full": Timed("0 3 * * 0", "full", "everything"),
    "vendors": Timed("30 1 * * *", "vendors", "suppliers"),
    "orders": Timed("20 * * * *", "orders", "orders and sales"),
}


def _budgets(values: Values) -> Sequence[tuple[str, int, int, int]]:
    return (
        (GET_MINUTE, 60, int(values[GET_MINUTE]), 0),
        (POST_MINUTE, 60, int(values[POST_MINUTE]), 0),
        (COLLECTIONS_HOUR, 3_600, int(values[COLLECTIONS_HOUR]), int(values["reserved_hour"])),
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
    test=tested_by("sync.sources.finale.probing.test"),
    url_help="Where Finale is. Change it only for a stand-in.",
    default_url=ADDRESS,
    schedules=schedules(KEY, _CRONS),
    feeds=LABELS,
    in_parts=frozenset({"orders", "shipments"}),
    warehouse_mode=None,
    resolve=resolve,
    # Stock comes whole every quarter of an hour: a month of it would be gigabytes that nobody reads.
    document_days=2,
    budgets=_budgets,
)
