"""Purchase orders: the list, an order's page with its lines, and the page of a delivery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import OwnedAutocompleteFilter, OwnedDropdownFilter
from accounts.workplace import acting, may, refusal
from inventory import finding, purchasing
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.documents import two_lines
from inventory.admin.entering import key_of, new_key
from inventory.admin.orderforms import ANOTHER, ArrivalsForm, HeadForm, LineForm, StartForm, arrival, came, expected, shown, typed
from inventory.admin.orderpage import OVERDUE, STATES, contents, figures_of, is_overdue, lines_page, mailers, today_of, usually
from inventory.errors import ChangedMeanwhile
from inventory.ledgerwords import total
from inventory.marks import Mark
from inventory.models import OPEN_ORDERS, OrderState, Product, PurchaseOrder, PurchaseOrderLine, Vendor, WarehouseMode
from inventory.purchasing import paper
from inventory.purchasing.lines import OrderedLine
from inventory.purchasing.standing import overdue
from inventory.wording import NOTHING

EXPORTS = {"csv": (paper.as_csv, "text/csv", "csv"), "text": (paper.text, "text/plain", "txt"), "print": (paper.page, "text/html", "html")}


class OrderStateFilter(StateFilter):
    states = (
        State("current", "Not closed", Q(state__in=(OrderState.DRAFT, *OPEN_ORDERS))),
        State("draft", "Drafts", Q(state=OrderState.DRAFT)),
        State("open", "On order", Q(state__in=OPEN_ORDERS)),
        State("overdue", "Overdue", Q(late=True)),
        State("received", "Received", Q(state=OrderState.RECEIVED)),
        State("cancelled", "Cancelled", Q(state=OrderState.CANCELLED)),
        State("all", "All", Q()),
    )
    otherwise = "current"
    when_searched = "all"


class PurchaseOrderAdmin(ChipsAdmin):
    """What is to be bought: drafted, approved, sent, received."""

    view_operation = "purchase_order.view"
    add_operation = "purchase_order.add"
    state_filter = OrderStateFilter
    empty_title = "No purchase order here"
    empty_text = "Draft one, or let the critical items suggest one."
    paginator = InfinitePaginator
    empty_value_display = NOTHING
    list_filter_submit = True
    ordering = ("-id",)
    list_display = ("number_mark", "vendor_named", "warehouse", "lines_mark", "sum_mark", "expected", "state_mark")
    list_filter = (OrderStateFilter, ("vendor", OwnedAutocompleteFilter), ("warehouse", OwnedDropdownFilter))
    search_fields = ("number", "upstream", "vendor__name")
    search_help_text = "Number, vendor or a product that is on it; closed ones are found too"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PurchaseOrder]:
        late = ExpressionWrapper(overdue(acting(request).account), output_field=BooleanField())
        rows: QuerySet[PurchaseOrder] = super().get_queryset(request).select_related("vendor", "warehouse", "account")
        return rows.annotate(late=late)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        found = list(changes.result_list)
        figures, today = figures_of(found), today_of(acting(request))
        for order in found:
            order.sum, order.how_many, order.fully = figures[order.pk]
            order.is_late = is_overdue(order, today)
        changes.result_list = found
        return changes

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """By number, vendor, what the outside system calls it, and by product, however that is called."""
        text = search_term.strip()
        if not text:
            return queryset, False
        products = finding.matching(Product.objects.filter(account=acting(request).account), text)
        wanted = Q(pk__in=PurchaseOrderLine.objects.filter(product__in=products.values("pk")).values("order"))
        for field in self.search_fields:
            wanted |= Q(**{f"{field}__icontains": text})
        return queryset.filter(wanted), False

    @admin.display(description="order", ordering="id")
    def number_mark(self, order: PurchaseOrder) -> str:
        return order.number

    @admin.display(description="vendor", ordering="vendor__name_key")
    def vendor_named(self, order: PurchaseOrder) -> str:
        return order.vendor.name

    @admin.display(description="lines")
    def lines_mark(self, order: Any) -> str:
        if order.state in (OrderState.DRAFT, OrderState.CANCELLED):
            return f"{order.how_many:,}"
        return f"{order.fully:,} of {order.how_many:,} came"

    @admin.display(description="total")
    def sum_mark(self, order: Any) -> SafeString | str:
        if not order.sum.unpriced:
            return total(order.sum.value)
        return two_lines(total(order.sum.value), f"{order.sum.unpriced:,} without a price")

    @admin.display(description="expected", ordering="expected_on")
    def expected(self, order: Any) -> SafeString | str:
        if order.expected_on is None:
            return NOTHING
        late = format_html("<br>{}", OVERDUE) if order.is_late else ""
        return format_html('<span class="whitespace-nowrap">{}</span>{}', order.expected_on.isoformat(), late)

    @admin.display(description="state", ordering="state")
    def state_mark(self, order: PurchaseOrder) -> Mark:
        return STATES[order.state]

    # Drafting one.

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Whom to buy from and where to; then the draft that there is, or a new one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        actor = acting(request)
        product = self._asked(request, Product)
        form = StartForm(actor, request.POST) if request.method == "POST" else StartForm(actor, initial=self._initial(request))
        if request.method == "POST" and form.is_valid():
            lines = [OrderedLine(product, 1)] if product else []
            try:
                drafted = purchasing.draft(actor, lines=lines, **form.cleaned_data)
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                order = drafted.order
                said = f"{order} is drafted." if drafted.made else f"There is a draft for {order.vendor} and {order.warehouse}: this is it."
                messages.success(request, f"{said} Nothing is ordered before it is approved.")
                for sentence in drafted.warnings:
                    messages.warning(request, sentence)
                return HttpResponseRedirect(self.address_of(order))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Draft a purchase order",
            "form": form,
            "product": product,
        }
        return TemplateResponse(request, "admin/inventory/purchase_order_start.html", context)

    def _initial(self, request: HttpRequest) -> dict[str, Any]:
        vendor = self._asked(request, Vendor)
        day = usually(acting(request), vendor) if vendor else None
        return {"vendor": vendor.name if vendor else "", "warehouse": request.GET.get("warehouse", ""), "expected_on": day}

    def _asked(self, request: HttpRequest, model: type[Any]) -> Any:
        """The row that the address names, of the account; None without one."""
        number = request.GET.get(model._meta.model_name, "")
        rows = model._default_manager.filter(account=acting(request).account)
        return rows.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None

    # Its page.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The order's page."""
        order = self.find(request, object_id)
        if not self.has_view_permission(request, order):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        return self._page(request, order, contents(request, order))

    def save_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change the lines that are shown, the note and the day: all of it or nothing, and what was typed stays on the page."""
        order, actor = self.row_for(request, "purchase_order.edit", pk), acting(request)
        head = HeadForm(request.POST)
        rows = [typed(line, request.POST) for line in lines_page(request, order)] if order.state == OrderState.DRAFT else []
        trouble, again = "", rows
        if not head.is_valid():
            trouble = " ".join(str(sentence) for errors in head.errors.values() for sentence in errors)
        else:
            given: dict[str, Any] = {"expected_on": head.cleaned_data["expected_on"]}
            if order.state == OrderState.DRAFT:
                changes = {row.line.pk: row.values() for row in rows if row.values() != shown(row.line).values()}
                removed = [row.line.pk for row in rows if row.removed]
                given |= {"note": head.cleaned_data["note"], "lines": changes, "remove": removed}
            try:
                changed = purchasing.edit(actor, order, version=_version(request), **given)
            except ChangedMeanwhile:
                trouble = "Somebody changed this order while you were at it. Where yours is different, what is stored stands below it."
                trouble += " Save again to put yours in its place."
                again = [_beside(row) for row in rows]
            except (Problem, ValidationError) as error:
                trouble = refusal(error)
            else:
                if "approve" in request.POST and may(request, "purchase_order.approve"):
                    return self._done(request, order, lambda actor: self._approve(actor, order, changed.version))
                messages.success(request, f"{order} is changed." if changed.version != order.version else "Nothing was changed.")
                return HttpResponseRedirect(f"{self.address_of(order)}?page={request.POST.get('page') or 1}#lines")
        context = contents(request, order, again if order.state == OrderState.DRAFT else None)
        return self._page(request, order, {**context, "trouble": trouble, "head": head})

    def line_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put one more line onto a draft."""
        order, actor = self.row_for(request, "purchase_order.edit", pk), acting(request)
        form = LineForm(actor, request.POST)
        if form.is_valid():
            try:
                (line,) = purchasing.add_lines(actor, order, [form.line()]).added
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                messages.success(request, f"{line.product} is on the order.")
                return HttpResponseRedirect(f"{self.address_of(order)}?page=9999#next")
        return self._page(request, order, contents(request, order, form=form))

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = self.row_for(request, "purchase_order.approve", pk)

        return self._done(request, order, lambda actor: self._approve(actor, order, _version(request)))

    def _approve(self, actor: Actor, order: PurchaseOrder, version: int | None) -> str:
        return f"{purchasing.approve(actor, order, version=version)} is approved. It counts as on order now."

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = self.row_for(request, "purchase_order.approve", pk)

        def do(actor: Actor) -> str:
            back = purchasing.take_back(actor, order, version=_version(request))
            return f"{back} is a draft again. It is not on order until it is approved."

        return self._done(request, order, do)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = self.row_for(request, "purchase_order.cancel", pk)

        def do(actor: Actor) -> str:
            closed = purchasing.cancel(actor, order, request.POST.get("why", ""), version=_version(request))
            return f"{closed} is cancelled." if closed.state == OrderState.CANCELLED else f"{closed} is closed. What came of it stays."

        return self._done(request, order, do)

    def sent_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that the order went to its vendor; or let it be mailed, where something mails."""
        order, to = self.row_for(request, "purchase_order.edit", pk), request.POST.get("to", "").strip()

        def do(actor: Actor) -> str:
            if "mail" in request.POST and mailers:
                return mailers[0](actor, order, to)
            return f"{purchasing.mark_sent(actor, order, to=to)} is marked as sent."

        return self._done(request, order, do)

    def export_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """The order as it goes to the vendor."""
        order = self.row_for(request, "purchase_order.view", pk)
        render, media, ending = EXPORTS[kind]
        shown_as = "inline" if kind == "print" else "attachment"
        disposition = f'{shown_as}; filename="{paper.filename(order, ending)}"'
        return HttpResponse(render(order), content_type=f"{media}; charset=utf-8", headers={"Content-Disposition": disposition})

    # A delivery.

    def receive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What came of each line; a form that is sent twice counts once."""
        order, actor = self.row_for(request, "purchase_order.receive", pk), acting(request)
        if order.state not in OPEN_ORDERS:
            messages.warning(request, f"Nothing is expected on {order}.")
            return HttpResponseRedirect(self.address_of(order))
        page = lines_page(request, order)
        form, trouble, key = ArrivalsForm(request.POST if request.method == "POST" else None), "", new_key()
        rows = [expected(line) for line in page]
        priced = order.warehouse.mode == WarehouseMode.LEDGER
        if request.method == "POST":
            rows, key = [row for line in page for row in came(line, request.POST)], key_of(request)
            try:
                if ANOTHER not in request.POST and form.is_valid():
                    arrivals = [each for row in rows if (each := arrival(row, priced=priced)) is not None]
                    done = purchasing.receive(actor, order, arrivals, source_key=key, **form.cleaned_data)
                    self._say(request, done)
                    return HttpResponseRedirect(f"{self.address_of(order)}#received")
            except (Problem, ValidationError) as error:
                trouble = refusal(error)
        context = {"order": order, "mark": STATES[order.state], "rows": rows, "page": page, "query": "", "key": key, "form": form}
        context |= {"trouble": trouble, "mirror": not priced}
        title = f"Receive {order}"
        return self._page(request, order, context, template="admin/inventory/purchase_order_receive.html", title=title)

    def _say(self, request: HttpRequest, done: purchasing.OrderReceived) -> None:
        if done.repeated:
            messages.warning(request, "This delivery was noted with this form before; nothing was booked again.")
            return
        rest = "Everything has come." if done.order.state == OrderState.RECEIVED else "More is to come."
        messages.success(request, f"What came on {done.order} is noted. {rest}")
        for sentence in done.warnings:
            messages.warning(request, sentence)

    def _done(self, request: HttpRequest, order: PurchaseOrder, do: Callable[[Actor], str]) -> HttpResponse:
        self.tell(request, do)
        return HttpResponseRedirect(self.address_of(order))

    def _page(
        self,
        request: HttpRequest,
        order: PurchaseOrder,
        context: dict[str, Any],
        *,
        template: str = "admin/inventory/purchase_order.html",
        title: str = "",
    ) -> HttpResponse:
        given = {"opts": self.opts, "title": title or f"Purchase order {order}", "original": order, "document": order}
        found = {"finding": reverse("admin:inventory_find_product"), "may_add": may(request, "purchase_order.add")}
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **given, **found, **context})

    def address_of(self, order: PurchaseOrder) -> str:
        return reverse("admin:inventory_purchaseorder_change", args=[order.pk])

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Any) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        guard, name = self.admin_site.admin_view, "inventory_purchaseorder"
        return [
            path("<int:pk>/save/", posted(self.save_view), name=f"{name}_save"),
            path("<int:pk>/line/", posted(self.line_view), name=f"{name}_line"),
            path("<int:pk>/approve/", posted(self.approve_view), name=f"{name}_approve"),
            path("<int:pk>/take-back/", posted(self.take_back_view), name=f"{name}_take_back"),
            path("<int:pk>/cancel/", posted(self.cancel_view), name=f"{name}_cancel"),
            path("<int:pk>/sent/", posted(self.sent_view), name=f"{name}_sent"),
            path("<int:pk>/receive/", guard(self.receive_view), name=f"{name}_receive"),
            *(path(f"<int:pk>/{kind}/", guard(self.export_view), {"kind": kind}, name=f"{name}_{kind}") for kind in EXPORTS),
            *super().get_urls(),
        ]


def _version(request: HttpRequest) -> int | None:
    """The version that the page showed; none where it is no number, which no order has."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _beside(row: Any) -> Any:
    """The line as it was typed, with what is stored where that is different."""
    stored = shown(row.line)
    if row.values() == stored.values():
        return row
    price = f" at {stored.unit_price}" if stored.unit_price else ""
    return type(row)(row.line, **row.values(), removed=row.removed, stored=f"{stored.quantity} {stored.unit_kind}{price}")
