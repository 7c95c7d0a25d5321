"""The page of one connection: its buttons, its files, and its newest run. Each button is a POST of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from sync import runs
from sync.admin import finalepage, movespage, owners, places, productsays
from sync.admin.links import page_of
from sync.admin.runpage import contents, took
from sync.admin.words import FRESHNESS, STATUS, what
from sync.choosing import usable
from sync.confirmations import confirm
from sync.freshness import feed_ages
from sync.models import Connection, Kind, SyncRun, Trigger
from sync.systems import Scope, System, synced, system, values_of

BESIDES: Mapping[str, Callable[[Connection, Actor], dict[str, Any]]] = {
    "finale": finalepage.contents,
    "odoo": movespage.contents,
    "pos": movespage.contents,
}
"""By system, where it has more to show than every one has."""

RUNS_SHOWN = 6
UPLOAD = "upload"


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of runs: the pages of connections."""
    return [
        path("connection/<int:number>/", _guarded(site, require_GET(partial(sync_page, site))), name="sync_page"),
        path("connection/<int:number>/start/", _guarded(site, require_POST(start)), name="sync_start"),
        path("connection/<int:number>/upload/", _guarded(site, require_POST(upload)), name="sync_upload"),
        path("connection/<int:number>/confirm/", _guarded(site, require_POST(confirm_feed)), name="sync_confirm"),
        path("connection/<int:number>/auto/", _guarded(site, require_POST(auto)), name="sync_auto"),
        *places.urls(site),
        *owners.urls(site),
        *productsays.urls(site),
    ]


