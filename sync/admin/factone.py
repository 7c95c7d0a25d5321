"""The page on which one place, barcode or product there is settled, for all lines that name it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from inventory.admin.entering import NamingProduct
from inventory.models import AliasKind, Product, ProductAlias, Warehouse
from sync.admin.factaddresses import address, after, allow, connection_of, number_of, titled, warehouses
from sync.admin.factprogress import PACE, freed_by, progress_of
from sync.facts import codes, verbs, worklist
from sync.models import Connection, FactRule, ProductRef, RuleAbout, RuleAction, WarehouseRef
from sync.systems import system

LINES_SHOWN = 8
CANDIDATES = 10
ABOUT_WORDS = {RuleAbout.PLACE: "Place", RuleAbout.BARCODE: "Barcode", RuleAbout.PRODUCT: "Product"}
EVERYWHERE = "everywhere"


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of facts."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        made: Callable[..., HttpResponse] = site.admin_view(view)
        return made

    one = "work/<int:number>/<str:about>/"
    return [
        path(one, guarded(require_GET(partial(one_page, site))), name="sync_sourcefact_one"),
        path(f"{one}live/", guarded(require_GET(live)), name="sync_sourcefact_live"),
        path(f"{one}assign/", guarded(require_POST(assign)), name="sync_sourcefact_assign"),
        path(f"{one}match/", guarded(require_POST(partial(match, site))), name="sync_sourcefact_match"),
        path(f"{one}new/", guarded(require_POST(make_new)), name="sync_sourcefact_new"),
        path(f"{one}ignore/", guarded(require_POST(ignore)), name="sync_sourcefact_ignore"),
        path(f"{one}uncounted/", guarded(require_POST(leave_out)), name="sync_sourcefact_uncounted"),
    ]


def one_page(site: AdminSite, request: HttpRequest, number: int, about: str) -> HttpResponse:
    """Who it may be, and the buttons that settle it; afterwards how many lines booked themselves."""
    connection, value = _asked(request, number, about, request.GET)
    return _page(site, request, connection, about, value, NamingProduct(acting(request)))


def live(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """The part that changes while lines are being booked; nothing when none waits any more."""
    connection, value = _asked(request, number, about, request.GET)
    progress = progress_of(request, connection, about, value)
    if progress is None or not progress.waiting:
        return HttpResponse(status=204)
    return TemplateResponse(request, "admin/sync/work_progress.html", {"progress": progress, "pace": PACE})


def assign(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """The place is this warehouse."""
    connection, value = _asked(request, number, about, request.POST, "reference.edit")
    house = Warehouse.objects.filter(account=connection.account_id, pk=number_of(request.POST.get("warehouse")) or 0).first()
    if about != RuleAbout.PLACE:
        raise Http404
    if house is None:
        messages.error(request, "Choose a warehouse of the list.")
        return HttpResponseRedirect(address(connection.pk, about, value))
    return _decided(
        request, connection, about, value, lambda: verbs.assign_place(acting(request), connection, value, house).freed,
        f"“{_called(connection, about, value)}” of {connection} is {house} here.",
    )  # fmt: skip


def leave_out(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """The place does not count: what goes there has left the stock."""
    connection, value = _asked(request, number, about, request.POST, "reference.edit")
    ref = WarehouseRef.objects.filter(connection=connection, external_id=value).first()
    if about != RuleAbout.PLACE or ref is None:
        raise Http404
    done = f"“{ref}” of {connection} does not count: what goes there has left the stock."
    return _decided(request, connection, about, value, lambda: verbs.set_counts(acting(request), ref, False).freed, done)


def match(site: AdminSite, request: HttpRequest, number: int, about: str) -> HttpResponse:
    """It is the product that was typed or chosen: for everybody, or for this connection."""
    connection, value = _asked(request, number, about, request.POST)
    if about == RuleAbout.PLACE:
        raise Http404
    ref = _product_ref(connection, about, value)
    wide = about == RuleAbout.BARCODE and request.POST.get("where") == EVERYWHERE
    allow(request, "product.edit" if wide else "reference.edit" if ref is not None else "fact_rule.edit")
    form = NamingProduct(acting(request), request.POST)
    if not form.is_valid() or form.found is None:
        return _page(site, request, connection, about, value, form)
    product, actor = form.found, acting(request)

    def do() -> int:
        if wide:
            return verbs.alias_barcode(actor, product, _as_printed(connection, value)).freed
        if ref is not None:
            return verbs.match_product(actor, ref, product).freed
        return verbs.add_rule(actor, connection, about=about, value=value, action=RuleAction.PRODUCT, product=product).freed

    done = f"{ABOUT_WORDS[RuleAbout(about)]} “{_called(connection, about, value)}” is {product}{'' if wide else f' in {connection}'}."
    return _decided(request, connection, about, value, do, done, wide=wide)


def make_new(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """It is none of the products here: a new one."""
    connection, value = _asked(request, number, about, request.POST, "reference.edit")
    ref = _product_ref(connection, about, value)
    if ref is None:
        raise Http404
    done = f"{ref} of {connection} is a new product here."
    return _decided(request, connection, about, value, lambda: verbs.match_product(acting(request), ref, None).freed, done)


def ignore(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """No line that names it is ever booked."""
    connection, value = _asked(request, number, about, request.POST, "fact_rule.edit")
    note = request.POST.get("note", "")

    def do() -> int:
        return verbs.add_rule(acting(request), connection, about=about, value=value, action=RuleAction.IGNORE, note=note).freed

    done = f"Nothing of {connection} that names “{_called(connection, about, value)}” is booked from now on."
    return _decided(request, connection, about, value, do, done)


def _page(site: AdminSite, request: HttpRequest, connection: Connection, about: str, value: str, form: NamingProduct) -> HttpResponse:
    rows = worklist.held(connection.account_id, connection)
    group = worklist.one(rows, about, value)
    naming = worklist.naming(about, value)
    ref = _product_ref(connection, about, value)
    place = WarehouseRef.objects.filter(connection=connection, external_id=value).first() if about == RuleAbout.PLACE else None
    progress = progress_of(request, connection, about, value)
    lines = rows.filter(naming, code=group.code if group else "").select_related("product", "warehouse", "warehouse_to").defer("raw")
    named = (place and place.name) or (ref and str(ref)) or (group.named if group else "")
    title, subtitle = titled(connection, about, value, named or "")
    return TemplateResponse(
        request,
        "admin/sync/work_one.html",
        {
            **site.each_context(request),
            "title": f"{ABOUT_WORDS[RuleAbout(about)]} {title}",
            "connection": connection,
            "about": about,
            "about_word": ABOUT_WORDS[RuleAbout(about)],
            "value": value,
            "named_by": title,
            "subtitle": subtitle,
            "group": group,
            "lines": list(lines.order_by("-id")[:LINES_SHOWN]),
            "labels": codes.HELD,
            "rule": FactRule.objects.filter(connection=connection, about=about, value_key=value).select_related("product").first(),
            "ref": ref,
            "place": place,
            "form": form,
            "finding": reverse("admin:inventory_find_product"),
            "candidates": form.meant or _candidates(connection, about, value),
            "ambiguous": group is not None and group.code == "ambiguous_barcode",
            "warehouses": warehouses(request) if about == RuleAbout.PLACE else [],
            "is_branch": system(connection.system).unmapped_place == "unmapped_branch",
            "addresses": {name: address(connection.pk, about, value, name) for name in ("assign", "match", "new", "ignore", "uncounted")},
            "progress": progress,
            "live": f"{address(connection.pk, about, value, 'live', **freed_by(request))}" if progress and progress.waiting else "",
            "pace": PACE,
            "may_assign": may(request, "reference.edit"),
            "may_rule": may(request, "fact_rule.edit"),
            "may_retry": may(request, "fact.retry"),
            "back": f"{reverse('admin:sync_sourcefact_work')}?{urlencode({'part': 'places' if about == RuleAbout.PLACE else 'products'})}",
        },
    )


def _decided(
    request: HttpRequest, connection: Connection, about: str, value: str, do: Callable[[], int], sentence: str, *, wide: bool = False
) -> HttpResponse:
    """Do it, and follow the lines that it set free."""
    try:
        freed = do()
    except (Problem, ValidationError) as error:
        messages.error(request, refusal(error))
        return HttpResponseRedirect(address(connection.pk, about, value))
    book = ngettext("%d held line books itself now.", "%d held lines book themselves now.", freed) % freed if freed else ""
    messages.success(request, f"{sentence} {book}".strip())
    return HttpResponseRedirect(after(connection, about, value, freed, wide=wide))


def _asked(request: HttpRequest, number: int, about: str, given: Any, operation: str = "fact.view") -> tuple[Connection, str]:
    """The connection and the value that the address names. Raises Http404 and PermissionDenied, in this order."""
    connection = connection_of(request, number)
    value = given.get("value", "") or request.GET.get("value", "")
    if about not in RuleAbout.values or not 0 < len(value) <= 300:
        raise Http404
    allow(request, operation)
    return connection, value


def _product_ref(connection: Connection, about: str, value: str) -> ProductRef | None:
    if about != RuleAbout.PRODUCT:
        return None
    return ProductRef.objects.filter(connection=connection, external_id=value).select_related("product").first()


def _called(connection: Connection, about: str, value: str) -> str:
    """What people call it."""
    ref: WarehouseRef | ProductRef | None = _product_ref(connection, about, value)
    if about == RuleAbout.PLACE:
        ref = WarehouseRef.objects.filter(connection=connection, external_id=value).first()
    return titled(connection, about, value, str(ref) if ref else "")[0]


def _as_printed(connection: Connection, key: str) -> str:
    """The barcode as the outside system writes it."""
    return worklist.held(connection.account_id, connection).filter(barcode_key=key).values_list("barcode", flat=True).first() or key


def _candidates(connection: Connection, about: str, value: str) -> list[Product]:
    """The products that have this barcode, where several have it."""
    if about != RuleAbout.BARCODE:
        return []
    named = ProductAlias.objects.filter(account=connection.account_id, kind=AliasKind.BARCODE, key=value)
    return list(Product.objects.filter(pk__in=named.values("product")).order_by("-active", "sku_key")[:CANDIDATES])
