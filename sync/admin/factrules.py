"""Rules: what was decided once for all lines of a connection that name a barcode, product or place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import OwnedDropdownFilter
from accounts.workplace import acting, may, refusal
from inventory.admin.entering import NamingProduct, select, text_input
from inventory.admin.stock import StockAdmin
from inventory.ledgerwords import product_link
from inventory.marks import Mark
from inventory.wording import moment
from sync.admin.factaddresses import address
from sync.facts import verbs
from sync.models import Connection, FactRule, RuleAbout, RuleAction
from sync.systems import moving

NEVER = Mark("Never booked", "", "visibility_off")


class RuleForm(NamingProduct):
    """A rule as it is entered: the product only where it says which one is meant."""

    connection = forms.ModelChoiceField(Connection.objects.none(), widget=select(), empty_label=None)
    about = forms.ChoiceField(label="Lines that name this", choices=RuleAbout.choices, widget=select())
    value = forms.CharField(
        max_length=300, widget=text_input(autofocus=True, spellcheck="false"), help_text="As the outside system writes it"
    )
    action = forms.ChoiceField(label="What it says", choices=RuleAction.choices, widget=select())
    note = forms.CharField(max_length=300, required=False, widget=text_input())
    field_order = ("connection", "about", "value", "action", "note", "product")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, *args, **kwargs)
        rows = Connection.objects.filter(account=actor.account, system__in=moving()).order_by("system", "name", "pk")
        self.fields["connection"].queryset = rows  # type: ignore[attr-defined]
        self.fields["product"].required = False
        self.fields["product"].widget.attrs.pop("autofocus", None)
        self.fields["product"].help_text = "Only where it is a product: SKU, barcode, model or a part of the name"

    def clean_product(self) -> Any:
        return super().clean_product() if self.cleaned_data.get("product", "").strip() else None


class FactRuleAdmin(StockAdmin):
    """Made here or on the page of what is held; taken away here."""

    view_operation = "fact_rule.view"
    entity = "fact_rule"
    list_display = ("named", "about", "says", "connection", "note", "made_by", "made")
    list_display_links = ("named",)
    list_filter = (("connection", OwnedDropdownFilter), "about", "action")
    list_filter_submit = True
    list_select_related = ("connection", "product")
    search_fields = ("value", "note")
    ordering = ("connection", "about", "value")
    empty_title = "No rules"
    empty_text = "What is decided on the list of what is to be assigned, for all lines at once, stands here."
    list_before_template = "admin/sync/factrule_head.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        given = {"title": "Rules for lines of outside systems", "may_add_rule": may(request, "fact_rule.edit"), **(extra_context or {})}
        return super().changelist_view(request, given)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FactRule]:
        rows: QuerySet[FactRule] = super().get_queryset(request)
        return rows

    @admin.display(description="lines that name", ordering="value")
    def named(self, rule: FactRule) -> str:
        return rule.value

    @admin.display(description="say", ordering="action")
    def says(self, rule: FactRule) -> SafeString | str:
        return product_link(rule.product) if rule.product else format_html("{}", NEVER)

    @admin.display(description="made", ordering="created_at")
    def made(self, rule: FactRule) -> str:
        return moment(rule.created_at)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("new/", guard(self.new_view), name="sync_factrule_new"),
            path("<int:number>/remove/", guard(require_POST(self.remove_view)), name="sync_factrule_remove"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """A form for a rule, and making it."""
        if not may(request, "fact_rule.edit"):
            raise PermissionDenied
        actor = acting(request)
        form = RuleForm(actor, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            product = form.found if given["action"] == RuleAction.PRODUCT else None
            try:
                names = {name: given[name] for name in ("about", "value", "action", "note")}
                done = verbs.add_rule(actor, given["connection"], product=product, **names)
            except (Problem, ValidationError) as error:
                form.refuse(error)
            else:
                freed = ngettext("%d held line is tried again now.", "%d held lines are tried again now.", done.freed) % done.freed
                messages.success(request, f"The rule is kept. {freed if done.freed else 'No held line names it.'}")
                return HttpResponseRedirect(reverse("admin:sync_factrule_changelist"))
        context = {"title": "A rule for lines of an outside system", "form": form, "finding": reverse("admin:inventory_find_product")}
        return TemplateResponse(
            request, "admin/sync/factrule_new.html", {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the rule says, since when, and the button that takes it away."""
        rule = self.find(request, object_id)
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        context = {
            "title": f"Rule for {rule}",
            "rule": rule,
            "original": rule,
            "held": address(rule.connection_id, rule.about, rule.value_key),
            "may_edit": may(request, "fact_rule.edit"),
            **self.story_of(request, rule),
        }
        return TemplateResponse(
            request, "admin/sync/factrule.html", {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    def remove_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Take a rule away."""
        rule = self.row_for(request, "fact_rule.edit", number)
        try:
            again = verbs.remove_rule(acting(request), rule)
        except Problem as problem:
            messages.error(request, refusal(problem))
        else:
            lines = ngettext(
                "%d line that it had left out is looked at again.", "%d lines that it had left out are looked at again.", again
            )
            messages.success(request, f"The rule for {rule} is taken away. {lines % again if again else ''}".strip())
        return HttpResponseRedirect(reverse("admin:sync_factrule_changelist"))
