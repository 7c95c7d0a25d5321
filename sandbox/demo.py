"""Bring a data folder to the state in which the demo can start: schema, static files, demo account. Standard library only."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox import bricks, keys
from sandbox.bricklink import keys as bricklink_keys
from sandbox.brickowl import keys as brickowl_keys
from sandbox.bricks import Bricks
from sandbox.children import Broken, lines_of, shown
from sandbox.finale import keys as finale_keys
from sandbox.hub import Hub
from sandbox.odoo import keys as odoo_keys
from sandbox.shop import Shop
from sandbox.till import system as till_system

ACCOUNT = "Demo Appliances"
SLUG = "demo-appliances"
LOGINS = {"demo": "owner", "demo-manager": "manager", "demo-staff": "staff", "demo-viewer": "viewer"}
CONNECTION = "GE dealer account"
GE_TOKEN = "sandbox-ge-token"
BRICKLINK, BRICKOWL = "BrickLink store", "Brick Owl store"
FINALE = "Finale"
ODOO = "Odoo"
TILL = "Till"
WAREHOUSES = ("Central", "Clifton", "Saddar")
"""Odoo's, which begin here with what Odoo has."""
COUNTERS = {"001": "Clifton", "002": "Saddar"}
"""Half of the till's branches, with Odoo's warehouses; the others are left for people to assign."""
_TRIES = 3


