"""What the pages of purchases, sales, write-offs, transfers and returns have in common: entering one, looking at it, taking it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import acting, may, refusal
from inventory import finding, history
from inventory.admin.chips import ChipsAdmin
from inventory.admin.entering import LAST_WAREHOUSE, EntryForm, key_of, ledgers, new_key, usual_warehouse
from inventory.admin.purposes import PurposeFilter
from inventory.models import Movement, Product
from inventory.rehearsal import Changed, Rehearsal, book_as_shown, rehearse
from inventory.wording import NOTHING

MOVEMENTS_SHOWN = 50


def two_lines(first: str, second: str) -> SafeString | str:
    """Two facts of a row in one column; a dash where neither is known."""
    if not (first and second):
        return first or second or NOTHING
    return format_html('{}<br><span class="ls-quiet whitespace-nowrap">{}</span>', first, second)


@dataclass(frozen=True)
class Act:
    """Something that can be done with a document that is booked, after a page that shows what it would do.

    `do` is called with the actor and the document and answers with the sentences to say then.
    """

    operation: str
    title: str
    button: str
    about: str
    do: Callable[[Actor, Any], Sequence[str]]
    possible: Callable[[Any], bool]
    danger: bool = True


class DocumentAdmin(ChipsAdmin):
    """Documents are entered by a form of their own and changed by verbs; nothing of them is ever deleted."""

    entry_form: type[EntryForm]
    entry_title = ""
    show_button = "Show what would be booked"
    book_button = "Book it"
    previewed = True
    page_template: str
    acts: Mapping[str, Act] = {}
    product_path = "product"
    purpose_filter: type[PurposeFilter] | None = None
    paginator = InfinitePaginator
    empty_value_display = NOTHING
    list_filter_submit = True
    ordering = ("-id",)
    search_fields: ClassVar[tuple[str, ...]] = ("reference",)

    # What a kind of document says about itself.

    def book(self, actor: Actor, given: dict[str, Any], key: str | None) -> Any:
        """Call the verb; its outcome. With a `key` it is booked once."""
        raise NotImplementedError

    def document_of(self, outcome: Any) -> Any:
        """The document in a verb's outcome."""
        return outcome

    def said(self, outcome: Any) -> Sequence[str]:
        """Sentences about what was booked; the first is good news, the others are warnings."""
        raise NotImplementedError

    def summary(self, outcome: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """For the template of what would be booked."""
        return {}

    def facts(self, request: HttpRequest, document: Any) -> dict[str, Any]:
        """For the template of a document's page."""
        return {}

    def in_states(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().in_states(request)
        return rows if self.purpose_filter is None else rows.filter(self.purpose_filter.chosen(request))

    def movements_of(self, document: Any) -> QuerySet[Movement]:
        return Movement.objects.filter(account=document.account_id, correlation=document.correlation).order_by("-id")

    # Entering one.

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The form; what it would book; and booking it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        actor = acting(request)
        if request.method != "POST":
            return self._form_page(request, self.entry_form(actor, initial=self.initial(request, actor)), new_key())
        key = key_of(request)
        if (before := self._before(request, actor, key)) is not None:
            return before
        form = self.entry_form(actor, request.POST)
        if not form.is_valid():
            return self._form_page(request, form, key)
        given = form.cleaned_data
        extra: dict[str, Any] = {}
        try:
            if "book" in request.POST or not self.previewed:
                return self._booked(request, given, self._book(actor, given, key, request.POST.get("shown", "")))
            extra = self._preview(rehearse(actor.account, lambda: self.book(actor, given, None), self._correlation), given)
        except Changed as changed:
            # The same form sent twice at once: the other one has booked it meanwhile.
            if (before := self._before(request, actor, key)) is not None:
                return before
            extra = {**self._preview(changed.rehearsal, given), "changed": bool(request.POST.get("shown"))}
        except (Problem, ValidationError) as error:
            form.refuse(error)
            extra = self.refused(actor, given, error)
        return self._form_page(request, form, key, extra)

    def initial(self, request: HttpRequest, actor: Actor) -> dict[str, Any]:
        """What a new form holds: the product and the warehouse that the address names, else the usual warehouse."""
        number = request.GET.get("product", "")
        product = Product.objects.filter(account=actor.account, pk=number).first() if number.isdecimal() and len(number) < 19 else None
        number = request.GET.get("warehouse", "")
        named = next((place for place in ledgers(actor) if str(place.pk) == number), None)
        place = named or usual_warehouse(request, actor)
        kind = product.unit_kind if product else ""
        return {"product": product.sku if product else "", "warehouse": place and place.pk, "unit_kind": kind}

    def _before(self, request: HttpRequest, actor: Actor, key: str) -> HttpResponse | None:
        """To the document that was booked with this key before, if there is one."""
        document = self.model._default_manager.filter(account=actor.account, source_key=key).first()
        if document is None:
            return None
        again = "nothing was booked again. For another one, open a new form."
        messages.warning(request, f"{document} was booked with this form before; {again}")
        return HttpResponseRedirect(self.address_of(document))

    def refused(self, actor: Actor, given: Mapping[str, Any], error: Problem | ValidationError) -> dict[str, Any]:
        """What else is shown when a verb refuses."""
        return {}

    def _book(self, actor: Actor, given: dict[str, Any], key: str, shown: str) -> Any:
        def do() -> Any:
            return self.book(actor, given, key)

        return book_as_shown(actor.account, do, self._correlation, shown) if self.previewed else do()

    def _booked(self, request: HttpRequest, given: Mapping[str, Any], outcome: Any) -> HttpResponse:
        good, *doubts = self.said(outcome)
        messages.success(request, good)
        for doubt in doubts:
            messages.warning(request, doubt)
        place = given.get("warehouse") or given.get("source")
        if place is not None:
            request.session[LAST_WAREHOUSE] = place.pk
        return HttpResponseRedirect(self.address_of(self.document_of(outcome)))

    def _preview(self, rehearsal: Rehearsal, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"rehearsal": rehearsal, **self.summary(rehearsal.document, given)}

    def _correlation(self, outcome: Any) -> uuid.UUID:
        correlation: uuid.UUID = self.document_of(outcome).correlation
        return correlation

    def _form_page(self, request: HttpRequest, form: EntryForm, key: str, extra: Mapping[str, Any] | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.entry_title,
            "form": form,
            "key": key,
            "previewed": self.previewed,
            "show_button": self.show_button,
            "book_button": self.book_button,
            "finding": reverse("admin:inventory_find_product"),
            **(extra or {}),
        }
        return TemplateResponse(request, "admin/inventory/entry.html", context)

    # Looking at one, and what can be done with it.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The document's page."""
        document = self.find(request, object_id)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        rows = list(self.movements_of(document).select_related("warehouse", "batch")[: MOVEMENTS_SHOWN + 1])
        context = {
            "document": document,
            "lines": history.described(rows[:MOVEMENTS_SHOWN]),
            "more_lines": len(rows) > MOVEMENTS_SHOWN,
            "acts": self._possible(request, document),
            **self.facts(request, document),
            **self.story_of(request, document),
        }
        return self.page(request, self.page_template, str(document), document, context)

    def _possible(self, request: HttpRequest, document: Any) -> list[tuple[str, Act]]:
        allowed = {name: act for name, act in self.acts.items() if act.possible(document) and may(request, act.operation)}
        return [(self.act_address(document, name), act) for name, act in allowed.items()]

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """What an act would do; by POST, do it."""
        act = self.acts.get(name)
        if act is None:
            raise Http404
        document = self.find(request, str(pk))
        if not may(request, act.operation):
            raise PermissionDenied
        actor = acting(request)
        try:
            if request.method == "POST":
                good, *doubts = act.do(actor, document)
                messages.success(request, good)
                for doubt in doubts:
                    messages.warning(request, doubt)
                return HttpResponseRedirect(self.address_of(document))
            seen = rehearse(actor.account, lambda: act.do(actor, document), lambda _: document.correlation)
            context: dict[str, Any] = {"rehearsal": seen}
        except (Problem, ValidationError) as error:
            context = self.not_possible(request, name, document, error)
            if request.method == "POST":
                messages.error(request, refusal(error))
                return HttpResponseRedirect(self.address_of(document))
        context |= {"act": act, "document": document, "back": self.address_of(document)}
        return self.page(request, "admin/inventory/act.html", f"{act.title}: {document}", document, context)

    def not_possible(self, request: HttpRequest, name: str, document: Any, error: Problem | ValidationError) -> dict[str, Any]:
        """For the page of an act that a verb refuses: why, and what may be done instead."""
        return {"refusal": refusal(error)}

    def page(self, request: HttpRequest, template: str, title: str, document: Any, context: Mapping[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "original": document, **context},
        )

    def address_of(self, document: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[document.pk])

    def act_address(self, document: Any, name: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_act", args=[document.pk, name])

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act_view)
        return [
            path("<int:pk>/do/<slug:name>/", act, name=f"{self.opts.app_label}_{self.opts.model_name}_act"),
            *super().get_urls(),
        ]

    # The list.

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """By product, however it is called, by number, and by what the kind of document is known by besides."""
        text = search_term.strip()
        if not text:
            return queryset, False
        products = finding.matching(Product.objects.filter(account=acting(request).account), text)
        wanted = Q(**{f"{self.product_path}__in": products.values("pk")})
        for field in self.search_fields:
            wanted |= Q(**{f"{field}__icontains": text})
        if text.isdecimal() and len(text) < 18:
            wanted |= Q(pk=int(text))
        return queryset.filter(wanted), False
