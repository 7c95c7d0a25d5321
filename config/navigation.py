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

STOCK = (
    ("inventory.unit", "Units", "inventory_2"),
    ("inventory.load", "Loads", "local_shipping"),
    ("inventory.scansession", "Scan sessions", "barcode_scanner"),
    ("inventory.conflict", "Conflicts", "help"),
    ("inventory.product", "Products", "sell"),
    ("inventory.warehouse", "Warehouses", "warehouse"),
)
SYNC = (
    ("sync.syncrun", "Runs", "history"),
    ("sync.syncchange", "Change log", "difference"),
    ("sync.heldrow", "Held rows", "front_hand"),
    ("sync.unconfirmed", "Unconfirmed", "question_mark"),
    ("sync.connection", "Connections", "cable"),
    ("jobs.schedule", "Schedules", "schedule"),
)
ACCOUNT = (
    ("accounts.account", "Business account", "storefront"),
    ("accounts.member", "Members", "group"),
    ("accounts.apitoken", "API tokens", "key"),
    ("accounts.auditlog", "Audit log", "fact_check"),
)
OPERATOR = (
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
        ("Stock", _lists(request, STOCK)),
        ("Account", _lists(request, ACCOUNT)),
        ("Operator", _lists(request, OPERATOR)),
    )
    return [{"title": title, "separator": False, "items": items} for title, items in groups if items]


def _synced(request: HttpRequest, actor: Actor) -> Iterator[dict[str, Any]]:
    known = Connection.objects.filter(account=actor.account, enabled=True, system__in=list(SYSTEMS))
    rows = known.only("system", "name").order_by("system", "name", "id")
    for connection in rows[:MOST_CONNECTIONS] if actor.may("run.view") else ():
        yield from _entry(request, f"{Truncator(connection.name).chars(20)} Sync", "sync", "sync_page", connection.pk)


def _health(request: HttpRequest, actor: Actor) -> Iterator[dict[str, Any]]:
    if actor.may("health.view"):
        yield from _entry(request, "Health", "monitor_heart", "jobs_health")


def _lists(request: HttpRequest, models: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for label, title, icon in models:
        model = apps.get_model(label)
        # The queue's table is only there with the queue in the database.
        if admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request):
            found += _entry(request, title, icon, f"{model._meta.app_label}_{model._meta.model_name}_changelist")
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
    """Whether a page below `link` has an entry of its own: those of connections lie below the list of runs, health below the schedules."""
    return path.removeprefix(link).startswith(("connection/", "health/"))
