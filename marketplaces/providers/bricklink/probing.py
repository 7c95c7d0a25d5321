"""The test of a connection to BrickLink: which of its many ways to be wrong it is (docs/bricklink.md)."""

from __future__ import annotations

from marketplaces.providers.bricklink.client import Calls, session
from marketplaces.providers.bricklink.system import LABEL
from sync.models import Connection
from sync.wire.caller import Spending
from sync.wire.verdict import Verdict, verdict


def test(connection: Connection) -> Verdict:
    """Two calls: one that every good signature from the right address may make, and one for which the account must sell.

    Raises CredentialsUnreadable and WireError, which the caller puts into words.
    """
    spending = Spending(urgent=True)
    with session(connection, guarded=False) as wire:
        calls = Calls(wire)
        calls.read("/colors", spending)
        # Mostly an empty list, and so a small answer.
        calls.read("/inventories", spending, {"item_type": "unsorted_lot"})
    return verdict(None, system=LABEL)
