"""The states of a list as links above it, each with its number of rows where these are few; one is shown when nobody has chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from inventory.admin.stock import StockAdmin

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter


class State(NamedTuple):
    """A state to list rows of: its key in the address, its name, and which rows are in it."""

    key: str
    label: str
    rows: Q
    shown_empty: bool = True
    """Whether it is offered while no row is in it."""


@dataclass(frozen=True)
class Chip:
    label: str
    count: int | None
    link: str
    chosen: bool


class StateFilter(DropdownFilter):
    """Lists the rows of one state. Subclasses name the `states` and which one is shown `otherwise`."""

    title = "state"
    parameter_name = "state"
    all_option = None
    states: tuple[State, ...]
    otherwise: str
    when_searched: str | None = None
    """The state that a search goes through when none was chosen, if not that one too."""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.searched = bool(request.GET.get(SEARCH_VAR, "").strip())
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.key, state.label) for state in self.states]

    def value(self) -> str:
        chosen = super().value()
        if any(state.key == chosen for state in self.states):
            return str(chosen)
        return self.when_searched if self.searched and self.when_searched else self.otherwise

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(next(state.rows for state in self.states if state.key == self.value()))


class ChipsAdmin(StockAdmin):
    """A list with a StateFilter, shown as chips."""

    state_filter: type[StateFilter]
    list_before_template = "admin/inventory/chips.html"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        changes.chips = self._chips(request, changes)  # type: ignore[attr-defined]
        return changes

    count_states = True
    """Whether each state says its number of rows, which reads all of them."""

    def _chips(self, request: HttpRequest, changes: ChangeList) -> list[Chip]:
        if not self.count_states:
            return self._plain_chips(changes)
        states = self.state_filter.states
        counts = self.in_states(request).aggregate(**{f"in_{state.key}": Count("pk", filter=state.rows) for state in states})
        chosen = next(spec.value() for spec in changes.filter_specs if isinstance(spec, StateFilter))
        name = str(self.state_filter.parameter_name)
        chips = []
        for state in states:
            count, is_chosen = counts[f"in_{state.key}"], state.key == chosen
            if state.shown_empty or count or is_chosen:
                link = changes.get_query_string({name: state.key}, remove=[PAGE_VAR])
                chips.append(Chip(state.label, count, link, is_chosen))
        return chips

    def in_states(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of which each state says how many it has."""
        return self.get_queryset(request)

    def _plain_chips(self, changes: ChangeList) -> list[Chip]:
        name = str(self.state_filter.parameter_name)
        chosen = next(spec.value() for spec in changes.filter_specs if isinstance(spec, StateFilter))
        return [
            Chip(state.label, None, changes.get_query_string({name: state.key}, remove=[PAGE_VAR]), state.key == chosen)
            for state in self.state_filter.states
        ]
