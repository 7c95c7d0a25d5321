"""Whether a connection leads to the stock of its Finale account: the log-in alone says little (docs/finale.md, “Connection test”)."""

from __future__ import annotations

from accounts.errors import Problem
from sync.feedproblem import FeedProblem
from sync.models.connection import Connection
from sync.sources.finale import mapping
from sync.sources.finale.client import Client, client_for
from sync.sources.finale.options import SettingsIncomplete, options_of
from sync.wire.verdict import Finding, Verdict, verdict


def test(connection: Connection) -> Verdict:
    """Read the stock, and the locations where there is none. One or two calls of the hour's lists."""
    try:
        account = options_of(connection).account
        client = client_for(connection, guarded=False)
        rows = _rows(client, "stock")
        if not rows:
            return _without_stock(client, account)
    except FeedProblem as problem:
        return Verdict(Finding.NOT_WHAT_IT_CLAIMS, problem.sentence, problem.hint)
    except SettingsIncomplete as problem:
        return Verdict(Finding.WRONG_ACCOUNT, problem.sentence, problem.hint)
    except Problem as problem:
        return verdict(problem, system="Finale")
    return Verdict(Finding.OK, f"Finale answers; the account “{account}” has {rows:,} row{'' if rows == 1 else 's'} of stock.")


def _without_stock(client: Client, account: str) -> Verdict:
    places = _rows(client, "places")
    if not places:
        return Verdict(
            Finding.WRONG_ACCOUNT,
            f"Finale answers, but shows neither stock nor locations of the account “{account}”.",
            "Check the account, and that the user of the key may see stock and locations.",
        )
    return Verdict(
        Finding.OK,
        f"Finale answers; the account “{account}” has {places:,} locations and no stock at all.",
        "If there should be stock, check that the user of the key may see it.",
    )


def _rows(client: Client, feed: str) -> int:
    with mapping.table(feed, client.fetch(feed).body) as found:
        return found.received
