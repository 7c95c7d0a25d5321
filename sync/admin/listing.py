"""The changes of a run on its page: a part of them at a time, in the lists a person reads them in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils.safestring import SafeString

from sync.admin.links import entity_link
from sync.changetypes import in_words
from sync.lists import Listed, in_list, listed
from sync.models import PlanRow, SyncChange, SyncRun

PER_PAGE = 50

LABELS: Mapping[Listed, str] = {
    Listed.ADDED: "New",
    Listed.CHANGED: "Changed",
    Listed.MOVED: "Moved",
    Listed.GONE: "Gone",
    Listed.HELD: "Held",
    Listed.UNCONFIRMED: "Kept unconfirmed",
    Listed.CONFLICTS: "Conflicts",
}


@dataclass(frozen=True)
class Tab:
    label: str
    count: int
    link: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A change in words. `single` when `new` is a sentence and no value of a field."""

    change: SyncChange | PlanRow
    what: str
    which: SafeString | str
    old: str
    new: str
    single: bool


@dataclass(frozen=True)
class Listing:
    """A part of a run's changes. `written` tells those that were made from those that would be; `query` is the address without the page."""

    written: bool
    tabs: list[Tab]
    page: Page[Any]
    sought: str
    query: str
    chosen: str

    @property
    def total(self) -> int:
        return self.tabs[0].count

    @property
    def rows(self) -> list[Row]:
        return [in_row(change) for change in self.page.object_list]


def in_row(change: SyncChange | PlanRow) -> Row:
    """A change as a line of a table, with a link to what it speaks of."""
    single = listed(change.type) in (Listed.HELD, Listed.UNCONFIRMED)
    differs = bool(change.field) and not single
    which = f"{change.label}, {change.field}" if single and change.field else change.label
    return Row(
        change,
        in_words(change.type),
        entity_link(change.entity, change.entity_id, which),
        old=change.old or ("nothing" if differs else ""),
        new=change.new or ("nothing" if differs else ""),
        single=single,
    )


def listing(run: SyncRun, query: Mapping[str, str]) -> Listing:
    """What `run` changed, else what it would change: those of `query`'s list and text, on `query`'s page. Two queries."""
    written = run.applied_at is not None
    rows: QuerySet[Any] = SyncChange.objects.filter(run=run) if written else PlanRow.objects.filter(run=run)
    sought = query.get("q", "").strip()
    if sought:
        places = ("label", "scope", "before__model", "after__model")
        rows = rows.filter(reduce(or_, (Q(**{f"{place}__icontains": sought}) for place in places)))
    counts: Counter[str] = Counter()
    for row in rows.order_by().values("type").annotate(number=Count("pk")):
        counts[listed(row["type"])] += row["number"]
    chosen = next((name for name in Listed if name == query.get("list")), None)
    if chosen is not None:
        rows = rows.filter(in_list(chosen))
    tabs = [_tab("All", counts.total(), "", chosen or "", sought)]
    tabs += [_tab(label, counts[name], name, chosen or "", sought) for name, label in LABELS.items() if counts[name] or name == chosen]
    pages = Paginator(rows.order_by("seq"), PER_PAGE)
    # Counted already: the paginator would ask again.
    vars(pages)["count"] = counts[chosen] if chosen is not None else counts.total()
    return Listing(written, tabs, pages.get_page(query.get("page")), sought, _address(chosen or "", sought), chosen or "")


def _tab(label: str, count: int, name: str, chosen: str, sought: str) -> Tab:
    return Tab(label, count, f"?{_address(name, sought)}#changes", name == chosen)


def _address(name: str, sought: str) -> str:
    return urlencode({key: value for key, value in (("list", name), ("q", sought)) if value})
