"""Whose word counts where several systems know a product: one page, a group of fields a form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from sync import references
from sync.models import Connection, FieldGroup, FieldOwner
from sync.systems import synced, system

PRODUCTS = "products"
"""What the feed of a system is called that tells of products."""

PLACES = 5
"""So many are ranked by hand; more systems that know the same products than these come behind."""


@dataclass(frozen=True)
class Group:
    """The connections in their order: each place with who stands there, or 0."""

    key: str
    label: str
    places: list[int]


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of runs."""
    return [path("owners/", site.admin_view(partial(owners_page, site)), name="sync_owners")]


def owners_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """The order of each group; by POST, another one."""
    actor = acting(request)
    if not may(request, "reference.edit" if request.method == "POST" else "reference.view"):
        raise PermissionDenied
    telling = [key for key in synced() if PRODUCTS in system(key).feeds]
    known = list(Connection.objects.filter(account=actor.account, system__in=telling).order_by("name", "pk"))
    if request.method == "POST":
        group, by_pk = request.POST.get("group", ""), {str(each.pk): each for each in known}
        chosen = [by_pk[pk] for pk in dict.fromkeys(request.POST.getlist("owner")) if pk in by_pk]
        try:
            references.set_owners(actor, group, chosen)
        except Problem as problem:
            messages.error(request, refusal(problem))
        else:
            messages.success(request, f"{FieldGroup(group).label}: the order is kept. Products follow with the next sync.")
        return HttpResponseRedirect(f"{reverse('admin:sync_owners')}#{group if group in FieldGroup.values else ''}")
    ranks: dict[str, list[int]] = {}
    for owner in FieldOwner.objects.filter(account=actor.account).order_by("group", "rank"):
        ranks.setdefault(owner.group, []).append(owner.connection_id)
    count = min(len(known), PLACES)
    return TemplateResponse(
        request,
        "admin/sync/owners.html",
        {
            **site.each_context(request),
            "title": "Whose word counts",
            "groups": [Group(key, str(label), [*ranks.get(key, []), *[0] * count][:count]) for key, label in FieldGroup.choices],
            "known": known,
            "may_edit": may(request, "reference.edit"),
        },
    )
