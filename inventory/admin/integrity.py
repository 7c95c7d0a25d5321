from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter
from accounts.workplace import acting, may, refusal
from inventory import integrity, rebuild
from inventory.admin.rebuildpage import rebuild_contents
from inventory.admin.stock import StockAdmin
from inventory.ledgerwords import page_of, product_page
from inventory.marks import Mark
from inventory.models import IntegrityReport, Product, Warehouse, WarehouseMode
from inventory.wording import moment

PAGES = {
    "Batch": "inventory_batch_change",
    "Sale": "inventory_sale_change",
    "Purchase": "inventory_purchase_change",
    "Movement": "inventory_movement_change",
    "Transfer": "inventory_transfer_change",
    "WriteOff": "inventory_writeoff_change",
    "CustomerReturn": "inventory_customerreturn_change",
    "Count": "inventory_count_change",
}
"""Where what breaks an invariant has a page of its own."""


class IntegrityAdmin(StockAdmin):
    """Reports of what must always be true of stock, and what breaks it."""

    view_operation = "integrity.view"
    entity = "integrity_report"
    list_display = ("number", "state", "said", "started", "asked_by")
    list_display_links = ("number",)
    list_filter = (("started_at", MomentFilter),)
    list_filter_submit = True
    ordering = ("-id",)
    paginator = InfinitePaginator
    list_before_template = "admin/inventory/integrity_head.html"
    empty_title = "No report here"
    empty_text = "The schedule checks every night; press “Check now” to do it now."

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        changes.may_check = may(request, "integrity.check")  # type: ignore[attr-defined]
        return changes

    @admin.display(description="report", ordering="id")
    def number(self, report: IntegrityReport) -> str:
        return str(report.pk)

    @admin.display(description="state", ordering="offenders")
    def state(self, report: IntegrityReport) -> Mark:
        return _mark(report.offenders)

    @admin.display(description="result")
    def said(self, report: IntegrityReport) -> str:
        return integrity.in_words(report)

    @admin.display(description="checked", ordering="started_at")
    def started(self, report: IntegrityReport) -> str:
        return moment(report.started_at)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("check/", guard(require_POST(self.check_view)), name="inventory_integrity_check"),
            path("rebuild/<int:pk>/", guard(self.rebuild_view), name="inventory_rebuild"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A report: each invariant, how many break it, and the first of them."""
        report = self.find(request, object_id)
        if not may(request, "integrity.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        may_rebuild = may(request, "stock.rebuild")
        context = {
            "report": report,
            "mark": _mark(report.offenders),
            "sentence": integrity.in_words(report),
            "checks": [_shown(check, may_rebuild) for check in report.checks],
            "seconds": f"{(report.finished_at - report.started_at).total_seconds():.1f}",
            "may_check": may(request, "integrity.check"),
        }
        return self._page(request, "admin/inventory/integrity.html", str(report), {"original": report, **context})

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """Ask every invariant now."""
        if not may(request, "integrity.check"):
            raise PermissionDenied
        report = integrity.check(acting(request))
        said = integrity.in_words(report)
        (messages.warning if report.offenders else messages.success)(request, said)
        return HttpResponseRedirect(reverse("admin:inventory_integrityreport_change", args=[report.pk]))

    def rebuild_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a rebuild of a product would do to each batch; by POST, do it."""
        actor = acting(request)
        product, warehouse = _meant(request, actor, pk)
        if not may(request, "stock.rebuild"):
            raise PermissionDenied
        if request.method == "POST":
            try:
                plan = rebuild.rebuild(actor, product, warehouse, digest=request.POST.get("digest", ""))
            except (Problem, ValidationError) as error:
                messages.error(request, refusal(error))
                return HttpResponseRedirect(request.get_full_path())
            messages.success(request, f"{product} is rebuilt: {_done(plan)}.")
            return HttpResponseRedirect(product_page(product))
        plan = rebuild.preview(actor, product, warehouse)
        context = {"product": product, "warehouse": warehouse, "back": product_page(product), **rebuild_contents(plan)}
        return self._page(request, "admin/inventory/rebuild.html", f"Rebuild {product}", context)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context})


def _mark(offenders: int, right: str = "All hold") -> Mark:
    if not offenders:
        return Mark(right, "success", "verified")
    return Mark(f"{offenders:,} {'offender' if offenders == 1 else 'offenders'}", "danger", "gpp_bad")


def _shown(check: dict[str, Any], may_rebuild: bool) -> dict[str, Any]:
    """A check of a report with links for what offends."""
    sample = []
    for each in check["sample"]:
        page = page_of(PAGES[each["entity"]], each["id"]) if each["entity"] in PAGES and each["id"] else ""
        if not page and each["product"]:
            page = product_page(each["product"], warehouse=each["warehouse"])
        fix = ""
        if may_rebuild and each["product"] and each["entity"] in ("Batch", "Level"):
            fix = f"{reverse('admin:inventory_rebuild', args=[each['product']])}?warehouse={each['warehouse'] or ''}"
        sample.append({**each, "page": page, "rebuild": fix})
    mark = Mark("Not asked", "", "remove") if check["note"] else _mark(check["offenders"], "Holds")
    return {**check, "mark": mark, "sample": sample, "more": check["offenders"] - len(sample)}


def _meant(request: HttpRequest, actor: Actor, pk: int) -> tuple[Product, Warehouse | None]:
    """Raises Http404 for what the account does not have."""
    product = Product.objects.filter(account=actor.account, pk=pk).first()
    number = request.GET.get("warehouse", "")
    rows = Warehouse.objects.filter(account=actor.account, mode=WarehouseMode.LEDGER)
    place = rows.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
    if product is None or (number and place is None):
        raise Http404
    return product, place


def _done(plan: rebuild.Plan) -> str:
    batches, levels = len(plan.batches), len(plan.levels)
    return f"{batches:,} {'batch' if batches == 1 else 'batches'} and {levels:,} {'level' if levels == 1 else 'levels'} were written"
