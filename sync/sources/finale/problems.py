"""What can be wrong with Finale's answers, each in its own words (docs/finale.md, “What can go wrong”).

Sentences name the account and the resource at most: never a key, a filter or anything of a body but the names of its columns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sync.feedproblem import FeedProblem
from sync.sources.finale.windows import Window
from sync.wire.errors import (
    BadCredentials,
    BudgetSpent,
    Refused,
    RetryLater,
    SessionExpired,
    Unreachable,
    WireError,
    WrongAnswer,
)

LABELS: Mapping[str, str] = {
    "products": "products",
    "stock": "stock",
    "places": "locations",
    "vendors": "suppliers",
    "orders": "orders",
    "shipments": "shipments",
}
"""What people call Finale's feeds."""

_NAMES = 12


def no_anchor(feed: str, anchor: str, columns: Collection[str]) -> FeedProblem:
    """The column that says which row is whose is not there, though others are."""
    return FeedProblem(
        "no_anchor",
        f"Finale's list of {_label(feed)} has no “{anchor}”, so its rows belong to nobody. It has: {_listed(columns)}.",
        "Finale has renamed it or its answer is broken. Nothing of the list is used until it is there again.",
    )


def no_column(feed: str, column: str, columns: Collection[str]) -> FeedProblem:
    """A column that is needed is not there: renamed or taken away."""
    return FeedProblem(
        "no_column",
        f"Finale's list of {_label(feed)} has no “{column}” any more. It has: {_listed(columns)}.",
        "Finale has renamed or removed the field. Nothing of the list is used: what is unknown is not zero.",
    )


def short_column(feed: str, column: str, length: int, rows: int) -> FeedProblem:
    """A column that is needed has more or fewer entries than there are rows: nobody can say which belong together."""
    return FeedProblem(
        "short_column",
        f"In Finale's list of {_label(feed)}, “{column}” has {length:,} entries for {rows:,} rows, so they can't be told apart.",
        "Try again; if it stays, tell Finale's support. Nothing of the list is used.",
    )


def short_column_left_out(feed: str, column: str, length: int, rows: int) -> str:
    """The same for a column that is not needed: a remark."""
    return f"In Finale's list of {_label(feed)}, “{column}” has {length:,} entries for {rows:,} rows. It is left out: stored values stay."


def not_a_table(feed: str) -> FeedProblem:
    """JSON, but not columns."""
    return FeedProblem(
        "not_a_table",
        f"Finale's list of {_label(feed)} is not a table of columns.",
        "The address may belong to something else. Test the connection.",
    )


def broken_off(feed: str) -> FeedProblem:
    """The JSON ends in the middle or makes no sense."""
    return FeedProblem(
        "broken_off",
        f"Finale's list of {_label(feed)} breaks off in the middle or is damaged.",
        "It is read again with the next run. Nothing of this one is used.",
    )


def cut(feed: str, rows: int, at: int) -> FeedProblem:
    """A list that can't be asked for in parts is as long as Finale's answers get, so its end is missing."""
    return FeedProblem(
        "cut",
        f"Finale's list of {_label(feed)} has {rows:,} rows. It cuts long lists without a word; "
        f"from {at:,} rows the end is taken to be missing.",
        "The whole list is read through GraphQL then. If that is refused too, nothing is removed or set to zero.",
    )


def stuck(feed: str, windows: Collection[Window], at: int) -> FeedProblem:
    """More rows were changed in one second than an answer holds."""
    first = min(windows)
    more = f", and in {len(windows) - 1:,} other seconds," if len(windows) > 1 else ""
    return FeedProblem(
        "one_second_too_full",
        f"{at:,} {_label(feed)} or more were changed at Finale in the second after {first.start:%Y-%m-%d %H:%M:%S} UTC{more} "
        "and can't be read by their dates.",
        "They are read through GraphQL. If that is refused too, the list counts as incomplete: nothing is removed.",
    )


def shrunken(feed: str, rows: int, before: int) -> FeedProblem:
    """So much less than last time that it is rather a broken answer."""
    return FeedProblem(
        "shrunken",
        f"Finale's list of {_label(feed)} has {rows:,} rows; the last complete one had {before:,}.",
        "If that is right, confirm it on the connection's page. Until then nothing is removed or set to zero.",
    )


