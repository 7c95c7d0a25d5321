from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.workplace import acting, may, refusal
from inventory import reconcile
from inventory.admin.reconcilepage import STATUS, contents, head, live, of_differences, took
from inventory.admin.stock import StockAdmin
from inventory.errors import AlreadyReconciling
from inventory.ledger.counters import Key
from inventory.marks import Mark
from inventory.models import RECONCILING, Cause, DriftClass, Product, Reconciliation, ReconciliationStatus, Warehouse, WarehouseMode
from inventory.wording import NOTHING, moment

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

DONE = {
    "cancel": "Reconciliation {run} was asked to stop. What it has set right stays so.",
    "approve": "Reconciliation {run} was approved. It looks again, and writes if it finds the same.",
    "discard": "Reconciliation {run} was discarded. Nothing was written.",
}


class ReconciliationAdmin(StockAdmin):
    """Every pass there was over the levels, and what to do about levels: look, set right, decide."""

    view_operation = "reconciliation.view"
    entity = "reconciliation"
    list_display = ("number", "state", "cause_word", "said", "scanned", "drifted", "corrected", "asked_by", "queued", "lasted")
    list_display_links = ("number",)
    list_fullwidth = True
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("cause", ChoicesDropdownFilter),
        ("warehouse", OwnedDropdownFilter),
        ("queued_at", MomentFilter),
    )
    list_filter_submit = True
    ordering = ("-id",)
    paginator = InfinitePaginator
    list_before_template = "admin/inventory/reconcile_head.html"
    empty_title = "No pass here"
    empty_text = "The schedule looks every five minutes; nothing has been looked at yet, or no pass matches the filters."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        return super().get_queryset(request).select_related("product", "warehouse")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        actor = acting(request)
        changes.head = head(actor.account, actor)  # type: ignore[attr-defined]
        return changes

    @admin.display(description="pass", ordering="id")
    def number(self, run: Reconciliation) -> str:
        return str(run.pk)

    @admin.display(description="state", ordering="status")
    def state(self, run: Reconciliation) -> Mark:
        return STATUS[ReconciliationStatus(run.status)]

    @admin.display(description="cause", ordering="cause")
    def cause_word(self, run: Reconciliation) -> str:
        return run.get_cause_display()

    @admin.display(description="result")
    def said(self, run: Reconciliation) -> str:
        return run.message or NOTHING

    @admin.display(description="looked at")
    def scanned(self, run: Reconciliation) -> str:
        return _figure(run, "scanned")

    @admin.display(description="differed")
    def drifted(self, run: Reconciliation) -> str:
        return _figure(run, "drifted")

    @admin.display(description="set right")
    def corrected(self, run: Reconciliation) -> str:
        return _figure(run, "corrected")

    @admin.display(description="asked for", ordering="queued_at")
    def queued(self, run: Reconciliation) -> str:
        return moment(run.queued_at)

    @admin.display(description="took")
    def lasted(self, run: Reconciliation) -> str:
        return took(run) or NOTHING

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        cancel = self._verb("reconciliation.cancel", reconcile.cancel)
        discard = self._verb("reconciliation.approve", reconcile.discard)
        return [
            path("verify/", guard(require_GET(self.verify_view)), name="inventory_verify"),
            path("start/", guard(require_POST(self.start_view)), name="inventory_reconcile"),
            path("<int:pk>/live/", guard(require_GET(self.live_view)), name="inventory_reconciliation_live"),
            path("<int:pk>/cancel/", guard(require_POST(cancel)), name="inventory_reconcile_cancel"),
            path("<int:pk>/approve/", guard(require_POST(self.approve_view)), name="inventory_reconcile_approve"),
            path("<int:pk>/discard/", guard(require_POST(discard)), name="inventory_reconcile_discard"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a pass."""
        run = self.find(request, object_id)
        if not may(request, "reconciliation.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        return self._page(
            request, "admin/inventory/reconciliation.html", f"{run}", {"original": run, **contents(run, acting(request), request.GET)}
        )

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The changing part of a pass's page; 204 when the pass is over."""
        run = self.row_for(request, "reconciliation.view", pk)
        if run.status not in RECONCILING:
            return HttpResponse(status=204)
        return TemplateResponse(request, "admin/inventory/reconciliation_live.html", live(run))

    def verify_view(self, request: HttpRequest) -> HttpResponse:
        """Compare every level with its batches; writes nothing."""
        if not may(request, "stock.verify"):
            raise PermissionDenied
        actor = acting(request)
        product, warehouse = _narrowed(request, actor)
        found = reconcile.verify(actor, product=product, warehouse=warehouse, after=_after(request))
        query = request.GET.copy()
        if found.next is not None:
            query["after"] = f"{found.next.product_id}-{found.next.warehouse_id}"
        context = {
            "found": found,
            "rows": of_differences(found.drifts),
            "classes": [(DriftClass(name).label, number) for name, number in found.classes.items()],
            "narrowed": " in ".join(str(each) for each in (product, warehouse) if each is not None),
            "product": product,
            "warehouse": warehouse,
            "next": f"?{query.urlencode()}" if found.next is not None else "",
            "may_reconcile": may(request, "stock.reconcile"),
        }
        return self._page(request, "admin/inventory/verify.html", "Verify", context)

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Have a pass look and set right, over everything or what was chosen."""
        if not may(request, "stock.reconcile"):
            raise PermissionDenied
        actor = acting(request)
        product, warehouse = _narrowed(request, actor)
        try:
            run = reconcile.start(actor, cause=Cause.MANUAL, product=product, warehouse=warehouse)
        except AlreadyReconciling as busy:
            messages.warning(request, refusal(busy))
            return HttpResponseRedirect(_address(busy.reconciliation.pk))
        except (Problem, ValidationError) as error:
            messages.error(request, refusal(error))
            return HttpResponseRedirect(reverse("admin:inventory_reconciliation_changelist"))
        return HttpResponseRedirect(_address(run.pk))

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve the plan that the page showed, and no other."""
        run = self.row_for(request, "reconciliation.approve", pk)
        if request.POST.get("digest") != run.plan_digest:
            messages.error(request, "The plan has changed since you looked at it. Look at it again, then approve it.")
            return HttpResponseRedirect(_address(pk))
        return self._verb("reconciliation.approve", reconcile.approve)(request, pk)

    def _verb(self, operation: str, verb: Callable[[Actor, Reconciliation], Any]) -> Callable[[HttpRequest, int], HttpResponse]:
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            run = self.row_for(request, operation, pk)

            def do(actor: Actor) -> str:
                verb(actor, run)
                return DONE[verb.__name__].format(run=run.pk)

            self.tell(request, do)
            return HttpResponseRedirect(_address(pk))

        return view

    def row_for(self, request: HttpRequest, operation: str, pk: int) -> Any:
        # Whether there is such a pass is nobody's business in another account, so it is looked up first.
        run = self.find(request, str(pk))
        if not may(request, operation):
            raise PermissionDenied
        return run

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context})


def _figure(run: Reconciliation, name: str) -> str:
    return f"{run.counters[name]:,}" if name in run.counters else NOTHING


def _address(pk: int) -> str:
    return reverse("admin:inventory_reconciliation_change", args=[pk])


def _narrowed(request: HttpRequest, actor: Actor) -> tuple[Product | None, Warehouse | None]:
    """The product and the warehouse that a request names; nothing is all of them. Raises Http404 for what the account does not have."""
    given = request.POST if request.method == "POST" else request.GET
    rows: dict[str, Any] = {
        "product": Product.objects.filter(account=actor.account),
        "warehouse": Warehouse.objects.filter(account=actor.account, mode=WarehouseMode.LEDGER),
    }
    found = {}
    for name, known in rows.items():
        number = given.get(name, "")
        found[name] = known.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
        if number and found[name] is None:
            raise Http404
    return found["product"], found["warehouse"]


def _after(request: HttpRequest) -> Key | None:
    parts = request.GET.get("after", "").split("-")
    return Key(*map(int, parts)) if len(parts) == 2 and all(part.isdecimal() and len(part) < 19 for part in parts) else None
