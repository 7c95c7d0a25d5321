"""What the collection of locations says (docs/finale.md, “Locations”). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync.engine.source import Held
from sync.sources.finale import cells
from sync.sources.finale.columns import Row
from sync.sources.finale.held import held_or, last_segment, url
from sync.sources.finale.said import PlaceSaid


def place(row: Row, number: int = 0) -> PlaceSaid | Held:
    """A location or sublocation: named by its name, else its id, else the end of its URL."""
    return held_or("places", row, number, lambda: _place(row))


def _place(row: Row) -> PlaceSaid:
    there, parent, name, code, status = row
    there = url(there, "facilityUrl")
    code = cells.text(code, "facilityId", 80)
    return PlaceSaid(
        external_id=there,
        name=cells.text(name, "facilityName", 200) or code or last_segment(there),
        code=code,
        parent_id_there=url(parent, "parentFacilityUrl") if parent else "",
        active=status in (None, "", "FACILITY_ACTIVE"),
    )


def locations(places: Iterable[PlaceSaid]) -> dict[str, str]:
    """Of each place the location that it lies in: itself, or the topmost that is known, whatever order they came in."""
    parents = {each.external_id: each.parent_id_there for each in places}
    return {there: _top(there, parents) for there in parents}


def _top(there: str, parents: Mapping[str, str]) -> str:
    seen = {there}
    # Two places that lie in each other end it too.
    while (parent := parents[there]) in parents and parent not in seen:
        seen.add(parent)
        there = parent
    return there
