"""The admin's menu: every app's pages in the order in which a day's work meets them. What somebody may not see is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.text import Truncator

from accounts.acting import Actor, actor_for_request
from sync.models import Connection
from sync.systems import SYSTEMS

MOST_CONNECTIONS = 20
"""More than that are found in the list of connections."""

Entry = tuple[str, str, str] | tuple[str, str, str, str]
"""A model whose list it opens, or whose viewers may open the page that is named last; the title; the icon."""

STOCK: tuple[Entry, ...] = (
    ("inventory.level", "Stock", "inventory"),
    ("inventory.batch", "Batches", "layers"),
    ("inventory.batch", "Expiring", "event_busy", "inventory_batch_expiring"),
    ("inventory.movement", "Movements", "swap_vert"),
)
BOOKINGS: tuple[Entry, ...] = (
    ("inventory.purchase", "Purchases", "shopping_cart"),
    ("inventory.sale", "Sales", "point_of_sale"),
    ("inventory.customerreturn", "Returns", "assignment_return"),
    ("inventory.writeoff", "Write-offs", "delete_sweep"),
    ("inventory.transfer", "Transfers", "move_down"),
    ("inventory.count", "Counts", "checklist"),
)
PURCHASING: tuple[Entry, ...] = (
    ("inventory.supply", "Critical items", "production_quantity_limits"),
    ("alerts.forecast", "Forecast", "monitoring"),
    ("inventory.purchaseorder", "Purchase orders", "list_alt"),
    ("inventory.vendor", "Vendors", "contacts"),
    ("inventory.supplysettings", "When it is critical", "tune"),
    ("alerts.forecastsettings", "Forecast settings", "tune"),
)
ALERTS: tuple[Entry, ...] = (
    ("alerts.alert", "Inbox", "notifications"),
    ("alerts.subscriber", "Who is told", "group"),
    ("alerts.webhook", "Webhooks", "webhook"),
    ("alerts.delivery", "Deliveries", "outgoing_mail"),
    ("alerts.alertsettings", "Settings", "tune"),
)
PROOF: tuple[Entry, ...] = (
    ("inventory.reconciliation", "Reconcile", "balance"),
    ("inventory.integrityreport", "Integrity", "verified"),
)
CATALOGUE: tuple[Entry, ...] = (
    ("inventory.product", "Products", "sell"),
    ("inventory.category", "Categories", "category"),
    ("inventory.warehouse", "Warehouses", "warehouse"),
    ("inventory.stocksettings", "Stock settings", "tune"),
)
MARKETPLACES: tuple[Entry, ...] = (
    ("inventory.item", "Items", "shopping_bag"),
    ("marketplaces.shop", "Shops", "storefront"),
    ("marketplaces.listing", "Listings", "list_alt"),
    ("marketplaces.order", "Orders", "receipt_long"),
    ("marketplaces.listing", "Inbox", "inbox", "marketplaces_inbox"),
    ("marketplaces.verification", "Verify", "fact_check"),
    ("marketplaces.partmapping", "Parts", "extension"),
    ("marketplaces.colormapping", "Colours", "palette"),
    ("marketplaces.attempt", "Attempts", "outgoing_mail"),
)
UNITS: tuple[Entry, ...] = (
    ("inventory.unit", "Units", "inventory_2"),
    ("inventory.load", "Loads", "local_shipping"),
    ("inventory.scansession", "Scan sessions", "barcode_scanner"),
    ("inventory.conflict", "Conflicts", "help"),
)
SYNC: tuple[Entry, ...] = (
    ("sync.round", "Sync all", "sync_alt", "sync_round_all"),
    ("sync.syncrun", "Runs", "history"),
    ("sync.syncchange", "Change log", "difference"),
    ("sync.heldrow", "Held rows", "front_hand"),
    ("sync.unconfirmed", "Unconfirmed", "question_mark"),
    ("sync.sourcefact", "To be assigned", "assignment_late", "sync_sourcefact_work"),
    ("sync.sourcefact", "Moves there", "receipt_long"),
    ("sync.factrule", "Rules for lines", "rule"),
    ("sync.productref", "Products there", "compare_arrows"),
    ("sync.categoryref", "Categories there", "account_tree"),
    ("sync.reorderref", "Reordering there", "low_priority"),
    ("sync.connection", "Connections", "cable"),
    ("jobs.schedule", "Schedules", "schedule"),
)
ACCOUNT: tuple[Entry, ...] = (
    ("accounts.account", "Business account", "storefront"),
    ("accounts.member", "Members", "group"),
    ("accounts.apitoken", "API tokens", "key"),
    ("accounts.auditlog", "Audit log", "fact_check"),
)
OPERATOR: tuple[Entry, ...] = (
    ("accounts.user", "Users", "manage_accounts"),
    ("jobs.beat", "Workers", "memory"),
    ("django_q.ormq", "Queue", "queue"),
    ("django_q.failure", "Failed tasks", "error"),
    ("django_q.success", "Finished tasks", "task_alt"),
    ("accounts.maintenance", "Maintenance", "build"),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu as the theme wants it. One query, for the connections; none for who may see nothing."""
    actor = actor_for_request(request)
    if actor is None:
        return []
    home = reverse("admin:index")
    overview = {"title": "Overview", "icon": "dashboard", "link": home, "active": request.path == home}
    groups = (
        ("", [overview]),
        ("Sync", [*_synced(request, actor), *_lists(request, SYNC), *_health(request, actor)]),
        ("Marketplaces", _lists(request, MARKETPLACES)),
        ("Purchasing", _lists(request, PURCHASING)),
        ("Alerts", _lists(request, ALERTS)),
        ("Stock", _lists(request, STOCK)),
        ("Bookings", _lists(request, BOOKINGS)),
        ("Is it right?", _lists(request, PROOF)),
        ("Catalogue", _lists(request, CATALOGUE)),
        ("Appliances", _lists(request, UNITS)),
        ("Account", _lists(request, ACCOUNT)),
        ("Operator", _lists(request, OPERATOR)),
    )
    return [{"title": title, "separator": False, "items": items} for title, items in groups if items]


