"""The same day, uploaded as spreadsheets, read from a server and dropped into a folder, comes to the same plan and the same stock."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.ge.rows import TOKEN
from sandbox.server import Sandbox
from sync import connections
from sync.models import Connection, Kind, Status
from tests.build import make_account, make_actor
from tests.sandbox import calls
from tests.sync.ge import dump
from tests.sync.ge.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

FILES = {
    "stock:FG": "fg.xls",
    "stock:ASIS": "stock-asis-2026.xls",
    "stock:STA": "STA.XLS",
    "loads:open": "loads-open.xls",
    "loads:history": "load-history.xls",
    "load:units": "rosters.csv",
}


def spreadsheets(sandbox: Sandbox) -> dict[str, bytes]:
    """Everything a person can download, the rosters put together into one file."""
    found = {kind: calls.download(sandbox, kind).content for kind in calls.FORMS}
    numbers = [row["loadNumber"] for row in calls.rows(sandbox, "/loads", org="7QX", scope="history")]
    rows: list[list[str]] = []
    for number in numbers:
        lines = list(csv.reader(io.StringIO(calls.download_roster(sandbox, number).text)))
        rows += lines if not rows else lines[1:]
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return {**found, "load:units": target.getvalue().encode()}


def make_shop(name: str, transport: str, **named: Any) -> Shop:
    account = make_account(name)
    owner = make_actor(account)
    settings = {"transport": transport, "org": "7QX", **named.pop("settings", {})}
    return Shop(account, owner, connections.add(owner, system="ge", name="GE", settings=settings, **named))


def deliver(shops: Mapping[str, Shop], lists: Mapping[str, bytes], folder: Path) -> None:
    shops["upload"].bring(lists)
    for feed, content in lists.items():
        (folder / FILES[feed]).write_bytes(content)


def test_every_way_in_comes_to_the_same(sandbox: Sandbox, tmp_path: Path, settings: Any) -> None:
    settings.DROP_ROOT = tmp_path
    folder = tmp_path / "folder" / "ge"
    folder.mkdir(parents=True)
    shops = {
        "upload": make_shop("upload", "upload"),
        "http": make_shop("http", "http", base_url=f"{sandbox.url}/ge", secrets={"token": TOKEN}),
        "folder": make_shop("folder", "folder", settings={"folder": "ge"}),
    }
    for day in range(2):
        if day:
            sandbox.control(action="next-day")
        deliver(shops, spreadsheets(sandbox), folder)
        if day:
            previews = [shop.sync(kind=Kind.PREVIEW) for shop in shops.values()]
            assert len({run.plan_digest for run in previews}) == 1
            assert len({dump.plan(run) for run in previews}) == 1
        runs = {name: shop.sync() for name, shop in shops.items()}
        assert {name: (run.status, run.errors) for name, run in runs.items()} == dict.fromkeys(shops, (Status.SUCCEEDED, []))
        assert len({dump.changes(run) for run in runs.values()}) == 1
        assert len({dump.store(shop.connection) for shop in shops.values()}) == 1
        assert runs["http"].changes_logged > 0
        assert runs["http"].counters == runs["upload"].counters == runs["folder"].counters
    assert Connection.objects.count() == 3
