"""Lines that are stored and that a complete reading of their day does not have any more: voided, or moved to another day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q, QuerySet

from sync.models import Connection, SourceFact
from sync.sources.pos.mapping import WITHOUT_KEY
from sync.sources.pos.windows import NO_DAY, NO_KEY, Slice

MOST_BILLS = 200
"""Bills that are looked for by their number; of more than these it is believed that they are gone."""
MOST_AT_ONCE = 20_000
"""Lines that one run takes away: the others are taken away by the next one."""


class Gone(NamedTuple):
    """A stored line that was not read: its id, and where it was on which bill."""

    pk: int
    key: str
    branch: str
    bill: str


@dataclass
class Vanished:
    """What the readings of one feed do not have any more. `stored` is how many lines of what was read are stored."""

    stored: int = 0
    lines: dict[str, Gone] = field(default_factory=dict)

    def look(self, connection: Connection, feed: str, prefix: str, parts: Sequence[str], seen: set[str]) -> None:
        """Compare the stored lines of `parts`, which were read to their ends, with the keys of all that was read."""
        for rows in _stored(connection, feed, prefix, parts):
            for pk, key, left, came, document in rows.values_list(
                "pk", "external_id", "place_there", "place_to_there", "document"
            ).iterator(chunk_size=5_000):
                self.stored += 1
                if key not in seen:
                    self.lines[key] = Gone(pk, key, left or came, document)

    def bills(self) -> list[tuple[str, str]]:
        """Branch and bill of all of them; none where they are too many to be looked for."""
        found = sorted({(gone.branch, gone.bill) for gone in self.lines.values() if gone.bill})
        return found if len(found) <= MOST_BILLS else []

    def ids(self) -> list[int]:
        """The lines that are to be taken away."""
        return sorted(gone.pk for gone in self.lines.values())[:MOST_AT_ONCE]


def _stored(connection: Connection, feed: str, prefix: str, parts: Sequence[str]) -> Iterator[QuerySet[SourceFact]]:
    mine = SourceFact.objects.filter(connection=connection, feed=feed, gone_at=None).order_by()
    keyless = Q(external_id__startswith=f"{prefix}:{WITHOUT_KEY}:")
    days: list[Slice] = []
    for part in parts:
        if part == NO_KEY:
            yield mine.filter(keyless)
        elif part == NO_DAY:
            yield mine.exclude(keyless).filter(day=None)
        else:
            days.append(Slice.of(part))
    for each in days:
        rows = mine.exclude(keyless).filter(day__gte=each.start)
        rows = rows if each.bounds[1] is None else rows.filter(day__lt=each.end)
        yield rows.filter(Q(place_there=each.branch) | Q(place_to_there=each.branch)) if each.branch else rows
