"""The business account that measurements and drills work in."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.acting import Actor
from accounts.membership import create_account
from accounts.models import Account
from sandbox.demo import GE_TOKEN
from sandbox.ge.world import ORG
from sync import connections
from sync.models import Connection


@dataclass(frozen=True)
class Shop:
    """An account with a connection to the sandbox's GE."""

    account: Account
    owner: Actor
    connection: Connection


def open_shop(sandbox: str, name: str = "Bench") -> Shop:
    """A new one; `sandbox` is the address of the running sandbox."""
    account = create_account(name=name)
    owner = Actor.system(account, "Bench")
    connection = connections.add(
        owner,
        system="ge",
        name="GE",
        base_url=f"{sandbox}/ge",
        settings={"transport": "http", "org": ORG},
        secrets={"token": GE_TOKEN},
    )
    return Shop(account, owner, connection)
