"""The forms of an item: what it is and costs, how many there are, and whose stock it offers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from inventory.admin.entering import NamingProduct, Refusable, number_input, text_input
from inventory.admin.stock import VerbForm
from inventory.models import Item, UnitKind, Warehouse
from inventory.quantity import plain

if TYPE_CHECKING:
    from django.forms import Textarea as _Textarea
    from django.forms import TextInput as _TextInput

    _OfWarehouses = forms.ModelMultipleChoiceField[Warehouse]
else:
    from unfold.widgets import UnfoldAdminTextareaWidget as _Textarea
    from unfold.widgets import UnfoldAdminTextInputWidget as _TextInput

    _OfWarehouses = forms.ModelMultipleChoiceField

AMOUNTS = ("price", "cost")
PLACES = Decimal("0.001")


class TiersField(forms.CharField):
    """Quantities and prices as people write them: “50: 0.110, 100: 0.100”."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(f"{each[0]}: {each[1]}" for each in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        pairs: list[list[Any]] = []
        for part in text.replace("\n", ",").split(","):
            if not part.strip():
                continue
            quantity, colon, price = (piece.strip() for piece in part.partition(":"))
            try:
                # What it is written as stays; that it is a number is all that is asked here.
                Decimal(price)
                if not colon or not quantity.isdecimal():
                    raise ValueError
                pairs.append([int(quantity), price])
            except (InvalidOperation, ValueError):
                raise ValidationError(f"“{part.strip()[:40]}” is no quantity with a price. Write it like 50: 0.110, 100: 0.100.") from None
        return pairs

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or None) != self.to_python(data))
        except ValidationError:
            return True


class ItemForm(VerbForm):
    """What a person may change of an item. Its quantity has a form of its own, as it is moved and not set."""

    tiers = TiersField(
        label="Tier prices",
        required=False,
        widget=_TextInput(),
        help_text="Cheaper from so many on, up to three: 50: 0.110, 100: 0.100. Empty: as each shop has it.",
    )

    class Meta:
        model = Item
        fields = "__all__"
        widgets = {"notes": _Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in AMOUNTS:
            if self.initial.get(name) is not None:
                self.initial[name] = shown(self.initial[name])


def shown(amount: Decimal) -> Decimal:
    """The same amount with three places, as shops carry it, where it has no more; still a number, so that it counts as unchanged."""
    rounded = amount.quantize(PLACES)
    return rounded if rounded == amount else amount.normalize()


class QuantityForm(Refusable):
    """Move or set an item's own quantity, or reserve some of it."""

    DO = (
        ("add", "Add"),
        ("take", "Take away"),
        ("set", "Set to"),
        ("reserve", "Reserve"),
        ("release", "Release"),
    )
    do = forms.ChoiceField(label="What", choices=DO, widget=forms.Select(attrs={"class": "ls-input"}))
    pieces = forms.IntegerField(min_value=0, max_value=2_000_000_000, widget=number_input(size=6))
    reason = forms.CharField(max_length=300, required=False, widget=text_input(placeholder="For example: found in the wrong bin"))


class _Warehouses(_OfWarehouses):
    """Refuses numbers that no database holds as it does those of no warehouse."""

    def clean(self, value: Any) -> Any:
        for each in value or ():
            if not str(each).isdecimal() or len(str(each)) > 18:
                raise ValidationError(self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": str(each)[:40]})
        return super().clean(value)


class LinkForm(NamingProduct):
    """Whose stock an item offers, and how much of it."""

    warehouses = _Warehouses(
        Warehouse.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Whose stock counts. Orders are taken from them in this order.",
    )
    unit_kind = forms.ChoiceField(label="Counted in", choices=UnitKind.choices, widget=forms.Select(attrs={"class": "ls-input"}))
    pack = forms.DecimalField(
        max_digits=15, decimal_places=3, initial=1, widget=number_input(), help_text="How much of it one piece of the item is"
    )
    buffer = forms.DecimalField(
        max_digits=15, decimal_places=3, initial=0, widget=number_input(), help_text="So much of the product is kept back"
    )
    minimum = forms.IntegerField(min_value=0, initial=0, widget=number_input(), help_text="Below it, none is offered")
    maximum = forms.IntegerField(min_value=0, required=False, widget=number_input(), help_text="More is never offered; empty is no limit")
    share = forms.IntegerField(
        label="Share in per cent", min_value=1, max_value=100, initial=100, widget=number_input(), help_text="How much of it is offered"
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, *args, **kwargs)
        rows = Warehouse.objects.filter(account=actor.account).order_by("name")
        self.fields["warehouses"].queryset = rows  # type: ignore[attr-defined]
        self.places = list(rows)


def rules_of(item: Item) -> Mapping[str, Any]:
    """What the form holds of an item that is linked."""
    return {
        "product": item.product.sku if item.product else "",
        "warehouses": [source.warehouse_id for source in item.sources.all()],
        "unit_kind": item.unit_kind,
        "pack": plain(item.pack),
        "buffer": plain(item.buffer),
        "minimum": item.minimum,
        "maximum": item.maximum,
        "share": item.share,
    }
