"""Whether a list that could be read can be believed (docs/ge-connection.md, “Doubts”). Pure: the upload page and every run ask the same.

What can't even be read is a FeedProblem of `reading.read`, and no doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal

from sync.feedproblem import FeedProblem
from sync.sources.ge.checks import check_empty, check_footer, check_organisation
from sync.sources.ge.lists import BUCKETS, HISTORY, OPEN, ROSTERS, bucket_of, named
from sync.sources.ge.reading import Parsed, size_of
from sync.sources.ge.rows import LoadFeed, RosterFeed, StockFeed

CONFIRMABLE = frozenset({"empty", "shrunken", "wrong_slot", "same_file", "older"})
EVIDENCE = 25
"""Serials that must be listed, and stored, before a list can look like another one."""
LEAST_KNOWN_PERCENT = 10
MOST_ELSEWHERE_PERCENT = 50

Level = Literal["invalid", "warning"]


@dataclass(frozen=True)
class Doubt:
    """Something that speaks against a list.

    While an `invalid` one stands the list contributes nothing; a manager can put it aside where it is `confirmable`. A `warning` is shown.
    """

    code: str
    sentence: str
    hint: str
    confirmable: bool
    level: Level = "invalid"


@dataclass(frozen=True)
class Known:
    """What is known before a list is looked at. What is not known is left out, and nothing is concluded from it.

    `org`: the organisation that the connection reads. `footer_promised`, `shrink_percent`, `shrink_rows`: the connection's settings.
    `baseline`: rows of the last valid list (`reading.size_of`). `last_taken_at`: when that one was taken.
    `overlap`: how many of this stock list's serials are stored, not gone, in each bucket. `stored`: how many serials are stored in its own.
    `for_sale`: loads for sale in the load history that is read together with this list of loads for sale.
    `part`: the load whose roster was asked for. `announced`: how many units the load lists say it has.
    `zone`: the account's, for times in sentences.
    """

    org: str
    footer_promised: bool = False
    shrink_percent: int = 50
    shrink_rows: int = 25
    baseline: int | None = None
    last_taken_at: datetime | None = None
    overlap: Mapping[str, int] = field(default_factory=dict)
    stored: int = 0
    for_sale: int | None = None
    part: str = ""
    announced: int | None = None
    zone: tzinfo = UTC


def doubts(
    feed: str,
    read: Parsed,
    *,
    known: Known,
    checksum: str = "",
    others: Mapping[str, str] | None = None,
    taken_at: datetime | None = None,
    filename: str = "",
) -> list[Doubt]:
    """Everything that speaks against the list `feed` that was read as `read`: what nobody can confirm first, warnings last.

    `checksum` is its own, `others` those of the other lists at hand by feed: the same content in two places is wrong in at least one of
    them, and both are doubted. `taken_at` is when it was taken. Each sentence begins with `filename` where one is given.
    """
    found = [
        *_footer(read, known),
        *_organisation(read, known),
        *_empty(feed, read, known),
        *_same(feed, read, checksum, others or {}),
        *_wrong_slot(feed, read, known),
        *_shrunken(feed, read, known),
        *_older(taken_at, known),
        *_differs(feed, read, known),
    ]
    found.sort(key=lambda doubt: (doubt.level == "warning", doubt.confirmable))
    return [_about(filename, doubt) for doubt in found] if filename else found


def standing(found: Sequence[Doubt], confirmed: Collection[str]) -> Doubt | None:
    """The first of `found` that keeps the list out of a run, the codes in `confirmed` having been put aside by a manager."""
    return next(
        (doubt for doubt in found if doubt.level == "invalid" and not (doubt.confirmable and doubt.code in confirmed)),
        None,
    )


def _about(filename: str, doubt: Doubt) -> Doubt:
    return replace(doubt, sentence=f"{filename}: {doubt.sentence}")


def _invalid(code: str, sentence: str, hint: str) -> Doubt:
    return Doubt(code, sentence, hint, code in CONFIRMABLE)


def _from(problem: FeedProblem | None) -> Iterator[Doubt]:
    if problem is not None:
        yield _invalid(problem.code, problem.sentence, problem.hint)


def _footer(read: Parsed, known: Known) -> Iterator[Doubt]:
    # Headings alone are an empty list, which a person can confirm, and not half of one.
    if isinstance(read, StockFeed) and (read.rows_read or read.footer is not None):
        yield from _from(check_footer(read, promised=known.footer_promised))


def _organisation(read: Parsed, known: Known) -> Iterator[Doubt]:
    if not isinstance(read, StockFeed):
        yield from _from(check_organisation(read, known.org))


def _empty(feed: str, read: Parsed, known: Known) -> Iterator[Doubt]:
    if isinstance(read, StockFeed):
        if read.footer is None or not (read.footer.serial_count or read.footer.bulk_units):
            yield from _from(check_empty(read))
    elif isinstance(read, RosterFeed):
        yield from _empty_roster(read, known)
    elif size_of(read):
        return
    elif feed == HISTORY and known.baseline:
        loads = "1 load was" if known.baseline == 1 else f"{known.baseline:,} loads were"
        yield _invalid(
            "empty", f"The load history is empty; {loads} in the last one.", "Confirm that it is really empty, or download it again."
        )
    elif feed == OPEN and known.for_sale is None and known.baseline:
        yield _invalid(
            "empty",
            "The list of loads for sale is empty, and there is no good load history that says so too.",
            "Bring the load history as well, or confirm that no load is for sale.",
        )
    elif feed == OPEN and known.for_sale:
        loads = "has a load" if known.for_sale == 1 else f"has {known.for_sale:,} loads"
        yield _invalid(
            "empty",
            f"The list of loads for sale is empty, but the load history {loads} for sale.",
            "Download both lists again, or confirm that no load is for sale.",
        )


def _empty_roster(read: RosterFeed, known: Known) -> Iterator[Doubt]:
    if not known.part:
        if not size_of(read):
            yield _invalid("empty", "The roster is empty.", "Confirm that it is really empty, or download it again.")
        return
    if any(row.load_number == known.part for row in read.rows) or (not read.rows and known.announced == 0):
        return
    if read.rows:
        number = read.rows[0].load_number
        yield _invalid(
            "wrong_load", f"This is the roster of load {number}, not of {known.part}.", f"Download the units of load {known.part}."
        )
        return
    much = "" if known.announced is None else f"; the load lists say that it has {known.announced:,}"
    yield _invalid("empty", f"The roster of load {known.part} has no unit{much}.", "Confirm that it is really empty, or download it again.")


def _same(feed: str, read: Parsed, checksum: str, others: Mapping[str, str]) -> Iterator[Doubt]:
    # Two lists without a row say the same and are right.
    if not checksum or feed == ROSTERS or not size_of(read):
        return
    twin = next((other for other, its in others.items() if its == checksum and other != feed), None)
    if twin is not None:
        yield _invalid(
            "same_file",
            f"The same content came as {named(feed)} and as {named(twin)}; one of them is in the wrong place.",
            f"Download {named(feed)} again. If this one is right, a manager can confirm it.",
        )


def _wrong_slot(feed: str, read: Parsed, known: Known) -> Iterator[Doubt]:
    own = bucket_of(feed)
    if not own or not isinstance(read, StockFeed):
        return
    listed = len({row.serial_key for row in read.rows if row.serial_key})
    if listed < EVIDENCE:
        return
    hint = f"Download {named(feed)} again and put it here. If this one is right, a manager can confirm it."
    other = max((bucket for bucket in BUCKETS if bucket != own), key=lambda bucket: known.overlap.get(bucket, 0))
    elsewhere, here = known.overlap.get(other, 0), known.overlap.get(own, 0)
    if elsewhere * 100 > listed * MOST_ELSEWHERE_PERCENT:
        yield _invalid(
            "wrong_slot",
            f"This looks like the {other} list, not {named(feed)}: {elsewhere:,} of its {listed:,} serials are stored in {other}.",
            hint,
        )
    elif known.stored >= EVIDENCE and here * 100 < min(known.stored, listed) * LEAST_KNOWN_PERCENT:
        in_it = {0: "none is", 1: "only 1 is"}.get(here, f"only {here:,} are")
        yield _invalid(
            "wrong_slot",
            f"This does not look like {named(feed)}: of the {known.stored:,} serials stored in {own}, {in_it} in it.",
            hint,
        )


def _shrunken(feed: str, read: Parsed, known: Known) -> Iterator[Doubt]:
    if feed == ROSTERS or known.baseline is None or _is_empty_without_proof(read):
        return
    size = size_of(read)
    lost = known.baseline - size
    if lost > known.shrink_rows and lost * 100 > known.baseline * known.shrink_percent:
        rows = "row" if size == 1 else "rows"
        yield _invalid(
            "shrunken",
            f"This export is much smaller than the last one: {size:,} {rows} instead of {known.baseline:,}.",
            "Download it again. If so much has really gone, a manager can confirm it.",
        )


def _is_empty_without_proof(read: Parsed) -> bool:
    """Whether `_empty` speaks of this list already."""
    return not size_of(read) and (not isinstance(read, StockFeed) or check_empty(read) is not None)


def _older(taken_at: datetime | None, known: Known) -> Iterator[Doubt]:
    if taken_at is None or known.last_taken_at is None or taken_at >= known.last_taken_at:
        return
    times = [f"{moment.astimezone(known.zone):%Y-%m-%d %H:%M:%S}" for moment in (taken_at, known.last_taken_at)]
    yield _invalid(
        "older",
        f"This list was taken at {times[0]}, before the one of {times[1]} that is in use.",
        "Bring a newer one. If this one is right all the same, a manager can confirm it.",
    )


def _differs(feed: str, read: Parsed, known: Known) -> Iterator[Doubt]:
    if feed == OPEN and isinstance(read, LoadFeed) and read.rows and known.for_sale is not None and known.for_sale != len(read.rows):
        yield Doubt(
            "open_differs",
            f"The list of loads for sale has {len(read.rows):,}, the load history has {known.for_sale:,} for sale.",
            "Usually a load was sold or built between the two downloads; the history counts.",
            confirmable=False,
            level="warning",
        )