class Demo:
    """One data folder and the commands that fill it. What was done is kept in `run.json`, so that a second start skips it."""

    def __init__(self, root: Path, data: Path, python: Path, env: dict[str, str]) -> None:
        self._root, self._data, self._python, self._env = root, data, python, env
        self._done_file = data / "run.json"
        default_database = "DATABASE_URL" not in env
        lost = default_database and not (data / "levelstock.sqlite3").exists()
        self._done: dict[str, str] = {} if lost or not self._done_file.exists() else json.loads(self._done_file.read_text(encoding="utf-8"))

    def manage(self, *arguments: str, **extra: str) -> list[str]:
        """Run a command of the product and return its output. Raises Broken with that output when it fails."""
        seen: list[str] = []
        try:
            for line in lines_of([str(self._python), "manage.py", *arguments], env={**self._env, **extra}, cwd=self._root):
                seen.append(line)
        except Broken as error:
            raise Broken("\n".join([f"manage.py {' '.join(arguments[:2])} failed:", *seen[-15:]])) from error
        return seen

    def once(self, step: str, mark: str, do: Callable[[], object]) -> None:
        """Do `step` unless it was done for the same `mark`."""
        database = hashlib.sha256(self._env.get("DATABASE_URL", "").encode()).hexdigest()
        mark = f"{mark} {database}"
        if self._done.get(step) == mark:
            return
        started = time.monotonic()
        print(f"{step}: …", flush=True)
        do()
        self._done[step] = mark
        self._done_file.write_text(json.dumps(self._done), encoding="utf-8")
        print(f"{step}: done in {time.monotonic() - started:.1f} s", flush=True)

    def prepare(self, sandbox_url: str) -> None:
        """Schema, static files, account, logins, connection and token."""
        packages = _digest(self._root, "requirements*.txt")
        self.once("database", packages + _digest(self._root, "*/migrations/*.py"), lambda: self.manage("migrate", "--noinput"))
        self.once("static files", packages + _digest(self._root, "static/**/*"), lambda: self.manage("collectstatic", "--noinput"))
        self.once("demo account", "1", self._account)
        self.once("connection to the sandbox", sandbox_url, lambda: self._connection(sandbox_url))
        self.once("connections to the marketplaces", sandbox_url, lambda: self._marketplaces(sandbox_url))
        self.once("connection to Finale", sandbox_url, lambda: self._finale(sandbox_url))
        self.once("connection to Odoo", sandbox_url, lambda: self._odoo(sandbox_url))
        self.once("connection to the till", "1", self._till)

    def _account(self) -> None:
        known = keys.credentials(self._data)
        self.manage("account", "add", ACCOUNT, "--if-missing")
        for name, role in LOGINS.items():
            member = ("member", "add", name, "--account", SLUG, "--role", role, "--password-env", "DEMO_PASSWORD", "--if-missing")
            self.manage(*member, DEMO_PASSWORD=known["PASSWORD"])
        if "API_TOKEN" not in known:
            said = self.manage("token", "add", "--member", "demo", "--account", SLUG, "--name", "make run")
            keys.write(self._data / "credentials", {**known, "API_TOKEN": said[-1].split()[-1]})

    def _connection(self, sandbox_url: str) -> None:
        where = ("--account", SLUG, "--name", CONNECTION, "--url", f"{sandbox_url}/ge")
        settings = ("--set", "transport=http", "--set", "org=7QX", "--secret", f"token={GE_TOKEN}")
        self.manage("connection", "add", "ge", *where, *settings, "--if-missing")

    def _marketplaces(self, sandbox_url: str) -> None:
        def connect(system: str, name: str, path: str, secrets: dict[str, str]) -> None:
            where = ("--account", SLUG, "--name", name, "--url", f"{sandbox_url}/{path}")
            given = [part for secret, value in secrets.items() for part in ("--secret", f"{secret}={value}")]
            self.manage("connection", "add", system, *where, *given, "--if-missing")

        connect("bricklink", BRICKLINK, "bricklink/api/store/v1", bricklink_keys.SECRETS)
        connect("brickowl", BRICKOWL, "brickowl/v1", brickowl_keys.SECRETS)

    def _finale(self, sandbox_url: str) -> None:
        where = ("--account", SLUG, "--name", FINALE, "--url", f"{sandbox_url}/finale", "--set", f"account={finale_keys.ACCOUNT}")
        given = [part for secret, value in finale_keys.SECRETS.items() for part in ("--secret", f"{secret}={value}")]
        self.manage("connection", "add", "finale", *where, *given, "--if-missing")

    def _odoo(self, sandbox_url: str) -> None:
        where = ("--account", SLUG, "--name", ODOO, "--url", f"{sandbox_url}/odoo")
        settings = [part for name, value in odoo_keys.SETTINGS.items() for part in ("--set", f"{name}={value}")]
        secrets = [part for name, value in odoo_keys.SECRETS.items() for part in ("--secret", f"{name}={value}")]
        self.manage("connection", "add", "odoo", *where, *settings, *secrets, "--if-missing")

    def _till(self) -> None:
        where = ("--account", SLUG, "--name", TILL, "--set", "dialect=sqlite", "--set", f"file={till_system.FILE}")
        self.manage("connection", "add", "pos", *where, "--if-missing")

    def first_sync(self) -> None:
        """Fill the empty database over HTTP, with the command's own progress bar. A failure is said; it doesn't stop the start."""
        self._or_say("first sync", lambda: self._synced("ge", "inventory", CONNECTION))
        self._or_say("first sync of Finale", lambda: self._synced("finale", "full", FINALE))
        self._or_say("first orders and sales of Finale", lambda: self._synced("finale", "orders", FINALE))
        self._or_say("first master data of Odoo", lambda: self._synced("odoo", "master", ODOO))
        self._or_say("first stock moves of Odoo", lambda: self._synced("odoo", "transactional", ODOO))

    def _synced(self, system: str, scope: str, connection: str) -> None:
        asked = (scope, "--system", system, "--connection", connection, "--account", SLUG, "--wait")
        for _ in range(_TRIES):
            # The worker's clock may have begun this very sync: then it is refused, and the next one finds all as it is.
            if not shown([str(self._python), "manage.py", "sync", *asked], env=self._env, cwd=self._root):
                return
            time.sleep(2)
        raise Broken("The first sync did not succeed; the run's page says why. Sync again from the connection's page.")

    def openings(self, address: str) -> None:
        """Begin Odoo's warehouses with what Odoo has in them, through the API at `address`. A failure is said."""
        hub = Hub(address, keys.credentials(self._data)["API_TOKEN"])
        for name in WAREHOUSES:
            self._or_say(f"opening of {name}", partial(self._opened, hub, name))

    def _opened(self, hub: Hub, name: str) -> None:
        connection = next(row["id"] for row in hub.all("/api/connections") if row["name"] == ODOO)
        warehouse = next((row["id"] for row in hub.all("/api/warehouses") if row["name"] == name), None)
        if warehouse is None:
            raise Broken(f"The warehouse {name} of Odoo is not there yet. Propose a count of it from the connection's places.")
        proposed = hub.post(f"/api/connections/{connection}/count", {"warehouse": warehouse}, key=f"demo opening {name}")
        hub.post(f"/api/counts/{proposed['count']}/approve", {})

    def till(self, address: str) -> None:
        """Name the till's branches, assign half of them through the API at `address`, and read two weeks of sales. A failure is said."""
        self._or_say("branches of the till", lambda: self._synced("pos", "branches", TILL))
        self._or_say("counters of the till", lambda: self._counters(Hub(address, keys.credentials(self._data)["API_TOKEN"])))
        self._or_say("first sales of the till", lambda: self._synced("pos", "sales", TILL))
        self._or_say("first sales returns of the till", lambda: self._synced("pos", "sales-returns", TILL))

    def _counters(self, hub: Hub) -> None:
        connection = next(row["id"] for row in hub.all("/api/connections") if row["name"] == TILL)
        warehouses = {row["name"]: row["id"] for row in hub.all("/api/warehouses")}
        for branch, name in COUNTERS.items():
            if name not in warehouses:
                raise Broken(f"The warehouse {name} of Odoo is not there yet: the till's branch {branch} is left to be assigned by hand.")
            hub.post("/api/places", {"connection": connection, "place": branch, "warehouse": warehouses[name]})

    def shop(self, address: str) -> None:
        """Give the demo account a shop with a ledger, through the API at `address`. A failure is said; it doesn't stop the start."""
        self._or_say("demo shop", Shop(address, keys.credentials(self._data)["API_TOKEN"]).fill)

    def bricks(self, address: str, sandbox_url: str) -> None:
        """Give it items to sell on both marketplaces, and one of them a lot that nobody knows. A failure is said."""
        self._or_say("lot on the site", lambda: bricks.add_on_site(sandbox_url))
        self._or_say("demo items", Bricks(address, keys.credentials(self._data)["API_TOKEN"]).fill)

    def _or_say(self, step: str, do: Callable[[], object]) -> None:
        try:
            self.once(step, "1", do)
        except Broken as error:
            print(error, flush=True)


def _digest(root: Path, pattern: str) -> str:
    digest = hashlib.sha256()
    for path in sorted(root.glob(pattern)):
        if path.is_file():
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()
