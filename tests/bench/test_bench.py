"""The measurements themselves, tiny: that they run, that floor and engine come to the same store, that each line has its verdict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from bench.stores import Stores

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite"
pytestmark = pytest.mark.django_db
needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="The drill kills forked processes.")
Called = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def template(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The URL of a copy of the test database, for measurements to copy instead of making all tables again."""
    with django_db_blocker.unblock():
        stores = Stores()
        name = stores.copy("bench")
        url = f"sqlite:///{name}" if DATABASE == "sqlite" else urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    yield url
    with django_db_blocker.unblock():
        stores.drop()


@pytest.fixture
def called(template: str) -> Called:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments, "--only", DATABASE]
        environment = {**os.environ, "BENCH_TEMPLATE": template}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)

    return call


def test_measurements_are_printed_with_their_verdicts(called: Called, tmp_path: Path) -> None:
    sizes = ("--repeat", "1", "--units", "120", "--changes", "1200", "--part", "sync", "--part", "pages")
    said = called("bench", *sizes, "--json", str(tmp_path / "bench.json"))
    assert said.returncode == 0, said.stderr
    found = json.loads((tmp_path / "bench.json").read_text())
    sync = {line["scenario"]: line for line in found["sync"]}
    assert list(sync) == ["first sync", "the same again", "next day"]
    assert sync["first sync"]["units"] == 1581
    assert sync["the same again"]["rowsWritten"] == sync["the same again"]["changes"] == 0
    assert sync["next day"]["moved"] > 50
    assert {line["queriesFew"] - line["queriesMany"] for line in found["pages"]} == {0}
    assert all(line["verdict"] for line in found["sync"] + found["pages"])
    assert "GE unified sync" in said.stdout


def test_finale_s_loads_come_to_what_the_floor_comes_to(called: Called, tmp_path: Path) -> None:
    sizes = ("--repeat", "1", "--catalogue", "300", "--small", "60", "--part", "finale")
    said = called("bench", *sizes, "--json", str(tmp_path / "bench.json"))
    assert said.returncode == 0, said.stderr
    first, same, some, stock, critical = json.loads((tmp_path / "bench.json").read_text())["finale"]
    # Beside the stand-in's 300 products its stock, suppliers and places.
    assert first["rowsWritten"] > 900
    assert same["rowsWritten"] == same["changes"] == same["floorRowsWritten"] == 0
    # 3 products and a line of stock of each.
    assert (some["changes"], some["scenario"]) == (6, "1 % changed")
    assert stock["statements"] < 200 > critical["statements"]
    assert "Finale's loads" in said.stdout


def test_odoo_s_moves_come_to_what_the_floor_comes_to(called: Called, tmp_path: Path) -> None:
    said = called("bench", "--repeat", "1", "--moves", "700", "--part", "odoo", "--json", str(tmp_path / "bench.json"))
    assert said.returncode == 0, said.stderr
    first, again, some = json.loads((tmp_path / "bench.json").read_text())["odoo"]
    assert first["changes"] == first["floorRowsWritten"] == 700
    assert again["rowsWritten"] == again["changes"] == again["floorRowsWritten"] == 0
    assert 0 < some["changes"] == some["floorRowsWritten"] < 20
    assert "Odoo's stock moves" in said.stdout


def test_ledger_is_measured_beside_its_floors(called: Called, tmp_path: Path) -> None:
    sizes = ("--repeat", "1", "--lines", "600", "--products", "300", "--part", "till", "--part", "day", "--part", "reconcile")
    said = called("bench", *sizes, "--json", str(tmp_path / "bench.json"))
    assert said.returncode == 0, said.stderr
    found = json.loads((tmp_path / "bench.json").read_text())
    till, again = found["till"]
    assert till["booked"] + till["short"] == again["repeated"] == 600
    # A sale each, and an allocation and a movement for each take: about one for each line.
    assert 1700 < till["floorRows"] < 2000
    clean, mended = found["reconcile"]
    assert (clean["drifted"], mended["corrected"]) == (0, 3)
    day, as_before, some = found["day"]
    assert (day["inserted"], day["held"], as_before["inserted"], as_before["unchanged"]) == (594, 6, 0, 594)
    assert some["removed"] == some["inserted"] == 2
    assert all(line["verdict"] for line in found["till"] + found["day"] + found["reconcile"])
    assert "first expired first" in said.stdout


def test_pushes_are_measured_from_the_save_to_the_call(called: Called, tmp_path: Path) -> None:
    sizes = ("--pushed", "4", "--saves", "3", "--lots", "40", "--part", "push")
    said = called("bench", *sizes, "--json", str(tmp_path / "bench.json"))
    assert said.returncode == 0, said.stderr
    called_at_once, paused, compared = json.loads((tmp_path / "bench.json").read_text())["push"]
    assert (called_at_once["edits"], paused["edits"], paused["items"]) == (3, 20, 4)
    # Whatever an item went through, it is one call.
    assert paused["calls"] <= 4
    # 36 of the 40 lots were put there; one of them was told otherwise.
    assert (compared["lots"], compared["calls"], compared["differences"]) == (40, 1, 1)
    assert "saved to called" in said.stdout


@needs_fork
def test_drill_kills_workers_and_everything_holds(called: Called) -> None:
    said = called(
        "bench.drill",
        "--points",
        "2",
        "--push-points",
        "2",
        "--worker-points",
        "0",
        "--finale-points",
        "1",
        "--catalogue",
        "60",
        "--odoo-points",
        "0",
        "--seed",
        "3",
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert "2 points" in said.stdout
    assert "EVERYTHING HELD" in said.stdout
