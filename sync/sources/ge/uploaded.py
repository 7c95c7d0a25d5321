"""The lists that people uploaded, as a way in like any other."""

from __future__ import annotations

from django.db.models import QuerySet

from sync.feedproblem import FeedProblem
from sync.models import Connection, FeedDocument
from sync.sources.ge.fetched import Fetched
from sync.sources.ge.lists import LABELS, LISTS, ROSTERS
from sync.sources.ge.options import Options

TRANSPORT = "upload"


class UploadClient:
    """The newest upload of each list, however often it was read before; of the rosters the newest that has the load."""

    in_parallel = False

    def __init__(self, connection: Connection, options: Options) -> None:
        self.footer_promised = options.footer_promised
        self._connection = connection
        self._rosters: dict[str, int] | None = None
        self._last: FeedDocument | None = None

    def probe(self) -> None:
        """Nothing: there is nobody to reach."""

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """Raises FeedProblem not_uploaded."""
        document = self._roster_with(part) if feed == ROSTERS else newest(self._connection, feed)
        if document is None and feed == ROSTERS:
            hint = f"Download the units of load {part} and upload them under rosters."
            raise FeedProblem("not_uploaded", f"No roster has been uploaded for load {part} yet.", hint)
        if document is None:
            hint = f"Download it and upload it under {LABELS[feed]}."
            raise FeedProblem("not_uploaded", f"No file has been uploaded for {LABELS[feed]} yet.", hint)
        return Fetched(
            body=document.content(),
            content_type=document.content_type,
            filename=document.filename,
            taken_at=document.taken_at,
            checksum=document.checksum,
            transport=TRANSPORT,
            document_id=document.pk,
        )

    def _roster_with(self, part: str) -> FeedDocument | None:
        if self._rosters is None:
            self._rosters = newest_rosters(self._connection)
        number = self._rosters.get(part)
        if number is None:
            return None
        if self._last is None or self._last.pk != number:
            self._last = FeedDocument.objects.get(pk=number)
        return self._last


def documents(connection: Connection) -> QuerySet[FeedDocument]:
    """What was uploaded for `connection`, newest first."""
    return FeedDocument.objects.filter(connection=connection, transport=TRANSPORT).order_by("-pk")


def newest(connection: Connection, feed: str) -> FeedDocument | None:
    """The newest upload of a list that is one document."""
    return documents(connection).filter(feed=feed).first()


def newest_rosters(connection: Connection) -> dict[str, int]:
    """For each load the id of the newest upload that has it. One query, without the files themselves."""
    found: dict[str, int] = {}
    for number, covers in documents(connection).filter(feed=ROSTERS).values_list("pk", "covers"):
        for load in covers:
            found.setdefault(load, number)
    return found


def words(connection: Connection) -> str:
    """What has been uploaded, in a sentence or two."""
    there = set(documents(connection).values_list("feed", flat=True).distinct().order_by())
    have = [LABELS[feed] for feed in LISTS if feed in there]
    lack = [LABELS[feed] for feed in LISTS if feed not in there]
    if not have:
        return "Nothing has been uploaded yet."
    return f"Uploaded so far: {', '.join(have)}." + (f" Not yet: {', '.join(lack)}." if lack else "")
