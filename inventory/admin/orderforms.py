"""What is typed on the pages of purchase orders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.acting import Actor
from inventory.admin.entering import NamingProduct, Refusable, day_input, moment_input, number_input, select, text_input, vendor_of
from inventory.models import PurchaseOrderLine, UnitKind, Vendor, Warehouse
from inventory.purchasing import Arrival, OrderedLine
from inventory.purchasing.drafting import CHANGEABLE


class StartForm(Refusable):
    """Whom to buy from and where to."""

    vendor = forms.CharField(max_length=200, widget=text_input(autofocus=True, list="vendors"), help_text="Name or code")
    warehouse = forms.ModelChoiceField(Warehouse.objects.none(), widget=select(), empty_label=None)
    expected_on = forms.DateField(required=False, widget=day_input(), help_text="Left empty, the vendor's lead time says it")
    note = forms.CharField(max_length=500, required=False, widget=text_input(), help_text="Printed on the order")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["warehouse"].queryset = Warehouse.objects.filter(account=actor.account, active=True)  # type: ignore[attr-defined]

    def clean_vendor(self) -> Vendor:
        found = vendor_of(self.actor, self.cleaned_data["vendor"])
        if found is None:
            raise ValidationError("Say whom to buy from.")
        return found


class HeadForm(Refusable):
    """What an order says besides its lines; of one that is approved only the day may change."""

    expected_on = forms.DateField(required=False, widget=day_input())
    note = forms.CharField(max_length=500, required=False, widget=text_input(), help_text="Printed on the order")


class LineForm(NamingProduct):
    """One more line for a draft."""

    quantity = forms.DecimalField(max_digits=15, decimal_places=3, widget=number_input())
    unit_kind = forms.ChoiceField(
        label="Counted in", choices=[("", "As the product is counted"), *UnitKind.choices], required=False, widget=select()
    )
    unit_price = forms.DecimalField(
        max_digits=14, decimal_places=4, min_value=0, required=False, widget=number_input(), help_text="The product's, if left empty"
    )
    vendor_code = forms.CharField(label="Their number", max_length=80, required=False, widget=text_input(spellcheck="false"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever opens an order looks at it first.
        self.fields["product"].widget.attrs.pop("autofocus", None)

    def line(self) -> OrderedLine:
        given = self.cleaned_data
        price = {} if given["unit_price"] is None else {"unit_price": given["unit_price"]}
        return OrderedLine(given["product"], given["quantity"], given["unit_kind"], vendor_code=given["vendor_code"], **price)


class ArrivalsForm(Refusable):
    """What the goods came with, all of them."""

    received_at = forms.DateTimeField(required=False, widget=moment_input(), help_text="Now, if left empty")
    reference = forms.CharField(max_length=100, required=False, widget=text_input(), help_text="Their delivery note, else our number")
    note = forms.CharField(max_length=300, required=False, widget=text_input())


@dataclass(frozen=True)
class Typed:
    """The fields of a line as they stand on the page; `stored` says what is stored where somebody else has changed it meanwhile."""

    line: PurchaseOrderLine
    quantity: str
    unit_kind: str
    unit_price: str
    vendor_code: str
    removed: bool = False
    stored: str = ""

    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in CHANGEABLE}


def shown(line: PurchaseOrderLine) -> Typed:
    """The line as it is stored."""
    return Typed(line, f"{line.quantity:f}", line.unit_kind, plain_price(line.unit_price), line.vendor_code)


def typed(line: PurchaseOrderLine, sent: QueryDict) -> Typed:
    """The line as it was sent; a field that was not is as it is stored."""
    now, name = shown(line), f"line-{line.pk}-"
    given = {each: sent.get(f"{name}{each}", now.values()[each]).strip() for each in CHANGEABLE}
    return Typed(line, **given, removed=f"{name}remove" in sent)


ANOTHER, MOST_LOTS = "another", 50
"""The button that asks for one more lot of the line whose id it holds, and how many a line may come in at once."""


@dataclass(frozen=True)
class Came:
    """The fields of a line on the page of a delivery, or of one of its lots."""

    line: PurchaseOrderLine
    quantity: str
    unit_cost: str
    lot: str = ""
    expires_on: str = ""
    free_goods: bool = False
    part: int = 1

    @property
    def name(self) -> str:
        """What the names of its fields begin with: of a line that came in several lots the first has none of its own."""
        return f"line-{self.line.pk}" if self.part == 1 else f"line-{self.line.pk}.{self.part}"


def expected(line: PurchaseOrderLine) -> Came:
    """The line with what is still to come and what it was ordered for."""
    return Came(line, f"{line.outstanding:f}", plain_price(line.unit_price))


def came(line: PurchaseOrderLine, sent: QueryDict) -> list[Came]:
    """The line as it was sent, once for each lot; with one more, empty, where that was asked for."""
    found: list[Came] = []
    for part in range(1, MOST_LOTS + 1):
        row = Came(line, "", plain_price(line.unit_price), part=part)
        if part > 1 and f"{row.name}-quantity" not in sent:
            return [*found, row] if sent.get(ANOTHER) == str(line.pk) else found
        quantity, cost, lot, day = (sent.get(f"{row.name}-{each}", "").strip() for each in ("quantity", "unit_cost", "lot", "expires_on"))
        free = f"{row.name}-free_goods" in sent
        found.append(replace(row, quantity=quantity, unit_cost=cost, lot=lot, expires_on=day, free_goods=free))
    return found


def arrival(row: Came, *, priced: bool) -> Arrival | None:
    """What came of a line; None where nothing did. `priced` is whether costs are kept. Raises ValidationError naming the line."""
    if row.quantity in ("", "0"):
        return None
    day = None
    if row.expires_on:
        try:
            day = forms.DateField().clean(row.expires_on)
        except ValidationError as error:
            raise ValidationError({"lines": f"{row.line.product.sku}, expiry day: {' '.join(error.messages)}"}) from error
    cost = row.unit_cost if priced and not row.free_goods else None
    return Arrival(row.line.pk, row.quantity, unit_cost=cost, free_goods=row.free_goods, lot=row.lot, expires_on=day)


def plain_price(price: Decimal | None) -> str:
    """A price as it is typed; empty where it is unknown."""
    return "" if price is None else f"{price.normalize():f}"
