"""Whether a connection leads to the stock of its Odoo: the log-in alone says little (docs/odoo.md, “Connecting”)."""

from __future__ import annotations

from accounts.errors import Problem
from sync.feedproblem import FeedProblem
from sync.models.connection import Connection
from sync.sources.odoo import problems
from sync.sources.odoo.client import Client, client_for
from sync.sources.odoo.jsonrpc import NAME as JSONRPC
from sync.sources.odoo.options import SettingsIncomplete
from sync.sources.odoo.versions import OLDEST
from sync.wire.errors import WireError
from sync.wire.verdict import Finding, Verdict, verdict

NEEDED = ("product.product", "stock.location", "stock.move", "purchase.order", "purchase.order.line")
"""What every sync rests upon: all fields of them that are needed have to be there."""
_WRONG = {"no_database": Finding.WRONG_ACCOUNT, "no_model": Finding.WRONG_ACCOUNT, "forbidden": Finding.BAD_SECRET}


def test(connection: Connection) -> Verdict:
    """Ask for the version, the needed fields, and whether warehouses can be seen. At most nine calls."""
    try:
        client = client_for(connection, guarded=False)
        for model in NEEDED:
            client.known(model)
        found = client.count("stock.warehouse", [])
    except FeedProblem as problem:
        return Verdict(Finding.NOT_WHAT_IT_CLAIMS, problem.sentence, problem.hint)
    except SettingsIncomplete as problem:
        return Verdict(Finding.WRONG_ACCOUNT, problem.sentence, problem.hint)
    except WireError as problem:
        if problem.code in _WRONG:
            return Verdict(_WRONG[problem.code], problem.sentence, problem.hint)
        return verdict(problem, system="Odoo")
    except Problem as problem:
        return verdict(problem, system="Odoo")
    return _good(client, found)


def _good(client: Client, found: int) -> Verdict:
    through = "JSON-RPC" if client.api == JSONRPC else "JSON-2"
    if not found:
        return Verdict(
            Finding.WRONG_ACCOUNT,
            f"Odoo {client.version} answers through {through}, but shows no {problems.words('stock.warehouse')}.",
            "Check the company in the settings, and that the user may see stock.",
        )
    old = f"Odoo {OLDEST} is the oldest version this was made for." if client.version.major < OLDEST else ""
    count = "one warehouse" if found == 1 else f"{found:,} warehouses"
    return Verdict(Finding.OK, f"Odoo {client.version} answers through {through} and shows {count}.", old)