def _synced(request: HttpRequest, actor: Actor) -> Iterator[dict[str, Any]]:
    synced = [key for key, system in SYSTEMS.items() if system.scopes]
    known = Connection.objects.filter(account=actor.account, enabled=True, system__in=synced)
    rows = known.only("system", "name").order_by("system", "name", "id")
    for connection in rows[:MOST_CONNECTIONS] if actor.may("run.view") else ():
        yield from _entry(request, f"{Truncator(connection.name).chars(20)} Sync", "sync", "sync_page", connection.pk)


def _health(request: HttpRequest, actor: Actor) -> Iterator[dict[str, Any]]:
    if actor.may("health.view"):
        yield from _entry(request, "Health", "monitor_heart", "jobs_health")


def _lists(request: HttpRequest, models: tuple[Entry, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for label, title, icon, *page in models:
        model = apps.get_model(label)
        # The queue's table is only there with the queue in the database.
        if admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request):
            found += _entry(request, title, icon, page[0] if page else f"{model._meta.app_label}_{model._meta.model_name}_changelist")
    return found


def _entry(request: HttpRequest, title: str, icon: str, page: str, *args: Any) -> Iterator[dict[str, Any]]:
    """The entry, or none where the site has no such page."""
    try:
        link = reverse(f"admin:{page}", args=args)
    except NoReverseMatch:
        return
    inside = request.path.startswith(link) and not _is_elsewhere(request.path, link)
    # The theme writes titles as they are, and this one may hold a name that somebody typed.
    yield {"title": escape(title), "icon": icon, "link": link, "active": inside}


def _is_elsewhere(path: str, link: str) -> bool:
    """Whether a page below `link` has an entry of its own: connections' lie below the runs, health below the schedules, expiring below the
    batches, the inbox below the listings, what is to be assigned below the facts."""
    return path.removeprefix(link).startswith(("connection/", "health/", "expiring/", "inbox/", "work/"))
