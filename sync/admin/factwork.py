"""What of the held facts waits for somebody: a row for each decision, and trying again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from sync.admin.factaddresses import address, after, connection_of, moving_connections, number_of, titled, warehouses
from sync.facts import verbs, worklist
from sync.facts.worklist import Group
from sync.models import Connection, RuleAbout, SourceFact

PER_PAGE = 50
PART_LABELS = {"places": "Places", "products": "Products", "lines": "Single lines"}


@dataclass(frozen=True)
class Row:
    """A group with its connection, the page that settles it, and the list of its lines.

    A branch and a barcode are known by what they are called there, other things by their names.
    """

    group: Group
    connection: Connection
    title: str
    subtitle: str
    page: str
    lines: str


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of facts."""
    return [
        path("work/", site.admin_view(require_GET(partial(work_page, site))), name="sync_sourcefact_work"),
        path("work/retry/", site.admin_view(require_POST(retry)), name="sync_sourcefact_retry"),
        path("<int:number>/retry/", site.admin_view(require_POST(retry_one)), name="sync_sourcefact_retry_one"),
    ]


def work_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What there is to decide, that of the most lines first."""
    if not may(request, "fact.view"):
        raise PermissionDenied
    actor = acting(request)
    known = {each.pk: each for each in moving_connections(request)}
    chosen = known.get(number_of(request.GET.get("connection")) or 0)
    rows = worklist.held(actor.account, chosen).filter(connection__in=known)
    counts = worklist.in_parts(rows)
    part = request.GET.get("part", "")
    if part not in worklist.PARTS:
        part = next((name for name, number in counts.items() if number), "places")
    found: Any = worklist.places(rows) if part == "places" else worklist.products(rows) if part == "products" else worklist.lines(rows)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown: list[Any] = list(page.object_list)
    groups: list[Group] = shown if part == "places" else worklist.groups(shown)
    query = {"part": part, **({"connection": chosen.pk} if chosen else {})}
    return TemplateResponse(
        request,
        "admin/sync/work.html",
        {
            **site.each_context(request),
            "title": "To be assigned",
            "part": part,
            "tabs": [
                (PART_LABELS[name], number, f"?{urlencode({**query, 'part': name})}", name == part) for name, number in counts.items()
            ],
            "connections": [(each, f"?{urlencode({'part': part, 'connection': each.pk})}", each == chosen) for each in known.values()],
            "everywhere": f"?{urlencode({'part': part})}",
            "chosen": chosen,
            "rows": [_row(group, known) for group in groups],
            "page": page,
            "query": urlencode(query),
            "all_held": sum(counts.values()),
            "warehouses": warehouses(request) if part == "places" else [],
            "may_edit": may(request, "fact_rule.edit" if part != "places" else "reference.edit"),
            "may_retry": may(request, "fact.retry"),
        },
    )


def retry(request: HttpRequest) -> HttpResponse:
    """Try again what is held: all, or of a connection, a reason, or one place, barcode or product there."""
    connection = connection_of(request, request.POST.get("connection")) if request.POST.get("connection") else None
    about, value, code = (request.POST.get(name, "") for name in ("about", "value", "code"))
    if about and about not in RuleAbout.values:
        raise Http404
    if not may(request, "fact.retry"):
        raise PermissionDenied
    try:
        tried = verbs.retry(acting(request), connection, codes=[code] if code else [], about=about, value=value)
    except Problem as problem:
        messages.error(request, refusal(problem))
    else:
        said = ngettext("%d held line is tried again now.", "%d held lines are tried again now.", tried) % tried
        messages.success(request, said if tried else "Nothing is held that could be tried again.")
        if about and connection is not None and tried:
            return HttpResponseRedirect(after(connection, about, value, tried))
    return HttpResponseRedirect(_back(request))


def retry_one(request: HttpRequest, number: int) -> HttpResponse:
    """Try one line again."""
    fact = SourceFact.objects.filter(account=acting(request).account, pk=number).first()
    if fact is None:
        raise Http404
    if not may(request, "fact.retry"):
        raise PermissionDenied
    tried = verbs.retry(acting(request), facts=[fact.pk])
    messages.success(request, "The line is tried again now." if tried else "The line is not held any more.")
    return HttpResponseRedirect(reverse("admin:sync_sourcefact_change", args=[fact.pk]))


def _row(group: Group, known: dict[int, Connection]) -> Row:
    listed = {"connection__id__exact": group.connection_id, "state": "held", "code": group.code}
    page = address(group.connection_id, group.about, group.value) if group.about else ""
    connection = known[group.connection_id]
    title, subtitle = titled(connection, group.about, group.value, group.named)
    return Row(group, connection, title, subtitle, page, f"{reverse('admin:sync_sourcefact_changelist')}?{urlencode(listed)}")


def _back(request: HttpRequest) -> str:
    kept = {name: request.POST[name] for name in ("part", "at") if request.POST.get(name)}
    if "at" in kept:
        kept["connection"] = kept.pop("at")
    return f"{reverse('admin:sync_sourcefact_work')}?{urlencode(kept)}"
