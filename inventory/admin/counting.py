"""The forms in which counts are started and filled, and what is said to each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import refusal
from inventory import ledger
from inventory.admin.entering import EntryForm, day_input, moment_input, number_input, text_input
from inventory.errors import FileTooLarge
from inventory.ledger.countimport import read_count_file
from inventory.ledgerwords import amount
from inventory.models import Count, CountLine, Product
from inventory.quantity import plain

WORDS = {
    "taken": ("Counted", "check_circle", "success"),
    "again": ("Counted before", "repeat", "warning"),
    "unknown": ("Not taken", "error", "danger"),
}


class CountedForm(EntryForm):
    """One line: a product and how much of it is there."""

    warehouse = None  # type: ignore[assignment]
    quantity = None  # type: ignore[assignment]
    counted = forms.DecimalField(max_digits=15, decimal_places=3, min_value=0, widget=number_input())
    lot = forms.CharField(label="Lot number", max_length=80, required=False, widget=text_input(spellcheck="false"))
    expires_on = forms.DateField(label="Expiry day", required=False, widget=day_input())
    unit_cost = forms.DecimalField(
        max_digits=14,
        decimal_places=4,
        min_value=0,
        required=False,
        widget=number_input(),
        help_text="Of what is found beyond what is known; left empty, what the others cost",
    )
    field_order: Sequence[str] = ("product", "counted", "unit_kind", "lot", "expires_on", "unit_cost")

    def line(self) -> ledger.CountedLine:
        given = self.cleaned_data
        return ledger.CountedLine(
            given["product"], given["unit_kind"], given["counted"], None, given["lot"], given["expires_on"], given["unit_cost"]
        )


class LineForm(CountedForm):
    """The next line of a count that was started."""


class StartForm(CountedForm):
    """A warehouse, and either a file or a first line."""

    warehouse = EntryForm.base_fields["warehouse"]  # type: ignore[assignment]
    counted_at = forms.DateTimeField(label="Counted at", required=False, widget=moment_input(), help_text="Now, if left empty")
    opening = forms.BooleanField(label="Opening count: what this warehouse begins with", required=False)
    note = forms.CharField(max_length=300, required=False, widget=text_input())
    file = forms.FileField(
        label="CSV file", required=False, widget=forms.FileInput(attrs={"class": "ls-file", "accept": ".csv,text/csv,text/plain"})
    )
    moment_field = "counted_at"
    field_order = ("warehouse", "counted_at", "note", "opening", "file", *CountedForm.field_order)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("product", "counted"):
            # A file takes their place.
            self.fields[name].required = False
        for name in ("counted", "file"):
            self.fields[name].needed = True  # type: ignore[attr-defined]

    def clean_product(self) -> Product | None:  # type: ignore[override]
        if self.cleaned_data.get("file"):
            return None
        if not self.cleaned_data["product"]:
            raise ValidationError("Scan or type the first product, or choose a file.")
        return super().clean_product()

    def clean_counted(self) -> Any:
        counted = self.cleaned_data["counted"]
        if counted is None and not self.cleaned_data.get("file"):
            raise ValidationError("Enter how much of it is there.")
        return counted

    def lines(self, limit: int) -> list[ledger.CountedLine]:
        """What was counted. Raises Problem and ValidationError for a file that can't be read."""
        file = self.cleaned_data["file"]
        if not file:
            return [self.line()]
        if file.size > limit:
            raise FileTooLarge(f"“{file.name}” is larger than {limit / 2**20:g} MB.", hint="Split it.")
        return read_count_file(self.actor, bytes(file.read()))


@dataclass(frozen=True)
class Heard:
    """What came of a line; `state` is a key of WORDS. `same` is the line that counts the same goods already."""

    state: str
    sentence: str
    same: CountLine | None = None

    @property
    def word(self) -> str:
        return WORDS[self.state][0]

    @property
    def symbol(self) -> str:
        return WORDS[self.state][1]

    @property
    def tone(self) -> str:
        return WORDS[self.state][2]

    def as_json(self) -> dict[str, str]:
        return {"state": self.state, "word": self.word, "symbol": self.symbol, "tone": self.tone, "sentence": self.sentence}


def put(actor: Actor, count: Count, form: LineForm) -> Heard:
    """Put what the form says into the count: a new line, or, where these goods are counted already, what the form says to do with them."""
    if not form.is_valid():
        return Heard("unknown", " ".join(str(sentence) for errors in form.errors.values() for sentence in errors))
    line = form.line()
    same = _same(count, line)
    how = form.data.get("again", "")
    try:
        if same is None:
            row = ledger.add_count_line(actor, count, line)
        elif how in ("add", "replace"):
            counted = line.counted + same.counted if how == "add" else line.counted
            row = ledger.change_count_line(actor, same, counted=counted)
        else:
            before = amount(same.counted, same.unit_kind)
            return Heard("again", f"{before} of {same.product} are in this count already. Add to them, or put this in their place?", same)
    except (Problem, ValidationError) as error:
        form.refuse(error)
        return Heard("unknown", refusal(error))
    return Heard("taken", f"{amount(row.counted, row.unit_kind)} of {row.product}.{_difference(row)}")


def _same(count: Count, line: ledger.CountedLine) -> CountLine | None:
    rows = count.lines.filter(product=line.product, unit_kind=line.unit_kind, lot=line.lot.strip(), batch__isnull=True)
    return rows.filter(expires_on=line.expires_on).select_related("product", "count").first()


def _difference(row: CountLine) -> str:
    difference = plain(row.counted - row.system)
    if not difference:
        return " As known."
    return f" {amount(abs(difference), row.unit_kind)} {'more' if difference > 0 else 'fewer'} than known."
