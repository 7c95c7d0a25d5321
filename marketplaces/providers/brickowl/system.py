"""Brick Owl as a system that connections can be made to: its settings and its key (docs/brickowl.md)."""

from __future__ import annotations

from django.utils.module_loading import import_string

from marketplaces.orders.settings import HOLD_RELEASE
from marketplaces.providers.rules import check_currency, check_factor
from sync.models import Connection
from sync.systems import Secret, Setting, SettingKind, System
from sync.wire.verdict import Verdict

KEY = "brickowl"
BASE_URL = "https://api.brickowl.com/v1"
_PRICES = "Prices"
_CALLS = "Calls"


def _switch(name: str, label: str, note: str) -> Setting:
    return Setting(name, label, note, SettingKind.SWITCH, default=True)


SETTINGS = (
    Setting(
        "zero_stock",
        "Sold out",
        "What becomes of a lot of which nothing is left. Of an archived item it is deleted either way.",
        SettingKind.CHOICE,
        default="keep",
        choices=(("keep", "Keep the empty lot, and fill it again"), ("delete", "Delete the lot, and make a new one when there is stock")),
    ),
    Setting(
        "used_grade",
        "Grade of used things",
        "Items are new or used, Brick Owl tells three grades of used. For new lots; a grade that is set at the shop stays.",
        SettingKind.CHOICE,
        default="usedg",
        choices=(("usedn", "Used, like new"), ("usedg", "Used, good"), ("useda", "Used, acceptable")),
    ),
    _switch("send_price", "Send prices", "Off: a new lot gets the item's price, later it is changed at the shop only."),
    _switch("send_notes", "Send notes", "The item's notes become the public note. Off: the public note is the shop's own."),
    _switch("send_location", "Send locations", "The item's location becomes the personal note. Off: the personal note is the shop's own."),
    Setting(
        "price_factor",
        "Prices are multiplied by",
        "For example 1.05, or what one unit of your currency is in the shop's.",
        default="1",
        section=_PRICES,
        check=check_factor,
    ),
    Setting(
        "price_currency",
        "Currency of your prices",
        "Three letters. If the shop sells in another one, nothing is sent until the factor says what prices are worth there.",
        section=_PRICES,
        check=check_currency,
    ),
    _switch(
        "orders",
        "Import orders",
        "What the shop sells is taken from the stock here. What is sold while this is off stays unknown. Switched on again, the shop's "
        "lots are listed once, and those that have another number than they should are read one by one before that is changed.",
    ),
    HOLD_RELEASE,
    Setting(
        "budget_minute",
        "Calls a minute",
        "Brick Owl takes at most 600.",
        SettingKind.NUMBER,
        240,
        section=_CALLS,
        least=10,
        most=600,
    ),
    Setting(
        "bulk_minute",
        "Bulk calls a minute",
        "Batches and look-ups of many at once, of which Brick Owl takes at most 100.",
        SettingKind.NUMBER,
        100,
        section=_CALLS,
        least=1,
        most=100,
    ),
)

SECRETS = (Secret("api_key", "API key", "From Brick Owl's settings, with the rights to view and edit the inventory and to view orders."),)


def _test(connection: Connection) -> Verdict:
    # By its path: the calls themselves read the settings named here.
    found: Verdict = import_string("marketplaces.providers.brickowl.trying.test")(connection)
    return found


SYSTEM = System(
    key=KEY,
    label="Brick Owl",
    settings=SETTINGS,
    secrets=SECRETS,
    test=_test,
    url_help=f"Empty: {BASE_URL}.",
    default_url=BASE_URL,
    warehouse_mode=None,
)
