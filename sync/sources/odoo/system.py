"""Odoo as a system that connections can be made to: its settings, credentials, scopes and schedules (docs/odoo.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from accounts.errors import Problem
from sync.models import Connection
from sync.sources.settings import Timed, brake, day, number, schedules, switch, tested_by
from sync.systems import Scope, Secret, Setting, SettingKind, System, Values

KEY = "odoo"
LABEL = "Odoo"
CALLS_MINUTE = "calls_minute"
"""The budget: every call counts, whatever it reads."""
CATALOGUE, MOVES = "catalogue", "moves"

FEEDS: Mapping[str, str] = {
    "categories": "Categories",
    "warehouses": "Warehouses",
    "locations": "Locations",
    "picking_types": "Operation types",
    "vendors": "Vendors",
    "products": "Products",
    "reorder": "Reordering rules",
    "orders": "Purchase orders",
    "purchases": "Purchases",
    "vendor_returns": "Returns to vendors",
    "transfers": "Transfers",
    "manufacturing": "Manufacturing",
    "wastage": "Wastage",
    "adjustments": "Stock adjustments",
    "deliveries": "Deliveries",
}
"""What people call the feeds, in the order in which they are read."""


class DeliveriesOff(Problem):
    """Refused: sales are not taken from this Odoo."""

    hint = "Switch on “Book deliveries” in the connection's settings, if no till tells of the same sales."


def database_of(text: str) -> str:
    """The name of a database as Odoo allows it. Raises ValueError with the end of a sentence that begins with the setting's name."""
    text = text.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", text):
        raise ValueError("must be the database's name: letters, digits, “_”, “.” and “-”.")
    return text


def company_of(text: str) -> str:
    """The number of a company. Raises ValueError with the end of a sentence that begins with the setting's name."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31):
        raise ValueError("must be the company's number in Odoo, for example 1.")
    return str(int(text))


def language_of(text: str) -> str:
    """A language as Odoo calls it. Raises ValueError with the end of a sentence that begins with the setting's name."""
    text = text.strip()
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2}|_419)?(@[a-z]+)?", text):
        raise ValueError("must be a language as Odoo calls it, for example en_US.")
    return text


_BOOKING = "What is booked"
_PLACES = "Warehouses"
_READING = "Reading"
_CALLS = "Calls"

SETTINGS = (
    Setting("database", "Database", "The name of Odoo's database.", required=True, check=database_of),
    Setting("login", "Login", "The e-mail address that the user signs in with. Needed for Odoo up to 18."),
    Setting(
        "api",
        "API",
        "Odoo 19 and later have JSON-2, which takes API keys only; JSON-RPC is in all versions up to 21.",
        SettingKind.CHOICE,
        "auto",
        choices=(("auto", "JSON-2 where Odoo has it, else JSON-RPC"), ("json2", "JSON-2"), ("jsonrpc", "JSON-RPC")),
    ),
    Setting("company", "Company", "Its number in Odoo, where the user sees several. Blank reads all of them.", check=company_of),
    Setting("language", "Language", "Of the names that are read.", default="en_US", check=language_of),
    switch(
        "match_sku",
        "Match by SKU",
        "On: a product that was never seen and whose barcode says nothing is the one here with the same internal reference.",
        True,
    ),
    Setting(
        "products_filter",
        "Products to read",
        "Storable ones have stock in Odoo; the others are services and what nobody counts.",
        SettingKind.CHOICE,
        "storable",
        choices=(("storable", "Storable products"), ("all", "All products")),
        section=_BOOKING,
    ),
    Setting(
        "purchases_mode",
        "Purchases",
        "What has arrived, or what was ordered and confirmed, whether it has arrived or not.",
        SettingKind.CHOICE,
        "receipts",
        choices=(("receipts", "As they are received"), ("ordered", "As they are ordered")),
        section=_BOOKING,
    ),
    switch(
        "deliveries",
        "Book deliveries",
        "On: what Odoo delivers to customers is a sale here, and what comes back a return. Off where a till tells of the same sales.",
        False,
        _BOOKING,
    ),
    switch(
        "moves_deletable",
        "Done moves may disappear",
        "On: a done move that Odoo does not have any more is taken back here. Odoo itself does not delete them.",
        False,
        _BOOKING,
    ),
    Setting(
        "book_from",
        "Booked from",
        "The day from which moves count in warehouses that are made for this connection, for example 2026-01-01. Blank: from the moment "
        "they are made. What happened before belongs into their opening count.",
        section=_PLACES,
        check=day,
    ),
    Setting(
        "uncounted_places",
        "Locations that don't count",
        "Words, with commas between: what is in a location with one of them in its name is in no level, unless somebody decides otherwise.",
        section=_PLACES,
    ),
    number("page_rows", "Rows a page", "How many records are asked for at once.", 500, _READING, least=200, most=1_000),
    number(
        "overlap_minutes",
        "Minutes of overlap",
        "Every reading begins so long before the last change that was seen: Odoo shows changes late that took long to write.",
        10,
        _READING,
        least=1,
        most=1_440,
    ),
    *brake("rows"),
    number(
        CALLS_MINUTE,
        "Calls a minute",
        "Shared by all syncs of the connection, which call one after the other.",
        120,
        _CALLS,
        most=10_000,
    ),
    number("connect_seconds", "Seconds to connect", "", 10, _CALLS, most=60),
    number("read_seconds", "Seconds of silence", "How long Odoo may take to begin with an answer.", 60, _CALLS, most=600),
)

