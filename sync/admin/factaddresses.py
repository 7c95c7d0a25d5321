"""Where held facts are settled, and what the pages about them look up for whoever asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.workplace import acting, may
from inventory.models import Warehouse
from sync.facts import worklist
from sync.models import Connection, FactState, RuleAbout, SourceFact
from sync.systems import moving, system


def address(connection: int, about: str, value: str, name: str = "one", **besides: Any) -> str:
    """The page that settles one place, barcode or product there; or another of its addresses."""
    given = {name: each for name, each in besides.items() if each not in (None, "")}
    return f"{reverse(f'admin:sync_sourcefact_{name}', args=[connection, about])}?{urlencode({'value': value, **given})}"


def page_for(fact: SourceFact) -> str:
    """Where what holds the fact is settled; blank where nothing is to be decided."""
    about = worklist.about_of(fact.code) if fact.state == FactState.HELD else ""
    if about == RuleAbout.PLACE:
        found = worklist.places(SourceFact.objects.filter(pk=fact.pk).order_by())
        return address(fact.connection_id, about, found[0].value) if found else ""
    return address(fact.connection_id, about, fact.barcode_key if about == RuleAbout.BARCODE else fact.product_there) if about else ""


def titled(connection: Connection, about: str, value: str, named: str) -> tuple[str, str]:
    """What people call a place, barcode or product there, and what else is known of it: codes and barcodes are on paper, ids are not."""
    if not named or named == value:
        return value, ""
    on_paper = about == RuleAbout.BARCODE or system(connection.system).unmapped_place == "unmapped_branch"
    return (value, named) if on_paper else (named, value)


def after(connection: Connection, about: str, value: str, freed: int, *, wide: bool = False) -> str:
    since = int(timezone.now().timestamp()) if freed else ""
    return address(connection.pk, about, value, freed=freed or "", since=since, wide="1" if wide and freed else "")


def allow(request: HttpRequest, operation: str) -> None:
    if not may(request, operation):
        raise PermissionDenied


def moving_connections(request: HttpRequest) -> list[Connection]:
    rows = Connection.objects.filter(account=acting(request).account, system__in=moving())
    return list(rows.select_related("account").order_by("system", "name", "pk"))


def connection_of(request: HttpRequest, number: Any) -> Connection:
    wanted = number if isinstance(number, int) else number_of(number)
    rows = Connection.objects.filter(account=acting(request).account, system__in=moving()).select_related("account")
    found = rows.filter(pk=wanted).first() if wanted is not None and wanted < 2**63 else None
    if found is None:
        raise Http404
    return found


def warehouses(request: HttpRequest) -> list[Warehouse]:
    return list(Warehouse.objects.filter(account=acting(request).account, active=True).order_by("name", "pk"))


def number_of(text: Any) -> int | None:
    """A whole number as addresses and forms write it."""
    known = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if known else None