def empty(feed: str) -> FeedProblem:
    """Not one row of what had many: an answer that came to nothing rather than an account that was emptied."""
    return FeedProblem(
        "empty",
        f"Finale's list of {_label(feed)} has no row at all, and products of it are known here.",
        "Test the connection and look into Finale. Nothing is removed.",
    )


def told(error: WireError, *, account: str, feed: str, now: datetime) -> WireError:
    """The same error in Finale's words: wrong account, wrong key, missing right, spent budget, too wide a range and Finale down apart.

    A spent budget of Finale's own becomes BudgetSpent, so that the run goes on when calls fit again.
    """
    what = _label(feed)
    if isinstance(error, RetryLater) and error.code == "too_many_calls":
        return BudgetSpent("Finale has had as many calls as it allows (429).", until=now + timedelta(seconds=max(error.after, 1.0)))
    if isinstance(error, RetryLater):
        return RetryLater(
            f"Finale is down or busy ({error.http_status}).",
            after=error.after,
            code=error.code,
            http_status=error.http_status,
            body=error.body,
        )
    if isinstance(error, BadCredentials) and error.http_status is not None:
        return BadCredentials(
            "Finale refused the API key (401).",
            hint="Enter key and secret again, as Finale shows them under Application settings, Users, API keys.",
            code=error.code,
            http_status=error.http_status,
            certain=error.certain,
        )
    if isinstance(error, Refused):
        return _refused(error, account, what)
    if isinstance(error, SessionExpired) or error.code == "redirect":
        return WrongAnswer(
            f"Finale's answer for {what} was a redirect. It is not followed, because the key would go along. {error.sentence}",
            code="redirect",
            hint="Check the address and the account of the connection: they must be the final ones.",
            http_status=error.http_status,
        )
    if isinstance(error, WrongAnswer):
        return _wrong(error, what)
    if isinstance(error, Unreachable):
        return Unreachable(f"Finale can't be reached. {error.sentence}", hint=error.hint, code=error.code)
    return error


def _refused(error: Refused, account: str, what: str) -> Refused:
    sentence, hint, code = f"Finale refused to give its {what} ({error.http_status}).", error.hint, error.code
    if code == "forbidden":
        sentence = f"The API key has no right to read Finale's {what} (403)."
        hint = "Give the user of the key that right in Finale, or use another key."
    elif code == "not_found":
        sentence = f"Finale has no {what} for an account “{account}” (404)."
        hint = "Check the account: it is the first part of the path in the browser after signing in to Finale."
    elif error.http_status == 400:
        sentence, code = f"Finale refused the range of dates for {what} (400).", "range_refused"
        hint = "It takes at most 30 days at once. Lower “Days in a window” in the connection's settings."
    return Refused(sentence, hint=hint, code=code, http_status=error.http_status)


def _wrong(error: WrongAnswer, what: str) -> WrongAnswer:
    sentence, hint = {
        "html": (
            f"Finale answered with a web page instead of its {what}.",
            "The key may have been withdrawn, the account be wrong, or Finale under maintenance. It never means that there is nothing.",
        ),
        "half_body": (f"Finale's answer with the {what} broke off in the middle.", "It is tried again by itself. Nothing of it is used."),
        "content_type": (f"Finale's answer for {what} is not JSON.", "The address may belong to something else. Test the connection."),
        "blank": (
            f"Finale's answer for {what} is blank.",
            "It is read again with the next run. A blank answer never means that there is nothing.",
        ),
        "json_shape": (
            f"Finale's answer for {what} is not a table of columns.",
            "The address may belong to something else. Test the connection.",
        ),
        "not_json": (f"Finale's answer for {what} can't be read as JSON.", "It is tried again by itself. Nothing of it is used."),
        "too_large": (f"Finale's answer with the {what} is larger than can be taken.", "Lower “Days in a window” in the settings."),
    }.get(error.code, (error.sentence, error.hint))
    return WrongAnswer(sentence, hint=hint, code=error.code, http_status=error.http_status, may_have_acted=error.may_have_acted)


def _label(feed: str) -> str:
    return LABELS.get(feed, feed)


def _listed(columns: Collection[str]) -> str:
    names = [f"“{name[:40]}”" for name in list(columns)[:_NAMES]]
    more = len(columns) - len(names)
    return f"{', '.join(names) or 'nothing'}{f' and {more} more' if more > 0 else ''}"
