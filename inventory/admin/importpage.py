"""The pages that import from a file: a file, what it would do, and doing it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from inventory import catalogue
from inventory.errors import FileTooLarge
from inventory.productimport import ImportReport

LINES_SHOWN = 200


@dataclass(frozen=True)
class Importing:
    """What is imported: the operation it needs, the page's title and template, the verb, the names of the page and of the list, and what is
    said when it is done."""

    operation: str
    title: str
    template: str
    verb: Callable[..., Any]
    page: str
    back: str
    done: Callable[[Any], str]


def import_view(admin: Any, what: Importing) -> Callable[[HttpRequest], HttpResponse]:
    """The view for `admin`. The file comes back with the button that applies it, so that nothing is kept between the two steps."""

    def view(request: HttpRequest) -> HttpResponse:
        if not may(request, what.operation):
            raise PermissionDenied
        context: dict[str, Any] = {
            **admin.admin_site.each_context(request),
            "opts": admin.opts,
            "title": what.title,
            "limit": f"{_limit() / 2**20:g}",
            "back_to": what.back,
        }
        if request.method == "POST":
            try:
                content = _content(request)
                apply = "apply" in request.POST
                report = what.verb(acting(request), content, dry_run=not apply)
            except Problem as problem:
                messages.error(request, refusal(problem))
                return HttpResponseRedirect(reverse(what.page))
            if report.applied:
                messages.success(request, what.done(report))
                return HttpResponseRedirect(reverse(what.back))
            context |= {
                "report": report,
                "content": base64.b64encode(content).decode("ascii"),
                "filename": request.POST.get("filename") or getattr(request.FILES.get("file"), "name", ""),
                "shown": LINES_SHOWN,
            }
        return TemplateResponse(request, what.template, context)

    return view


def _limit() -> int:
    """In bytes: the file comes back in a form field, a third larger and within what a request may hold."""
    return int(settings.UPLOAD_LIMIT) // 2


def _content(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > _limit():
            raise FileTooLarge(f"“{file.name}” is too large to be imported here.", hint="Split it, or use the API.")
        return bytes(file.read())
    try:
        content = base64.b64decode(request.POST.get("content", ""), validate=True)
    except binascii.Error:
        content = b""
    if not content:
        raise Problem("No file was chosen.", hint="Choose a CSV file.")
    return content


def _done(report: ImportReport) -> str:
    groups = [f"new {what}: {len(names):,}" for what, names in (("categories", report.categories), ("vendors", report.vendors)) if names]
    products = f"New: {report.added:,}, changed: {report.changed:,}, unchanged: {report.unchanged:,}"
    return f"The file is imported. {', '.join([products, *groups])}."


PRODUCTS = Importing(
    "product.import",
    "Import products",
    "admin/inventory/product_import.html",
    catalogue.import_csv,
    "admin:inventory_product_import",
    "admin:inventory_product_changelist",
    _done,
)
