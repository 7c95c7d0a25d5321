"""Lists that people upload: read and judged when they come in, kept for the next run (docs/ge-connection.md, “Upload”)."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from accounts.uploadlimit import FileTooLarge
from sync.feedproblem import FeedProblem
from sync.models import Connection, FeedConfirmation, FeedDocument, FeedState
from sync.sources.ge.cells import visible
from sync.sources.ge.doubts import Doubt, Known, doubts
from sync.sources.ge.lists import HISTORY, LABELS, LISTS, OPEN, ROSTERS, bucket_of
from sync.sources.ge.options import Options, options_of
from sync.sources.ge.reading import Parsed, checksum_of, read, size_of
from sync.sources.ge.rows import LoadFeed, RosterFeed, StockFeed
from sync.sources.ge.stored import overlap_of
from sync.sources.ge.uploaded import TRANSPORT, documents, newest

_HELD_SHOWN = 20


class UnknownFeed(Problem):
    """Refused: there is no such list."""

    status = 404


class NotUploadedTo(Problem):
    """Refused: the connection gets its lists in another way."""

    status = 409


class UnusableFile(Problem):
    """Refused: the file can't be read as that list. Its code is the FeedProblem's."""


@dataclass(frozen=True)
class Slot:
    """A place for uploads: its newest document (without the file itself) and what was found in it.

    `report` is empty where nothing was uploaded. `confirmed`: a manager has put the problem of the report aside. `age` is counted from when
    the list was taken. `documents` were uploaded in all; `covers` are the loads that they have rosters of.
    """

    feed: str
    label: str
    document: FeedDocument | None
    report: Mapping[str, Any]
    confirmed: bool
    age: timedelta | None
    documents: int
    covers: tuple[str, ...]


def upload(actor: Actor, connection: Connection, feed: str, filename: str, content: bytes) -> FeedDocument:
    """Keep a file as the newest one of the list `feed`, with a report of what was found in it.

    A file that can't be read as that list is refused and not kept; one that can be read and is doubted is kept, and its report says so:
    `rows`, `footer`, `held`, `held_rows`, `warnings`, `problem` (what keeps it out of a run, or None), `doubts` (all such) and `covers`.
    Raises NotAllowed, UnknownFeed, NotUploadedTo, FileTooLarge, UnusableFile, SettingsIncomplete, and Connection.DoesNotExist for one of
    another account.
    """
    actor.require("feed.upload")
    row = Connection.objects.select_related("account").get(account=actor.account, pk=connection.pk)
    if feed not in LISTS:
        raise UnknownFeed(f"There is no list “{feed[:60]}”.", hint=f"There are: {', '.join(LISTS)}.")
    options = options_of(row)
    if options.transport != TRANSPORT:
        raise NotUploadedTo(
            f"“{row}” doesn't take files: its lists come by {options.transport}.",
            hint="An owner can set the connection's way in to “upload”.",
        )
    name = _shown(filename)
    if len(content) > settings.UPLOAD_LIMIT:
        raise FileTooLarge(name)
    try:
        parsed, told = read(feed, content, filename=name)
    except FeedProblem as problem:
        raise UnusableFile(problem.sentence, hint=problem.hint, code=problem.code) from problem
    now = timezone.now()
    document = FeedDocument(
        account=actor.account,
        connection=row,
        feed=feed,
        transport=TRANSPORT,
        filename=name,
        checksum=checksum_of(content),
        size=len(content),
        body=zlib.compress(content, 6),
        taken_at=min(told or now, now),
        covers=sorted({each.load_number for each in parsed.rows}) if isinstance(parsed, RosterFeed) else [],
        uploaded_by=actor.label[:200],
    )
    with transaction.atomic():
        # One upload of a connection at a time: each is judged beside the others.
        Connection.objects.select_for_update().get(pk=row.pk)
        document.report = _report(document, parsed, options)
        document.save()
        _judge_again(document, options)
        after = {"connection": row.pk, "feed": feed, "filename": name, "rows": document.report["rows"], "checksum": document.checksum}
        record(actor, entity="FeedDocument", entity_id=document.pk, action="UPLOAD", after=after)
    return document


def slots(connection: Connection) -> list[Slot]:
    """The six places in the order of pages."""
    return slots_of([connection])[connection.pk]


def slots_of(connections: Sequence[Connection]) -> dict[int, list[Slot]]:
    """The places of several connections, by the id of each. Four queries, whatever was uploaded."""
    of_these = FeedDocument.objects.filter(connection__in=connections, transport=TRANSPORT).order_by()
    counted = {(number, feed): rest for number, feed, *rest in of_these.values_list("connection", "feed").annotate(Max("pk"), Count("pk"))}
    latest = FeedDocument.objects.defer("body").in_bulk([last for last, _ in counted.values()])
    said: dict[tuple[int, str, str], set[str]] = {}
    for number, feed, checksum, code in FeedConfirmation.objects.filter(connection__in=connections).values_list(
        "connection", "feed", "checksum", "code"
    ):
        said.setdefault((number, feed, checksum), set()).add(code)
    covers: dict[int, set[str]] = {}
    for number, loads in of_these.filter(feed=ROSTERS).values_list("connection", "covers"):
        covers.setdefault(number, set()).update(loads)
    now = timezone.now()
    found: dict[int, list[Slot]] = {}
    for connection in connections:
        places = found[connection.pk] = []
        for feed in LISTS:
            last, uploaded = counted.get((connection.pk, feed), (0, 0))
            loads = tuple(sorted(covers.get(connection.pk, ()))) if feed == ROSTERS else ()
            document = latest.get(last)
            if document is None:
                places.append(Slot(feed, LABELS[feed], None, {}, False, None, 0, loads))
                continue
            report, confirmed = _present(document.report, said.get((connection.pk, feed, document.checksum), set()))
            places.append(Slot(feed, LABELS[feed], document, report, confirmed, now - document.taken_at, uploaded, loads))
    return found


def _present(report: Mapping[str, Any], codes: Collection[str]) -> tuple[dict[str, Any], bool]:
    """The report with the problem that stands now, and whether that is one a manager has put aside, there being no other."""
    found = report.get("doubts", [])
    open_ = [doubt for doubt in found if not (doubt["confirmable"] and doubt["code"] in codes)]
    problem = (open_ or found or [None])[0]
    return {**report, "problem": problem}, problem is not None and not open_


def _report(document: FeedDocument, parsed: Parsed, options: Options) -> dict[str, Any]:
    found = doubts(
        document.feed,
        parsed,
        known=_known(document, parsed, options),
        checksum=document.checksum,
        others=_others(document),
        taken_at=document.taken_at,
        filename=document.filename,
    )
    invalid = [_words(doubt) for doubt in found if doubt.level == "invalid"]
    footer = parsed.footer if isinstance(parsed, StockFeed) else None
    return {
        "rows": size_of(parsed),
        "footer": footer and {"serialCount": footer.serial_count, "bulkUnits": footer.bulk_units},
        "held": len(parsed.held),
        "held_rows": [row.sentence for row in parsed.held[:_HELD_SHOWN]],
        "warnings": [
            *({"code": doubt.code, "sentence": doubt.sentence} for doubt in found if doubt.level == "warning"),
            *({"code": warning.code, "sentence": warning.sentence} for warning in parsed.warnings),
        ],
        "problem": invalid[0] if invalid else None,
        "doubts": invalid,
        "covers": document.covers,
    }


def _words(doubt: Doubt) -> dict[str, Any]:
    return {"code": doubt.code, "sentence": doubt.sentence, "hint": doubt.hint, "confirmable": doubt.confirmable}


def _known(document: FeedDocument, parsed: Parsed, options: Options) -> Known:
    connection, feed = document.connection, document.feed
    state = FeedState.objects.filter(connection=connection, feed=feed).first()
    listed: dict[str, int] = {}
    stored = 0
    if isinstance(parsed, StockFeed):
        overlap = overlap_of(connection.warehouse_id, {row.serial_key for row in parsed.rows if row.serial_key})
        listed, stored = overlap.listed, overlap.stored.get(bucket_of(feed), 0)
    return Known(
        org=options.org,
        footer_promised=options.footer_promised,
        shrink_percent=options.shrink_percent,
        shrink_rows=options.shrink_rows,
        baseline=state.rows if state else None,
        last_taken_at=state.taken_at if state else None,
        overlap=listed,
        stored=stored,
        for_sale=_for_sale(connection) if feed == OPEN else None,
        zone=ZoneInfo(connection.account.time_zone),
    )


def _others(document: FeedDocument) -> dict[str, str]:
    """The checksums of the newest document of every other list that is one document."""
    rows = documents(document.connection).exclude(feed__in=(document.feed, ROSTERS)).values_list("feed", "checksum")
    found: dict[str, str] = {}
    for feed, checksum in rows:
        found.setdefault(feed, checksum)
    return found


def _for_sale(connection: Connection) -> int | None:
    """How many loads are for sale in the newest load history that nothing speaks against; None without one."""
    history = newest(connection, HISTORY)
    if history is None or history.report.get("problem"):
        return None
    parsed, _ = read(HISTORY, history.content())
    assert isinstance(parsed, LoadFeed)
    return sum(row.sale_status == "FOR SALE" for row in parsed.rows)


def _judge_again(document: FeedDocument, options: Options) -> None:
    """New reports for the other lists whose verdict hangs on the one that has just come."""
    for feed in LISTS:
        if feed in (document.feed, ROSTERS):
            continue
        other = newest(document.connection, feed)
        if other is None:
            continue
        doubted = {doubt["code"] for doubt in other.report.get("doubts", [])}
        if other.checksum == document.checksum or "same_file" in doubted or (document.feed, feed) == (HISTORY, OPEN):
            parsed, _ = read(feed, other.content(), filename=other.filename)
            other.report = _report(other, parsed, options)
            other.save(update_fields=["report"])


def _shown(filename: str) -> str:
    """The name of a file as it can be shown and kept: no folders, no invisible characters, not longer than 120."""
    return visible(filename.replace("\\", "/").rpartition("/")[2])[:120] or "The file"
