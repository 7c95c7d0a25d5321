"""Orders and moves that were committed later than the overlap lasts, found by their numbers (docs/odoo.md, “What is late”).

A record has the time at which its transaction began. One that was at it for longer than the overlap shows behind the watermark, where no
window looks. What is found is read by the next sync of its feed: its window begins where the record is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sync.engine.job import Job
from sync.engine.tables import Target
from sync.facts.tables import FACTS
from sync.models import Connection, HeldRow
from sync.references.tables import ORDERS
from sync.sources.odoo import cursors, ids, pages, said
from sync.sources.odoo.client import Client
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.options import Options
from sync.sources.odoo.pages import MODELS, MOVE_FEEDS
from sync.sources.odoo.system import FEEDS

LOOKED_BACK = timedelta(days=7)
"""So far behind the watermark: no transaction lasts as long, and a few nights without this look are made up for."""
AT_ONCE = 1_000


def feeds(options: Options) -> Sequence[str]:
    """What is looked for: orders, and the moves that are booked."""
    unwanted = {"purchases"} if options.ordered else set()
    if not options.deliveries:
        unwanted.add("deliveries")
    return ["orders", *(feed for feed in MOVE_FEEDS if feed not in unwanted)]


class Late:
    """What one run has found; `begins` says from when on the feeds that have some are to be read."""

    def __init__(self, job: Job, connection: Connection, options: Options, client: Client, facts: Facts) -> None:
        self._job, self._connection, self._options, self._client = job, connection, options, client
        self._keys: Mapping[str, tuple[Target, str]] = {
            "orders": (ORDERS, said.ORDER),
            **dict.fromkeys(MOVE_FEEDS, (FACTS, facts.key(0).removesuffix("0"))),
        }
        self.begins: dict[str, datetime] = {}

    def look(self, feed: str) -> None:
        """Look for records behind the window of `feed` that are not stored. Raises Problem, FeedProblem, Parked, LeaseLost, Cancelled."""
        before = cursors.window_start(self._connection, feed, self._options.overlap)
        if before is None:
            # The next sync reads all there is.
            return
        numbers = ids.between(self._job, self._client, feed, before - LOOKED_BACK, before)
        unknown = sorted(set(numbers) - self._known(feed, numbers))
        if not unknown:
            return
        stamps = [stamp for start in range(0, len(unknown), AT_ONCE) for stamp in self._stamps(feed, unknown[start : start + AT_ONCE])]
        if stamps:
            self.begins[feed] = min(stamps)
            said_of = f"{len(unknown):,} committed later than the overlap lasts; the next sync reads them."
            self._job.note(f"{FEEDS.get(feed, feed)}: {said_of}", feed=feed, level="warning")

    def set_back(self) -> None:
        """Let the next windows begin where what is late is. Within the transaction that closes the run."""
        for feed, moment in self.begins.items():
            cursors.set_back(self._connection, feed, moment + self._options.overlap)

    def _known(self, feed: str, numbers: Sequence[int]) -> set[int]:
        """Those of them that are stored, or held as they could not be understood."""
        target, kind = self._keys[feed]
        rows = HeldRow.objects.filter(connection=self._connection, feed=feed)
        known = {int(number) for row in rows if str(number := row.raw.get("id", "")).isdigit()}
        stored = target.model._default_manager.filter(connection=self._connection, gone_at=None)
        for start in range(0, len(numbers), AT_ONCE):
            keys = [f"{kind}{number}" for number in numbers[start : start + AT_ONCE]]
            found: Collection[str] = stored.filter(external_id__in=keys).values_list("external_id", flat=True)
            known.update(int(key.removeprefix(kind)) for key in found)
        return known

    def _stamps(self, feed: str, some: Sequence[int]) -> list[datetime]:
        rows = self._client.search_read(MODELS[feed], [["id", "in", list(some)]], ["id", "write_date"], limit=AT_ONCE)
        return [stamp for row in rows if (stamp := pages.stamp_of(row.get("write_date"))) is not None]
