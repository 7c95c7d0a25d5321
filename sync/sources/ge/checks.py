"""Whether a list as a whole can be believed."""

from __future__ import annotations

from sync.feedproblem import FeedProblem
from sync.sources.ge.rows import LoadFeed, RosterFeed, StockFeed

_AGAIN = "Download the list again and wait until it is complete."


def check_footer(feed: StockFeed, *, promised: bool) -> FeedProblem | None:
    """What the Total row says against what was read; None when it fits, or when there is none and none was promised."""
    footer = feed.footer
    if footer is None:
        if not promised:
            return None
        return FeedProblem("footer_missing", "The file is incomplete: its last row, the Total, is missing.", _AGAIN)
    if promised and footer.serial_count is None:
        return FeedProblem("footer_missing", "The Total row does not say how many serials there are.", _AGAIN)
    if promised and footer.bulk_units is None and feed.bulk_units_read:
        return FeedProblem("footer_missing", "The Total row does not say how many units without serials there are.", _AGAIN)
    for announced, read, what in (
        (footer.serial_count, feed.serials_read, "serials"),
        (footer.bulk_units, feed.bulk_units_read, "units without serials"),
    ):
        if announced is not None and announced != read:
            start = "The file is incomplete" if read < announced else "The file does not add up"
            return FeedProblem("footer_mismatch", f"{start}: it announces {announced:,} {what}, {read:,} were read.", _AGAIN)
    return None


def check_empty(feed: StockFeed) -> FeedProblem | None:
    """A list without a single row whose footer does not say so."""
    footer = feed.footer
    if feed.rows_read or (footer is not None and footer.serial_count == 0 and not footer.bulk_units):
        return None
    return FeedProblem("empty", "The export is empty. Nothing was changed.", "Confirm that it is really empty, or download it again.")


def check_organisation(feed: LoadFeed | RosterFeed, org: str) -> FeedProblem | None:
    """A list that holds a load of another organisation than `org` (three characters; GE also writes a digit before them).

    A load number begins with the code of its organisation, and the history names it in a column of its own.
    """
    for row in feed.rows:
        if isinstance(feed, RosterFeed):
            number, named = row.load_number, ""  # type: ignore[union-attr]
        else:
            number, named = row.number, row.org or ""  # type: ignore[union-attr]
        if not _belongs(named or number[: len(org)], org):
            whose = named or number[: len(org)]
            return FeedProblem(
                "wrong_organisation",
                f"This file is for another warehouse: load {number} belongs to {whose}, this connection reads {org}.",
                "Upload the list of this warehouse, or correct the organisation in the connection's settings.",
            )
    return None


def _belongs(code: str, org: str) -> bool:
    code, org = code.upper(), org.upper()
    return code == org or (len(code) == len(org) + 1 and code[0].isdigit() and code[1:] == org)
