"""What of the held facts waits for somebody, and the page on which one place, barcode or product there is settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from inventory.admin.entering import NamingProduct
from inventory.models import AliasKind, Product, ProductAlias, Warehouse
from sync.facts import codes, verbs, worklist
from sync.facts.worklist import Group
from sync.models import Connection, FactRule, FactState, ProductRef, RuleAbout, RuleAction, SourceFact, WarehouseRef
from sync.systems import moving, system

PER_PAGE = 50
LINES_SHOWN = 8
CANDIDATES = 10
PACE = 1000
"""Milliseconds between two looks at lines that are being booked."""

PART_LABELS = {"places": "Places", "products": "Products", "lines": "Single lines"}
ABOUT_WORDS = {RuleAbout.PLACE: "Place", RuleAbout.BARCODE: "Barcode", RuleAbout.PRODUCT: "Product"}
EVERYWHERE, HERE = "everywhere", "here"


@dataclass(frozen=True)
class Row:
    """A group with its connection, the page that settles it, and the list of its lines."""

    group: Group
    connection: Connection
    page: str
    lines: str


@dataclass(frozen=True)
class Progress:
    """What became so far of the lines that a decision set free."""

    freed: int
    waiting: int
    held: int
    states: Sequence[tuple[str, int]] = ()

    @property
    def settled(self) -> int:
        return max(self.freed - self.waiting - self.held, 0)


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of facts."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        made: Callable[..., HttpResponse] = site.admin_view(view)
        return made

    one = "work/<int:number>/<str:about>/"
    return [
        path("work/", guarded(require_GET(partial(work_page, site))), name="sync_sourcefact_work"),
        path("work/retry/", guarded(require_POST(retry)), name="sync_sourcefact_retry"),
        path("<int:number>/retry/", guarded(require_POST(retry_one)), name="sync_sourcefact_retry_one"),
        path(one, guarded(require_GET(partial(one_page, site))), name="sync_sourcefact_one"),
        path(f"{one}live/", guarded(require_GET(live)), name="sync_sourcefact_live"),
        path(f"{one}assign/", guarded(require_POST(assign)), name="sync_sourcefact_assign"),
        path(f"{one}match/", guarded(require_POST(partial(match, site))), name="sync_sourcefact_match"),
        path(f"{one}new/", guarded(require_POST(make_new)), name="sync_sourcefact_new"),
        path(f"{one}ignore/", guarded(require_POST(ignore)), name="sync_sourcefact_ignore"),
        path(f"{one}uncounted/", guarded(require_POST(leave_out)), name="sync_sourcefact_uncounted"),
    ]


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


# The list of work.


def work_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What there is to decide, that of the most lines first."""
    if not may(request, "fact.view"):
        raise PermissionDenied
    actor = acting(request)
    known = {each.pk: each for each in _connections(request)}
    chosen = known.get(_number(request.GET.get("connection")) or 0)
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
            "warehouses": _warehouses(request) if part == "places" else [],
            "may_edit": may(request, "fact_rule.edit" if part != "places" else "reference.edit"),
            "may_retry": may(request, "fact.retry"),
        },
    )


def retry(request: HttpRequest) -> HttpResponse:
    """Try again what is held: all, or of a connection, a reason, or one place, barcode or product there."""
    connection = _connection(request, request.POST.get("connection")) if request.POST.get("connection") else None
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
            return HttpResponseRedirect(_after(connection, about, value, tried))
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


# One of them.


def one_page(site: AdminSite, request: HttpRequest, number: int, about: str) -> HttpResponse:
    """Who it may be, and the buttons that settle it; afterwards how many lines booked themselves."""
    connection, value = _asked(request, number, about, request.GET)
    return _page(site, request, connection, about, value, NamingProduct(acting(request)))


