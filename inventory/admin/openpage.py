"""The page on which pallets and packs are opened by hand."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, may
from inventory import ledger
from inventory.admin.entering import EntryForm, key_of, new_key, select, usual_warehouse
from inventory.ledgerwords import amount, product_page
from inventory.models import Movement, Product, UnitKind
from inventory.rehearsal import Changed, book_as_shown, rehearse
from jobs.idempotency import once

OPERATION = "admin.stock.open"


class OpenForm(EntryForm):
    unit_kind = forms.ChoiceField(label="What is opened", choices=[UnitKind.choices[0], UnitKind.choices[1]], widget=select())


def open_view(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """The form; what opening would book; and doing it, once for each form."""
    if not may(request, "stock.open"):
        raise PermissionDenied
    actor = acting(request)
    if request.method != "POST":
        return _page(site, request, OpenForm(actor, initial=_initial(request, actor)), new_key())
    key, form = key_of(request), OpenForm(actor, request.POST)
    extra: dict[str, Any] = {}
    if form.is_valid():
        given = form.cleaned_data

        def do() -> tuple[ledger.Opened, ...]:
            return ledger.open_packs(actor, **given)

        def book() -> tuple[int, Any]:
            done = book_as_shown(actor.account, do, _correlation, request.POST.get("shown", ""))
            return 200, _sentence(done, "opened into")

        try:
            if "book" in request.POST:
                _, said, again = once(actor, OPERATION, key, _digest(given), book)
                (messages.warning if again else messages.success)(request, f"{said}{' That was done before.' if again else ''}")
                return HttpResponseRedirect(product_page(given["product"]))
            seen = rehearse(actor.account, do, _correlation)
            extra = {"rehearsal": seen, "sentences": [_sentence(seen.document, "would be opened into")]}
        except Changed as changed:
            seen = changed.rehearsal
            extra = {"rehearsal": seen, "changed": bool(request.POST.get("shown"))}
            extra["sentences"] = [_sentence(seen.document, "would be opened into")]
        except (Problem, ValidationError) as error:
            form.refuse(error)
    return _page(site, request, form, key, extra)


def _initial(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    number = request.GET.get("product", "")
    product = Product.objects.filter(account=actor.account, pk=number).first() if number.isdecimal() and len(number) < 18 else None
    place = usual_warehouse(request, actor)
    wanted = request.GET.get("warehouse", "")
    return {"product": product.sku if product else "", "warehouse": wanted if wanted.isdecimal() else place and place.pk}


def _digest(given: dict[str, Any]) -> str:
    return f"{given['product'].pk} {given['warehouse'].pk} {given['unit_kind']} {given['quantity'].normalize()}"


def _correlation(opened: tuple[ledger.Opened, ...]) -> uuid.UUID:
    """That of the movements, which is nowhere else."""
    made = Movement.objects.filter(batch=opened[0].into.pk).order_by("pk").values_list("correlation", flat=True)
    return made[0]


def _sentence(opened: tuple[ledger.Opened, ...], word: str) -> str:
    whole = sum((each.quantity for each in opened), Decimal(0))
    pieces = sum((each.pieces for each in opened), Decimal(0))
    return f"{amount(whole, opened[0].batch.unit_kind)} {word} {amount(pieces, opened[0].into.unit_kind)}."


def _page(site: AdminSite, request: HttpRequest, form: OpenForm, key: str, extra: dict[str, Any] | None = None) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": "Open pallets or packs",
        "form": form,
        "key": key,
        "previewed": True,
        "show_button": "Show what would be opened",
        "book_button": "Open them",
        "finding": reverse("admin:inventory_find_product"),
        **(extra or {}),
    }
    return TemplateResponse(request, "admin/inventory/entry.html", context)
