"""What the pages of people and webhooks have in common: how soon each hears of each kind, and the buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from alerts.kinds import MANNERS, mode_of
from alerts.models import Kind, Mode
from inventory.admin.stock import VerbForm
from marketplaces.admin.pages import ButtonsAdmin

EVENT = "event_"
EVENT_FIELDS = tuple(f"{EVENT}{kind.value}" for kind in MANNERS)


class RecipientForm(VerbForm):
    """With a choice for each kind; what is as usual is not stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in MANNERS:
            if f"{EVENT}{kind.value}" in self.fields:
                self.initial.setdefault(f"{EVENT}{kind.value}", mode_of(self.instance.events, kind).value)

    def events(self) -> dict[str, str]:
        """The modes that were chosen and differ from the usual ones."""
        chosen = {kind: Mode(self.cleaned_data[f"{EVENT}{kind.value}"] or manner.mode) for kind, manner in MANNERS.items()}
        return {kind.value: mode.value for kind, mode in chosen.items() if mode is not MANNERS[kind].mode}


def form_with_events() -> type[RecipientForm]:
    """RecipientForm with its fields for the kinds."""
    fields = {
        f"{EVENT}{kind.value}": forms.ChoiceField(
            label=kind.label,
            choices=[(mode.value, f"{mode.label} (usual)" if mode is manner.mode else mode.label) for mode in Mode],
            initial=manner.mode.value,
            widget=UnfoldAdminSelectWidget,
            # Each has a value; stars at all of them would say nothing.
            required=False,
        )
        for kind, manner in MANNERS.items()
    }
    return type("RecipientEventsForm", (RecipientForm,), fields)


class RecipientAdmin(ButtonsAdmin):
    """Rows that verbs write; deleting one says nothing of what was sent, which stays."""

    form = form_with_events()
    delete_verb: ClassVar[Any]
    own_fields: tuple[str, ...]

    def given(self, form: Any) -> dict[str, Any]:
        """What was changed, as the verbs take it."""
        changed = [name for name in form.changed_data if name in self.own_fields]
        fields = {name: form.cleaned_data[name] for name in changed}
        if any(name in EVENT_FIELDS for name in form.changed_data):
            fields["events"] = form.events()
        return fields

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None: they are removed one at a time."""
        return {}

    def get_deleted_objects(self, objs: Iterable[Model], request: HttpRequest) -> Any:
        rows = list(objs)
        return [str(row) for row in rows], {str(self.opts.verbose_name_plural): len(rows)}, set(), []

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


def told_of(events: dict[str, str]) -> str:
    """How many kinds somebody hears of, in words."""
    number = sum(1 for kind in Kind if mode_of(events, kind) is not Mode.OFF)
    return "everything" if number == len(Kind) else f"{number} of {len(Kind)} kinds"


def in_pairs(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(names[at : at + 2] for at in range(0, len(names), 2))
