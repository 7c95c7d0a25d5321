"""Forms in which bookings are entered: what is typed stays in them, and what a verb refuses stands at the field it is about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import refusal
from inventory import finding
from inventory.errors import (
    BatchInUse,
    BeforeOpening,
    ExpiredProduct,
    InsufficientStock,
    NoBatches,
    NotALedger,
    NothingToGiveBack,
    QuantityBelowSold,
    Quarantined,
    SameLotAgain,
)
from inventory.models import Batch, Product, UnitKind, Vendor, Warehouse, WarehouseMode

LAST_WAREHOUSE = "last_warehouse"
"""Where the session keeps the warehouse that was booked in last."""

FORM_KEY = "form:"

FIELD_OF: Mapping[type[Problem], str] = {
    NotALedger: "warehouse",
    BeforeOpening: "moment",
    ExpiredProduct: "expires_on",
    SameLotAgain: "lot",
    NoBatches: "quantity",
    InsufficientStock: "quantity",
    QuantityBelowSold: "quantity",
    NothingToGiveBack: "quantity",
    BatchInUse: "unit_kind",
    Quarantined: "product",
}
"""At which field a form says what was refused; "moment" is the form's own name for when it happened."""


def new_key() -> str:
    """A key for one booking: however often its form is sent, it is booked once."""
    return f"{FORM_KEY}{uuid.uuid4().hex}"


def key_of(request: HttpRequest) -> str:
    """The key that came with a form; a new one where it is none of ours."""
    given = request.POST.get("key", "")
    try:
        return f"{FORM_KEY}{uuid.UUID(given.removeprefix(FORM_KEY)).hex}"
    except ValueError:
        return new_key()


def text_input(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "ls-input", "autocomplete": "off", **attrs})


def number_input(**attrs: Any) -> forms.TextInput:
    """Not the browser's own number field, which a mouse wheel changes."""
    return text_input(inputmode="decimal", **attrs)


def select() -> forms.Select:
    return forms.Select(attrs={"class": "ls-input"})


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"class": "ls-input", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"class": "ls-input", "type": "date"}, format="%Y-%m-%d")


class Refusable(forms.Form):
    """Says what a verb has refused, at the field that it names."""

    moment_field = ""

    def refuse(self, error: Problem | ValidationError) -> None:
        if isinstance(error, Problem):
            field = next((name for kind, name in FIELD_OF.items() if isinstance(error, kind)), "")
            field = self.moment_field if field == "moment" else field
            self.add_error(field if field in self.fields else None, refusal(error))
        elif hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                self.add_error(name if name in self.fields else None, errors)
        else:
            self.add_error(None, error)


class EditForm(Refusable):
    """Changes only what was changed in it: what somebody else has written since the page was loaded stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # Whoever does not send what the page held is compared with what is stored.
            field.show_hidden_initial = not self.is_bound or self.add_initial_prefix(name) in self.data


class NamingProduct(Refusable):
    """A form that names a product however people call it, and asks which one is meant where it could be several."""

    product = forms.CharField(
        max_length=300,
        widget=text_input(autofocus=True, list="products", spellcheck="false", placeholder="Scan or type"),
        help_text="SKU, barcode, model or a part of the name",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.meant: list[Product] = []
        """Products to choose from, where the text does not say which is meant."""
        self.found: Product | None = None

    def clean_product(self) -> Product:
        text = self.cleaned_data["product"]
        found = finding.named(self.actor.account, text)
        meant = found or finding.like(self.actor.account, text)
        chosen = [product for product in meant if str(product.pk) == self.data.get("product_id")] or found
        if len(chosen) == 1:
            self.found = chosen[0]
            return self.found
        self.meant = meant
        if found:
            raise ValidationError(f"“{text}” is on {len(found)} products. Choose the one you mean.")
        if meant:
            raise ValidationError(f"No product has the SKU, barcode or model “{text}”. Choose one of these, or type another.")
        raise ValidationError(f"No product has the SKU, barcode, model or name “{text}”.")


class EntryForm(NamingProduct):
    """What every booking names: a product, a warehouse that is kept here, a unit kind and a quantity."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.none(), widget=select(), empty_label=None)
    unit_kind = forms.ChoiceField(
        label="Counted in", choices=[("", "As the product is counted"), *UnitKind.choices], required=False, widget=select()
    )
    quantity = forms.DecimalField(max_digits=15, decimal_places=3, widget=number_input())

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, *args, **kwargs)
        self.places = list(ledgers(actor))
        self.fields["unit_kind"].needed = True  # type: ignore[attr-defined]
        rows = Warehouse.objects.filter(pk__in=[place.pk for place in self.places])
        for name in ("warehouse", "source", "target"):
            if name in self.fields:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "unit_kind" in given and self.found is not None:
            given["unit_kind"] = given["unit_kind"] or self.found.unit_kind
        return given

    def clean_batch(self) -> Batch | None:
        """For the forms that let a batch be named, by its number."""
        number = self.cleaned_data["batch"]
        if number is None:
            return None
        batch = Batch.objects.filter(pk=number, account=self.actor.account).first()
        if batch is None:
            raise ValidationError(f"There is no batch {number}.")
        return batch


def vendor_of(actor: Actor, text: str) -> Vendor | None:
    """The vendor whom a form names. Raises ValidationError where nobody is called that."""
    if not text.strip():
        return None
    vendor = finding.vendor_named(actor.account, text)
    if vendor is None:
        close = ", ".join(str(each) for each in finding.vendors_like(actor.account, text, limit=3))
        raise ValidationError(f"No vendor is called “{text}”." + (f" Do you mean {close}?" if close else " Add it under Vendors first."))
    return vendor


def ledgers(actor: Actor) -> Any:
    """The warehouses in which something can be booked."""
    return Warehouse.objects.filter(account=actor.account, mode=WarehouseMode.LEDGER, active=True)


def usual_warehouse(request: HttpRequest, actor: Actor) -> Warehouse | None:
    """The warehouse that a form offers first: the one booked in last, else the first there is."""
    places = list(ledgers(actor))
    last = request.session.get(LAST_WAREHOUSE)
    return next((place for place in places if place.pk == last), places[0] if places else None)
