"""States of alerts and deliveries as pages show them."""

from __future__ import annotations

from alerts.models import AlertState, DeliveryState, Kind
from inventory.marks import Mark

ALERTS = {
    AlertState.OPEN: Mark("Open", "danger", "error"),
    AlertState.HELD: Mark("Held back", "warning", "front_hand"),
    AlertState.RECOVERED: Mark("Recovered", "success", "check_circle"),
    AlertState.CLOSED: Mark("Closed", "", "check"),
    AlertState.DISMISSED: Mark("Dismissed", "", "block"),
}
SEEN = Mark("Open, acknowledged", "info", "visibility")
DELIVERIES = {
    DeliveryState.WAITING: Mark("Waiting", "info", "schedule"),
    DeliveryState.SENDING: Mark("Being sent", "info", "outgoing_mail"),
    DeliveryState.SENT: Mark("Sent", "success", "check_circle"),
    DeliveryState.REFUSED: Mark("Refused", "danger", "block"),
    DeliveryState.BOUNCED: Mark("Address refused", "danger", "unsubscribe"),
    DeliveryState.BLOCKED: Mark("Needs a person", "danger", "front_hand"),
    DeliveryState.UNKNOWN: Mark("Unknown", "warning", "help"),
    DeliveryState.FAILED: Mark("Given up", "danger", "error"),
    DeliveryState.SKIPPED: Mark("Not sent", "", "block"),
}
KINDS = {
    Kind.OUT_OF_STOCK: "remove_shopping_cart",
    Kind.REORDER: "add_shopping_cart",
    Kind.ABOUT_TO_RUN_OUT: "hourglass_bottom",
    Kind.BATCHES_EXPIRING: "event_busy",
    Kind.SYNC_FAILED: "sync_problem",
    Kind.SYNC_PARTIAL: "rule",
    Kind.SYNC_STUCK: "hourglass_disabled",
    Kind.FEED_STALE: "history",
    Kind.BUDGET_LOW: "data_usage",
    Kind.CREDENTIALS_REFUSED: "key_off",
    Kind.SHOP_STOPPED: "storefront",
    Kind.MASS_CHANGE: "front_hand",
    Kind.DRIFT: "balance",
}