def live(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """The part that changes while lines are being booked; nothing when none waits any more."""
    connection, value = _asked(request, number, about, request.GET)
    progress = _progress(request, connection, about, value)
    if progress is None or not progress.waiting:
        return HttpResponse(status=204)
    return TemplateResponse(request, "admin/sync/work_progress.html", {"progress": progress, "pace": PACE})


def assign(request: HttpRequest, number: int, about: str) -> HttpResponse:
    """The place is this warehouse."""
    connection, value = _asked(request, number, about, request.POST, "reference.edit")
    house = Warehouse.objects.filter(account=connection.account_id, pk=_number(request.POST.get("warehouse")) or 0).first()
    if about != RuleAbout.PLACE:
        raise Http404
    if house is None:
        messages.error(request, "Choose a warehouse of the list.")
        return HttpResponseRedirect(address(connection.pk, about, value))
    return _decided(
        request, connection, about, value, lambda: verbs.assign_place(acting(request), connection, value, house).freed,
        f"“{value}” of {connection} is {house} here.",
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
    _allow(request, "product.edit" if wide else "reference.edit" if ref is not None else "fact_rule.edit")
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

    done = f"{ABOUT_WORDS[RuleAbout(about)]} “{value}” is {product}{'' if wide else f' in {connection}'}."
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

    return _decided(request, connection, about, value, do, f"Nothing of {connection} that names “{value}” is booked from now on.")


def _page(site: AdminSite, request: HttpRequest, connection: Connection, about: str, value: str, form: NamingProduct) -> HttpResponse:
    rows = worklist.held(connection.account_id, connection)
    group = worklist.one(rows, about, value)
    naming = worklist.naming(about, value)
    ref = _product_ref(connection, about, value)
    place = WarehouseRef.objects.filter(connection=connection, external_id=value).first() if about == RuleAbout.PLACE else None
    progress = _progress(request, connection, about, value)
    lines = rows.filter(naming).select_related("product", "warehouse", "warehouse_to").defer("raw").order_by("-id")
    return TemplateResponse(
        request,
        "admin/sync/work_one.html",
        {
            **site.each_context(request),
            "title": f"{ABOUT_WORDS[RuleAbout(about)]} {value}",
            "connection": connection,
            "about": about,
            "about_word": ABOUT_WORDS[RuleAbout(about)],
            "value": value,
            "named": (place and place.name) or (ref and str(ref)) or (group.named if group else ""),
            "group": group,
            "lines": list(lines[:LINES_SHOWN]),
            "labels": codes.HELD,
            "rule": FactRule.objects.filter(connection=connection, about=about, value_key=value).select_related("product").first(),
            "ref": ref,
            "place": place,
            "form": form,
            "finding": reverse("admin:inventory_find_product"),
            "candidates": form.meant or _candidates(connection, about, value),
            "ambiguous": group is not None and group.code == "ambiguous_barcode",
            "warehouses": _warehouses(request) if about == RuleAbout.PLACE else [],
            "is_branch": system(connection.system).unmapped_place == "unmapped_branch",
            "addresses": {name: address(connection.pk, about, value, name) for name in ("assign", "match", "new", "ignore", "uncounted")},
            "progress": progress,
            "live": f"{address(connection.pk, about, value, 'live', **_asked_besides(request))}" if progress and progress.waiting else "",
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
    return HttpResponseRedirect(_after(connection, about, value, freed, wide=wide))


def _after(connection: Connection, about: str, value: str, freed: int, *, wide: bool = False) -> str:
    since = int(timezone.now().timestamp()) if freed else ""
    return address(connection.pk, about, value, freed=freed or "", since=since, wide="1" if wide and freed else "")


def _asked_besides(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("freed", "since", "wide") if request.GET.get(name)}


def _progress(request: HttpRequest, connection: Connection, about: str, value: str) -> Progress | None:
    """How far the lines are that the address says were set free; None where it says nothing of that."""
    freed, since = _number(request.GET.get("freed")), _number(request.GET.get("since"))
    if not freed or since is None:
        return None
    wanted = worklist.touched(connection.pk, about, value)
    rows = SourceFact.objects.filter(wanted, account=connection.account_id).order_by()
    if request.GET.get("wide") != "1":
        rows = rows.filter(connection=connection)
    open_ones = rows.filter(state__in=[FactState.WAITING, FactState.HELD]).values_list("state").annotate(Count("pk"))
    found = dict(open_ones)
    progress = Progress(freed, found.get(FactState.WAITING, 0), found.get(FactState.HELD, 0))
    if progress.waiting:
        return progress
    try:
        at = datetime.fromtimestamp(since, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    # Read once, when they are done: what names it is not indexed among booked lines.
    ended = dict(rows.filter(tried_at__gte=at).values_list("state").annotate(Count("pk")))
    words = {state.value: str(state.label).lower() for state in FactState}
    return Progress(freed, 0, found.get(FactState.HELD, 0), [(words[state], number) for state, number in sorted(ended.items())])


# What both have in common.


def _asked(request: HttpRequest, number: int, about: str, given: Any, operation: str = "fact.view") -> tuple[Connection, str]:
    """The connection and the value that the address names. Raises Http404 and PermissionDenied, in this order."""
    connection = _connection(request, number)
    value = given.get("value", "") or request.GET.get("value", "")
    if about not in RuleAbout.values or not 0 < len(value) <= 300:
        raise Http404
    _allow(request, operation)
    return connection, value


def _allow(request: HttpRequest, operation: str) -> None:
    if not may(request, operation):
        raise PermissionDenied


def _connections(request: HttpRequest) -> list[Connection]:
    rows = Connection.objects.filter(account=acting(request).account, system__in=moving())
    return list(rows.select_related("account").order_by("system", "name", "pk"))


def _connection(request: HttpRequest, number: Any) -> Connection:
    wanted = number if isinstance(number, int) else _number(number)
    rows = Connection.objects.filter(account=acting(request).account, system__in=moving()).select_related("account")
    found = rows.filter(pk=wanted).first() if wanted is not None and wanted < 2**63 else None
    if found is None:
        raise Http404
    return found


def _product_ref(connection: Connection, about: str, value: str) -> ProductRef | None:
    if about != RuleAbout.PRODUCT:
        return None
    return ProductRef.objects.filter(connection=connection, external_id=value).select_related("product").first()


def _as_printed(connection: Connection, key: str) -> str:
    """The barcode as the outside system writes it."""
    return worklist.held(connection.account_id, connection).filter(barcode_key=key).values_list("barcode", flat=True).first() or key


def _candidates(connection: Connection, about: str, value: str) -> list[Product]:
    """The products that have this barcode, where several have it."""
    if about != RuleAbout.BARCODE:
        return []
    named = ProductAlias.objects.filter(account=connection.account_id, kind=AliasKind.BARCODE, key=value)
    return list(Product.objects.filter(pk__in=named.values("product")).order_by("-active", "sku_key")[:CANDIDATES])


def _warehouses(request: HttpRequest) -> list[Warehouse]:
    return list(Warehouse.objects.filter(account=acting(request).account, active=True).order_by("name", "pk"))


def _row(group: Group, known: dict[int, Connection]) -> Row:
    listed = {"connection__id__exact": group.connection_id, "state": "held", "code": group.code}
    page = address(group.connection_id, group.about, group.value) if group.about else ""
    return Row(group, known[group.connection_id], page, f"{reverse('admin:sync_sourcefact_changelist')}?{urlencode(listed)}")


def _back(request: HttpRequest) -> str:
    kept = {name: request.POST[name] for name in ("part", "at") if request.POST.get(name)}
    if "at" in kept:
        kept["connection"] = kept.pop("at")
    return f"{reverse('admin:sync_sourcefact_work')}?{urlencode(kept)}"


def _number(text: Any) -> int | None:
    """A whole number as addresses and forms write it."""
    known = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if known else None
