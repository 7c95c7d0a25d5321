"""What is gone: all ids of a feed are read, and what is stored and not among them was deleted (docs/odoo.md, “What is gone”).

Odoo leaves no trace of a record that was deleted. What it has and what is not here, because it was written late, is read again then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.engine.documents import Document
from sync.engine.job import Job
from sync.engine.source import Judged
from sync.feedproblem import FeedProblem
from sync.models import Verdict
from sync.sources.odoo import pages
from sync.sources.odoo.client import Client
from sync.sources.odoo.pages import Asked, Domain, Fetched
from sync.sources.odoo.pulling import Pulled, fetched, pause
from sync.sources.odoo.system import FEEDS

FEED = "ids"
AT_ONCE = 1_000
MOST_GONE = 30_000
"""More than so many records that are gone at once are not believed, whatever share of all they are."""
NEVER_EMPTY = frozenset({"categories", "warehouses", "locations", "products"})


@dataclass(frozen=True)
class Ids:
    """All ids of `feed` that Odoo has, in the order in which they came."""

    feed: str
    numbers: Sequence[int]
    checksum: str
    taken_at: datetime | None

    def judged(self) -> Judged:
        """What the run makes of it: complete, so that absence is evidence."""
        return Judged(
            self.feed,
            label=FEEDS.get(self.feed, self.feed),
            verdict=Verdict.COMPLETE,
            rows=len(self.numbers),
            taken_at=self.taken_at,
        )


def read(job: Job, client: Client, feed: str, *, model: str = "", domain: Domain | None = None) -> Ids:
    """All ids of a feed, or of the records of a `model` in a `domain`. Raises Problem and FeedProblem, Parked when it goes on later."""

    def ask(after: int) -> list[int]:
        return client.ids_of(feed, after, AT_ONCE) if domain is None else client.ids(model, domain, after, AT_ONCE)

    numbers, last = _all(job, client, feed, ask)
    if not job.approved:
        _prove(client, feed, model, domain, numbers)
    return Ids(feed, numbers, last.checksum, last.taken_at)


def between(job: Job, client: Client, feed: str, since: datetime, before: datetime) -> list[int]:
    """The ids of the records of a feed whose last change was from `since` on and `before` the other. Raises as `read` does."""
    domain = client.changed_between(feed, since, before)
    return _all(job, client, f"{feed} late", lambda after: client.ids(pages.MODELS[feed], domain, after, AT_ONCE))[0]


def _all(job: Job, client: Client, name: str, ask: Callable[[int], list[int]]) -> tuple[list[int], Document]:
    """What `ask` finds after each id, page by page to the first empty one; and that one. Kept as `name`, for a run that goes on."""

    def fetch(_feed: str, part: str) -> Fetched:
        asked_at = datetime.now(UTC)
        found = ask(int(part.rpartition("/")[2]))
        return Fetched(FEED, part, json.dumps(found).encode(), asked_at, client.api, {"rows": len(found)})

    numbers: list[int] = []
    while True:
        document = fetched(job, FEED, f"{name}/{numbers[-1] if numbers else 0}", fetch)
        page = [int(number) for number in json.loads(document.content())]
        # Not at the first short one: an answer that was cut short would prove that the rest was deleted.
        if not page:
            return numbers, document
        numbers += page
        pause(job)


def _prove(client: Client, feed: str, model: str, domain: Domain | None, numbers: Sequence[int]) -> None:
    """Raises FeedProblem where Odoo counts more records than came: what is not among them may be there all the same."""
    model, domain = (pages.MODELS[feed], client.domain(feed)) if domain is None else (model, domain)
    there = client.count(model, [*domain, ["id", "<=", numbers[-1]]] if numbers else domain)
    if there > len(numbers):
        raise FeedProblem(
            "cut_short",
            f"Odoo counts {there:,} records and sent the numbers of {len(numbers):,}.",
            "Nothing is taken for deleted. If it comes again, look at what lies between here and Odoo.",
        )
    if not numbers and feed in NEVER_EMPTY:
        raise FeedProblem("empty", "Odoo says that it has none at all.", "Nothing is taken for deleted. Check the rights of the user.")


def doubt(feed: str, absent: Sequence[str]) -> None:
    """Raises FeedProblem where so much is gone that nobody can mean it."""
    if len(absent) > MOST_GONE:
        raise FeedProblem(
            "too_many_gone",
            f"{len(absent):,} records would be gone at once.",
            "Nothing is taken for deleted. Check the database and the rights of the user.",
        )


def missing(job: Job, client: Client, feed: str, wanted: Collection[int]) -> Pulled:
    """The pages that hold these records, whenever they were changed. Raises as `read` does."""
    pulled = Pulled(feed, None, [])
    left = sorted(wanted)
    while left:
        document = fetched(job, feed, Asked(None, left[0] - 1).part, client.page)
        pulled.documents.append(document)
        last = int(document.report.get("last_id", 0))
        # Of those up to the page's last one all that there are have come.
        left = [number for number in left if number > last] if document.report.get("full") else []
        pause(job)
    return pulled


def compared(kind: str, found: Collection[int], alive: Collection[str]) -> tuple[list[str], list[int]]:
    """Which stored keys are gone, and which ids are not stored, `kind` being what keys begin with. Pure."""
    there = {f"{kind}{number}": number for number in found}
    absent = sorted(key for key in alive if key.startswith(kind) and key not in there)
    known = set(alive)
    return absent, sorted(number for key, number in there.items() if key not in known)
