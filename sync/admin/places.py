"""The places of a connection: which of them count, and which warehouse here each one's stock is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from inventory.models import Warehouse, WarehouseMode
from sync import stockcounts
from sync.facts import verbs
from sync.models import Connection, WarehouseRef
from sync.references.places import warehouses_of
from sync.systems import moving, system

PER_PAGE = 100


@dataclass(frozen=True)
class Place:
    """`inside` is the location it lies in, `warehouse` where its stock is in; both may be nothing."""

    ref: WarehouseRef
    inside: str
    warehouse: Warehouse | None


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of runs."""
    return [
        path("connection/<int:number>/places/", site.admin_view(require_GET(partial(places_page, site))), name="sync_places"),
        path("place/<int:number>/counts/", site.admin_view(require_POST(set_counts)), name="sync_place_counts"),
        path("place/<int:number>/count/", site.admin_view(require_POST(propose_count)), name="sync_place_count"),
        path("place/<int:number>/warehouse/", site.admin_view(require_POST(set_warehouse)), name="sync_place_warehouse"),
    ]


def places_page(site: AdminSite, request: HttpRequest, number: int) -> HttpResponse:
    """All places of a connection, locations first."""
    connection = Connection.objects.filter(account=acting(request).account, pk=number).first()
    if connection is None:
        raise Http404
    if not may(request, "reference.view"):
        raise PermissionDenied
    sought = request.GET.get("q", "").strip()
    rows = WarehouseRef.objects.filter(connection=connection, gone_at__isnull=True)
    if sought and "\x00" not in sought:
        rows = rows.filter(name__icontains=sought)
    pages = Paginator(rows.order_by("parent_id_there", "name", "pk"), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    shown: list[WarehouseRef] = list(page.object_list)
    houses = warehouses_of(connection)
    mine = Warehouse.objects.filter(account=connection.account_id).order_by("name", "pk")
    moves = connection.system in moving()
    offered = list(mine.filter(active=True) if moves else mine.filter(mode=WarehouseMode.MIRROR))
    by_pk = mine.in_bulk(set(houses.values()))
    parents = {ref.parent_id_there for ref in shown} - {""}
    names = dict(WarehouseRef.objects.filter(connection=connection, external_id__in=parents).values_list("external_id", "name"))
    return TemplateResponse(
        request,
        "admin/sync/places.html",
        {
            **site.each_context(request),
            "title": f"Places of {connection.name}",
            "connection": connection,
            "places": [
                Place(ref, names.get(ref.parent_id_there, ref.parent_id_there), by_pk.get(houses.get(ref.external_id, 0))) for ref in shown
            ],
            "page": page,
            "query": urlencode({"q": sought} if sought else {}),
            "sought": sought,
            "offered": offered,
            "moves": moves,
            "may_edit": may(request, "reference.edit"),
            "may_count": may(request, "count.add") and bool(system(connection.system).counts_stock),
        },
    )


def set_counts(request: HttpRequest, number: int) -> HttpResponse:
    """Let a place count, or not."""
    ref = _ref(request, number)
    counts = request.POST.get("counts") == "on"
    out = "what goes there has left the stock" if ref.connection.system in moving() else "its stock is shown and in no level"
    word = "counts: its stock is in the levels" if counts else f"does not count: {out}"
    return _told(request, ref, lambda: verbs.set_counts(acting(request), ref, counts).freed, f"{ref} {word}.")


def set_warehouse(request: HttpRequest, number: int) -> HttpResponse:
    """Let a warehouse follow a place."""
    ref = _ref(request, number)
    chosen = request.POST.get("warehouse", "")
    known = Warehouse.objects.filter(account=acting(request).account)
    house = known.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
    if house is None:
        messages.error(request, "Choose a warehouse of the list.")
        return HttpResponseRedirect(_back(request, ref))
    done = f"{ref} is {house} here." if ref.connection.system in moving() else f"{house} follows {ref}."
    return _told(request, ref, lambda: verbs.set_warehouse(acting(request), ref, house).freed, done)


def propose_count(request: HttpRequest, number: int) -> HttpResponse:
    """Let the other side say what is in the warehouse of a place; the count that waits is shown."""
    ref = _ref(request, number, "count.add")
    house = Warehouse.objects.filter(account=acting(request).account, pk=warehouses_of(ref.connection).get(ref.external_id, 0)).first()
    if house is None:
        messages.error(request, f"{ref} is no warehouse here yet. Assign one first.")
        return HttpResponseRedirect(_back(request, ref))
    try:
        proposed = stockcounts.propose(acting(request), ref.connection, house)
    except (Problem, ValidationError) as problem:
        messages.error(request, refusal(problem) if isinstance(problem, Problem) else " ".join(problem.messages))
        return HttpResponseRedirect(_back(request, ref))
    messages.success(request, stockcounts.told(proposed))
    return HttpResponseRedirect(reverse("admin:inventory_count_change", args=[proposed.count.pk]))


def _told(request: HttpRequest, ref: WarehouseRef, do: Callable[[], int], sentence: str) -> HttpResponse:
    try:
        freed = do()
    except Problem as problem:
        messages.error(request, refusal(problem))
    else:
        book = ngettext("%d held line books itself now.", "%d held lines book themselves now.", freed) % freed if freed else ""
        messages.success(request, f"{sentence} {book}".strip())
    return HttpResponseRedirect(_back(request, ref))


def _ref(request: HttpRequest, number: int, operation: str = "reference.edit") -> WarehouseRef:
    ref = WarehouseRef.objects.filter(account=acting(request).account, pk=number).select_related("connection").first()
    if ref is None:
        raise Http404
    if not may(request, operation):
        raise PermissionDenied
    return ref


def _back(request: HttpRequest, ref: WarehouseRef) -> str:
    kept = {name: request.POST[name] for name in ("q", "page") if request.POST.get(name)}
    return f"{reverse('admin:sync_places', args=[ref.connection_id])}?{urlencode(kept)}#place-{ref.pk}"