def _guarded(site: AdminSite, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    guarded: Callable[..., HttpResponse] = site.admin_view(view)
    return guarded


def sync_page(site: AdminSite, request: HttpRequest, number: int) -> HttpResponse:
    """All that can be done with a connection, and what came of it last."""
    connection = _connection(request, number, "run.view")
    kind = system(connection.system)
    return TemplateResponse(
        request,
        "admin/sync/syncpage.html",
        {
            **site.each_context(request),
            "title": f"{connection.name} Sync",
            **page_contents(connection, kind, acting(request), request),
        },
    )


def page_contents(connection: Connection, kind: System, actor: Actor, request: HttpRequest) -> dict[str, Any]:
    newest = list(SyncRun.objects.filter(connection=connection).select_related("connection").defer("warnings").order_by("-id")[:RUNS_SHOWN])
    run = newest[0] if newest else None
    refused = _refused(connection)
    takes_files = bool(kind.uploads) and values_of(connection).get("transport") == UPLOAD
    return {
        "connection": connection,
        "system": kind,
        "about": [f"admin/sync/{kind.key}/about.html", "admin/sync/about.html"],
        "start": [f"admin/sync/{kind.key}/start.html", "admin/sync/start.html"],
        "primary": kind.scopes[kind.primary_scope],
        "singles": _singles(kind),
        "refused": refused,
        "busy": run is not None and run.is_active,
        "may_start": refused is None and actor.may("run.start"),
        "may_preview": refused is None and actor.may("run.preview"),
        "may_upload": takes_files and actor.may("feed.upload"),
        "may_confirm": actor.may("feed.confirm"),
        "takes_files": takes_files,
        "slots": import_string(f"{kind.uploads}.slots")(connection) if takes_files else [],
        "many": kind.in_parts,
        "ages": [(age, FRESHNESS[age.freshness]) for age in feed_ages([connection], timezone.now())[connection.pk]],
        "earlier": [Earlier(each) for each in newest[1:]],
        **(contents(run, actor, request.GET) if run else {"run": None}),
        "elsewhere": run is not None and run.applied_at is not None,
        **(_besides(connection, kind, actor)),
    }


def _besides(connection: Connection, kind: System, actor: Actor) -> dict[str, Any]:
    """What the page of this system has besides, and the template that shows it."""
    return {"besides": f"admin/sync/{kind.key}/besides.html", **BESIDES[kind.key](connection, actor)} if kind.key in BESIDES else {}


class Earlier:
    """A line for a run that is not the newest."""

    def __init__(self, run: SyncRun) -> None:
        self.run, self.what, self.page, self.took = run, what(run), page_of(run), took(run)
        self.mark = STATUS[run.status]


def start(request: HttpRequest, number: int) -> HttpResponse:
    """Start a run of the posted scope, or a preview of one."""
    kind = Kind.PREVIEW if request.POST.get("kind") == Kind.PREVIEW else Kind.SYNC
    connection = _connection(request, number, "run.preview" if kind == Kind.PREVIEW else "run.start")
    scopes = system(connection.system).scopes
    scope = scopes.get(request.POST.get("scope", ""))
    if scope is None:
        raise Http404
    try:
        runs.start(acting(request), connection, scope.key, kind=kind, trigger=Trigger.BUTTON)
    except Problem as problem:
        messages.error(request, refusal(problem))
    return HttpResponseRedirect(_back(request, connection))


def auto(request: HttpRequest, number: int) -> HttpResponse:
    """Auto-sync on or off, and how often."""
    connection = _connection(request, number, "schedule.edit")
    if connection.system not in BESIDES:
        raise Http404
    return finalepage.set_auto(request, connection)


def upload(request: HttpRequest, number: int) -> HttpResponse:
    """Take the posted files, each under the name of its feed. Every file is judged by itself; what is wrong with one stops no other."""
    connection = _connection(request, number, "feed.upload")
    kind = system(connection.system)
    if not kind.uploads:
        raise Http404
    taken = 0
    for feed in kind.feeds:
        for file in request.FILES.getlist(feed):
            taken += _take(request, connection, kind, feed, file)
    if taken:
        counted = ngettext("%d file was taken.", "%d files were taken.", taken) % taken
        messages.success(request, f"{counted} What was found in them stands beside each.")
    elif not request.FILES:
        messages.warning(request, "No file was chosen. Choose at least one, then press Upload.")
    return HttpResponseRedirect(f"{_back(request, connection)}#files")


def confirm_feed(request: HttpRequest, number: int) -> HttpResponse:
    """A manager's word that a doubted file is right."""
    connection = _connection(request, number, "feed.confirm")
    feed, checksum, code = (request.POST.get(name, "") for name in ("feed", "checksum", "code"))
    try:
        confirm(acting(request), connection, feed, checksum, code)
    except Problem as problem:
        messages.error(request, refusal(problem))
    else:
        label = capfirst(system(connection.system).feeds.get(feed, feed))
        messages.success(request, f"{label}: you said that the file is right. The next sync uses it.")
    return HttpResponseRedirect(_back(request, connection))


def _take(request: HttpRequest, connection: Connection, kind: System, feed: str, file: UploadedFile[bytes]) -> bool:
    try:
        # One byte more than may come is enough for the verb to refuse it.
        import_string(f"{kind.uploads}.upload")(acting(request), connection, feed, file.name or "", file.read(settings.UPLOAD_LIMIT + 1))
    except Problem as problem:
        messages.error(request, f"{capfirst(kind.feeds[feed])}: {refusal(problem)}")
        return False
    return True


def _connection(request: HttpRequest, number: int, operation: str) -> Connection:
    # Whether there is such a connection is nobody's business in another account, so it is looked up first.
    known = Connection.objects.filter(account=acting(request).account, system__in=synced())
    found = known.select_related("account", "warehouse").filter(pk=number).first()
    if found is None:
        raise Http404
    if not may(request, operation):
        raise PermissionDenied
    return found


def _refused(connection: Connection) -> Problem | None:
    try:
        usable(connection)
    except Problem as problem:
        return problem
    return None


def _singles(kind: System) -> list[Scope]:
    return [scope for key, scope in kind.scopes.items() if key != kind.primary_scope] if settings.SINGLE_SYNCS_VISIBLE else []


def _back(request: HttpRequest, connection: Connection) -> str:
    """Where the button was pressed, else the connection's page."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:sync_page", args=[connection.pk])
