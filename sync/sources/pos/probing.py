"""Whether a connection leads to a till that can be read: its server, its login, its tables (docs/till.md, “Connection test”)."""

from __future__ import annotations

from accounts.errors import Problem
from sync.feedproblem import FeedProblem
from sync.models.connection import Connection
from sync.sources.pos.client import Client, client_for
from sync.sources.pos.options import SettingsIncomplete, options_of
from sync.sources.pos.schema import RECORDED, SERIAL
from sync.sources.pos.system import BRANCHES, RETURNS, SALES
from sync.wire.verdict import Finding, Verdict, verdict

_WRONG_ACCOUNT = frozenset({"no_database", "no_file", "forbidden"})


def test(connection: Connection) -> Verdict:
    """Sign in, ask what day it is and which tables there are."""
    try:
        options = options_of(connection)
        client = client_for(connection, guarded=False)
    except SettingsIncomplete as problem:
        return Verdict(Finding.WRONG_ACCOUNT, problem.sentence, problem.hint)
    try:
        return _looked(client, returns=options.returns, encrypted=options.encrypted or not options.host)
    except FeedProblem as problem:
        return Verdict(Finding.NOT_WHAT_IT_CLAIMS, problem.sentence, problem.hint)
    except SettingsIncomplete as problem:
        return Verdict(Finding.WRONG_ACCOUNT, problem.sentence, problem.hint)
    except Problem as problem:
        if problem.code in _WRONG_ACCOUNT:
            return Verdict(Finding.WRONG_ACCOUNT, problem.sentence, problem.hint)
        return verdict(problem, system="The till")
    finally:
        client.close()


def _looked(client: Client, *, returns: bool, encrypted: bool) -> Verdict:
    day, shape = client.today(), client.shape()
    shape.check(SALES)
    if returns:
        shape.check(RETURNS)
    said = [f"The till answers; it is {day:%-d %B %Y} there. Its sales{' and sales returns' if returns else ''} can be read."]
    hints = []
    if not shape.has(SALES, SERIAL):
        said.append("Its lines have no numbers: they are told apart by what they say.")
    if not shape.has(SALES, RECORDED):
        hints.append("It does not keep when a line was recorded: what is typed in late is found within the days looked back alone.")
    if not shape.tables.get("gen_branchtab"):
        hints.append(f"It has no table of branches ({BRANCHES}): branches are known by their codes.")
    if not encrypted:
        hints.append("The line is not encrypted.")
    return Verdict(Finding.OK, " ".join(said), " ".join(hints))
