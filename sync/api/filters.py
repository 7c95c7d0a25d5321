from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter

from accounts.api.filters import IdFilter, between
from sync.lists import Listed, in_list
from sync.models import HeldRow, Kind, PlanRow, Status, SyncChange, SyncRun, Unconfirmed


@between("created_at", "Not older than this time.", "Older than this time.")
class RunFilter(FilterSet):  # type: ignore[misc]
    status = MultipleChoiceFilter(choices=Status.choices, label="May be given several times.")
    kind = ChoiceFilter(choices=Kind.choices)
    scope = CharFilter()
    connection = IdFilter(field_name="connection_id", label="The connection's id.")

    class Meta:
        model = SyncRun
        fields: list[str] = []


@between("at", "Not older than this time.", "Older than this time.")
class ChangeFilter(FilterSet):  # type: ignore[misc]
    run = IdFilter(field_name="run_id", label="The run's id.")
    type = CharFilter(label="For example item_migrated.")
    entity = CharFilter(label="unit, load or conflict.")
    serial = CharFilter(method="of_serial", label="A unit's serial, in any case.")
    load = CharFilter(method="of_load", label="A load's number: the load and its units.")
    bucket = CharFilter(field_name="group", label="FG, ASIS or STA.")
    list = ChoiceFilter(choices=[(name.value, name.value) for name in Listed], method="in_the_list", label="As in a preview.")

    class Meta:
        model = SyncChange
        fields: list[str] = []

    def of_serial(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        # Serials are stored as the list wrote them, nearly always in upper case; equality can use the index.
        return rows.filter(entity="unit", label__in={text, text.upper(), text.lower()})

    def of_load(self, rows: QuerySet[Any], _name: str, number: str) -> QuerySet[Any]:
        return rows.filter(Q(scope=number) | Q(entity="load", label=number))

    def in_the_list(self, rows: QuerySet[Any], _name: str, name: str) -> QuerySet[Any]:
        return rows.filter(in_list(Listed(name)))


class PlanFilter(FilterSet):  # type: ignore[misc]
    type = CharFilter(label="For example item_migrated.")
    entity = CharFilter(label="unit, load or conflict.")
    list = ChoiceFilter(choices=[(name.value, name.value) for name in Listed], method="in_the_list")

    class Meta:
        model = PlanRow
        fields: list[str] = []

    def in_the_list(self, rows: QuerySet[Any], _name: str, name: str) -> QuerySet[Any]:
        return rows.filter(in_list(Listed(name)))


class HeldFilter(FilterSet):  # type: ignore[misc]
    connection = IdFilter(field_name="connection_id", label="The connection's id.")
    run = IdFilter(field_name="run_id", label="The run's id.")
    feed = CharFilter(label="For example stock:FG.")
    code = CharFilter(label="Why it is held.")

    class Meta:
        model = HeldRow
        fields: list[str] = []


class UnconfirmedFilter(FilterSet):  # type: ignore[misc]
    connection = IdFilter(field_name="connection_id", label="The connection's id.")
    run = IdFilter(field_name="run_id", label="The run's id.")
    entity = CharFilter(label="unit or load.")

    class Meta:
        model = Unconfirmed
        fields: list[str] = []