SECRETS = (
    Secret(
        "key",
        "API key or password",
        "An API key, from Odoo: Preferences, Account Security, New API Key; it ends after three months at most. "
        "The user's password works with JSON-RPC only.",
    ),
)

ENVIRONMENT: Mapping[str, str] = {
    "ODOO_URL": "url",
    "ODOO_DB": "settings.database",
    "ODOO_DATABASE": "settings.database",
    "ODOO_USERNAME": "settings.login",
    "ODOO_LOGIN": "settings.login",
    "ODOO_COMPANY_ID": "settings.company",
    "ODOO_API_KEY": "secrets.key",
    "ODOO_PASSWORD": "secrets.key",
}

SCOPES = {
    scope.key: scope
    for scope in (
        Scope(
            "master",
            "master data",
            "Categories, warehouses, vendors, products and reordering rules: what has changed since the last time.",
            "Sync master data",
            CATALOGUE,
        ),
        Scope("products", "products", "Products that have changed since the last time.", "Sync products", CATALOGUE),
        Scope("categories", "categories", "The tree of categories.", "Sync categories", CATALOGUE),
        Scope("warehouses", "warehouses", "Warehouses with their locations.", "Sync warehouses", CATALOGUE),
        Scope("vendors", "vendors", "Vendors with their contacts.", "Sync vendors", CATALOGUE),
        Scope("reorder", "reordering rules", "Smallest and largest stock of products, by warehouse.", "Sync reordering rules", CATALOGUE),
        Scope(
            "ids",
            "what is gone",
            "Asks for the numbers of all records: the only sync that finds out what was deleted in Odoo.",
            "Find what is gone",
            CATALOGUE,
        ),
        Scope(
            "transactional",
            "stock moves",
            "Purchases, returns to vendors, transfers, manufacturing, wastage and adjustments since the last time.",
            "Sync stock moves",
            MOVES,
        ),
        Scope("purchases", "purchases", "Purchase orders, and what was received.", "Sync purchases", MOVES),
        Scope("purchase-returns", "returns to vendors", "What went back to vendors.", "Sync returns to vendors", MOVES),
        Scope("transfers", "transfers", "What moved from one warehouse to another.", "Sync transfers", MOVES),
        Scope("manufacturing", "manufacturing", "What was used in production, and what was made.", "Sync manufacturing", MOVES),
        Scope("wastage", "wastage", "What was scrapped.", "Sync wastage", MOVES),
        Scope("adjustments", "stock adjustments", "What was lost or found when stock was counted in Odoo.", "Sync adjustments", MOVES),
        Scope("deliveries", "deliveries", "What was delivered to customers, and what came back.", "Sync deliveries", MOVES),
    )
}

_CRONS = {
    "master": Timed("0 0 * * *", "master", "master data"),
    "transactional": Timed("0 1 * * *", "transactional", "stock moves"),
    "news": Timed("25,55 * * * *", "master", "master data, every half hour"),
    "recent": Timed("*/30 * * * *", "transactional", "stock moves, every half hour"),
    "ids": Timed("30 3 * * *", "ids", "what is gone"),
}


def _budgets(values: Values) -> Sequence[tuple[str, int, int, int]]:
    return ((CALLS_MINUTE, 60, int(values[CALLS_MINUTE]), 0),)


def _resolve(connection: Connection, scope: str) -> tuple[str, str]:
    if scope == "deliveries" and not SYSTEM.complete(connection.settings)["deliveries"]:
        raise DeliveriesOff(f"“{connection}” is not asked for deliveries.")
    return scope, ""


SYSTEM = System(
    key=KEY,
    label=LABEL,
    settings=SETTINGS,
    secrets=SECRETS,
    scopes=SCOPES,
    primary_scope="master",
    dataset=CATALOGUE,
    source="sync.sources.odoo.source.Source",
    test=tested_by("sync.sources.odoo.probing.test"),
    url_help="Where Odoo is, as in the browser up to the host: https://erp.example.com",
    schedules=schedules(KEY, _CRONS),
    feeds=FEEDS,
    in_parts=frozenset(FEEDS),
    warehouse_mode=None,
    resolve=_resolve,
    # Pages are kept for a run that goes on and for looking a row up; what they said stays with each record.
    document_days=2,
    budgets=_budgets,
    environment=ENVIRONMENT,
    counts_stock="sync.sources.odoo.opening.propose",
    tells_stock=False,
)
