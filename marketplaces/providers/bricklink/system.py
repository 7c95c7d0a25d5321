"""BrickLink as a system that connections can be made to: its settings and credentials (docs/bricklink.md)."""

from __future__ import annotations

from django.utils.module_loading import import_string

from marketplaces.orders.settings import HOLD_RELEASE
from marketplaces.providers.rules import check_currency, check_factor
from sync.models import Connection
from sync.systems import Secret, Setting, SettingKind, System
from sync.wire.verdict import Verdict

KEY = "bricklink"
LABEL = "BrickLink"
ADDRESS = "https://api.bricklink.com/api/store/v1"

_SENT = "What is sent"
_PRICES = "Prices"
_CALLS = "Calls"


def _sent(name: str, label: str, note: str) -> Setting:
    return Setting(name, label, note, SettingKind.SWITCH, default=True, section=_SENT)


SETTINGS = (
    Setting(
        "zero_stock",
        "Lots that are sold out",
        "What becomes of a lot when nothing is left.",
        SettingKind.CHOICE,
        "delete",
        choices=(("delete", "Delete them"), ("keep", "Keep them, empty, in the stockroom")),
    ),
    Setting(
        "stockroom",
        "Stockroom",
        "Where lots lie that buyers are not to see: of reserved items, and empty ones that are kept.",
        SettingKind.CHOICE,
        "A",
        choices=(("A", "A"), ("B", "B"), ("C", "C")),
    ),
    Setting(
        "orders",
        "Read orders",
        "On: orders are read every minute, and what was sold lowers the item and the other shops. What is sold while it is off stays "
        "unknown here. Switched on again, the shop's lots are listed once, and those that have another number than they should are read "
        "one by one before that is changed.",
        SettingKind.SWITCH,
        default=True,
    ),
    HOLD_RELEASE,
    _sent("send_price", "Prices", "Off: prices are the shop's own once a lot is there."),
    _sent("send_notes", "Notes", "As the public description. Off: descriptions are the shop's own."),
    _sent("send_location", "Location", "As the private remarks. Off: remarks are the shop's own."),
    _sent(
        "token",
        "Mark of our lots",
        "A short mark, such as #k7f3c2mq, at the end of a lot's remarks. By it a lot is known again when an answer got lost.",
    ),
    Setting(
        "price_currency",
        "Currency of prices",
        "In which the items' prices are, for example EUR. With it a shop that sells in another one is refused wrong prices.",
        section=_PRICES,
        check=check_currency,
    ),
    Setting(
        "price_factor", "Factor of prices", "Prices are multiplied by it for this shop.", default="1", section=_PRICES, check=check_factor
    ),
    Setting(
        "budget_day",
        "Calls a day",
        "BrickLink allows 5,000 in 24 hours.",
        SettingKind.NUMBER,
        5_000,
        section=_CALLS,
        least=10,
        most=100_000,
    ),
    Setting(
        "budget_reserved",
        "Of which reserved",
        "Kept for what must not wait: fewer pieces, and lots to be deleted.",
        SettingKind.NUMBER,
        200,
        section=_CALLS,
        least=0,
        most=100_000,
    ),
)

SECRETS = (
    Secret("consumer_key", "Consumer key", "From BrickLink's page of API consumers."),
    Secret("consumer_secret", "Consumer secret"),
    Secret("token_value", "Token value", "Of a token that was made for the IP address of this machine, or for all."),
    Secret("token_secret", "Token secret"),
)


def _test(connection: Connection) -> Verdict:
    # By its path: the client itself reads the settings named here.
    found: Verdict = import_string("marketplaces.providers.bricklink.probing.test")(connection)
    return found


SYSTEM = System(
    key=KEY,
    label=LABEL,
    settings=SETTINGS,
    secrets=SECRETS,
    test=_test,
    url_help="Where BrickLink's store API is. Change it only for a stand-in.",
    default_url=ADDRESS,
    warehouse_mode=None,
)
