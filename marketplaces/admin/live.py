"""States of listings that turn by themselves on an open page (static/levelstock-live.js)."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.workplace import acting, may
from marketplaces.admin.words import LISTING
from marketplaces.models import Listing, ListingState

BUSY = 1000
"""Milliseconds between two looks while something is being sent."""
QUIET = 10000
MOST = 300
"""So many states are followed at once."""

MOVING = (ListingState.SYNCING, ListingState.UNKNOWN)


def pill(listing: Listing) -> SafeString:
    """Its state, in a place of its own that the script can fill anew."""
    return format_html('<span data-part="listing-{}" class="ls-pill">{}</span>', listing.pk, LISTING[listing.state])


def every(states: Iterable[str]) -> int:
    """After how long a page that shows these states looks again."""
    return BUSY if any(state in MOVING for state in states) else QUIET


def followed(listings: Iterable[Listing]) -> str:
    """The address at which the script asks for the states of these listings; empty where there are none."""
    ids = ",".join(str(listing.pk) for listing in listings)
    return f"{reverse('admin:marketplaces_states')}?ids={ids}" if ids else ""


def states_view(request: HttpRequest) -> HttpResponse:
    """The states of the listings that the address names, of the account's."""
    if not may(request, "listing.view"):
        raise PermissionDenied
    numbers = [int(text) for text in request.GET.get("ids", "").split(",")[:MOST] if text.isdecimal() and len(text) < 19]
    rows = list(Listing.objects.filter(account=acting(request).account, pk__in=numbers).only("pk", "state"))
    found = format_html_join("", "{}", ((pill(row),) for row in rows))
    return HttpResponse(format_html('<i data-every="{}"></i>{}', every(row.state for row in rows), found))
