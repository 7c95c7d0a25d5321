"""The business account that measurements and drills work in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.acting import Actor
from accounts.membership import create_account
from accounts.models import Account
from sandbox.demo import GE_TOKEN
from sandbox.finale import keys as finale
from sandbox.ge.world import ORG
from sandbox.odoo import keys as odoo
from sync import connections
from sync.models import Connection


@dataclass(frozen=True)
class Shop:
    """An account with a connection to the sandbox."""

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


def open_finale(sandbox: str, name: str = "Bench") -> Shop:
    """A new account with a connection to the sandbox's Finale, with as many calls as the settings allow."""
    account = create_account(name=name)
    owner = Actor.system(account, "Bench")
    many = 10_000
    connection = connections.add(
        owner,
        system="finale",
        name="Finale",
        base_url=f"{sandbox}/finale",
        settings={"account": finale.ACCOUNT, "start": "2012-01-01", "get_minute": many, "collections_hour": many},
        secrets=finale.SECRETS,
    )
    return Shop(account, owner, connection)


def open_odoo(sandbox: str, name: str = "Bench", **settings: Any) -> Shop:
    """A new account with a connection to the sandbox's Odoo, with as many calls as the settings allow and these `settings` beside."""
    account = create_account(name=name)
    owner = Actor.system(account, "Bench")
    connection = connections.add(
        owner,
        system="odoo",
        name="Odoo",
        base_url=f"{sandbox}/odoo",
        settings={**odoo.SETTINGS, "calls_minute": 10_000, **settings},
        secrets=odoo.SECRETS,
    )
    return Shop(account, owner, connection)
