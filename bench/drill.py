"""`make drill`: workers killed at any moment and an outside full of faults, and what survives of it (docs/bench.md)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any

from bench import place
from bench.table import table

LEASE_SECONDS = 2
"""A worker's lease on its run during the drill, so that nobody has to wait a minute for each death."""

SLICE_SECONDS = 2
"""How long a run works before it lets others have their turn, so that long ones are put down and taken up again. A large catalogue has
longer, as outside of a drill: the beginning of each turn, in which all of it is compared, is no part of what is written then."""


def main() -> int:
    """0 when everything held, 1 when something did not, 2 when the drill itself broke."""
    parser = argparse.ArgumentParser(prog="bench.drill", description="Break things on purpose. Everything happens in a temporary folder.")
    parser.add_argument("--points", type=int, default=200, help="syncs under fire, shared among the databases (default 200)")
    parser.add_argument("--push-points", type=int, default=200, help="pushes under fire, shared among the databases (default 200)")
    parser.add_argument("--worker-points", type=int, default=2, help="deaths of the real worker, on each database (default 2)")
    parser.add_argument("--finale-points", type=int, default=2, help="full syncs of Finale, each killed five times, on each database (2)")
    parser.add_argument("--catalogue", type=int, default=3_000, help="products of that Finale (3,000)")
    parser.add_argument("--odoo-points", type=int, default=2, help="syncs of Odoo's moves, each killed five times, on each database (2)")
    parser.add_argument("--moves", type=int, default=3_000, help="moves of that Odoo (3,000)")
    parser.add_argument("--seed", type=int, help="repeat a drill: the same faults and the same moments")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="", help="on this database alone")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    wrong = 0
    try:
        with place.folder() as data, place.databases(data, only=given.only) as databases:
            for number, (name, url) in enumerate(databases):
                for part in _parts(given, number, len(databases)):
                    if part.points:
                        told = _points(part, name, url, data / f"{name}-{part.key}", seed + number)
                        print(_told(f"{name}, {part.label}", told), flush=True)
                        wrong += sum(told["violated"].values())
    except place.NotStarted as broken:
        print(f"The drill broke: {broken}", file=sys.stderr)
        return 2
    print("EVERYTHING HELD" if not wrong else f"{wrong} TIMES SOMETHING DID NOT HOLD")
    return 1 if wrong else 0


@dataclass(frozen=True)
class Part:
    """One part of the drill on one database, `outside` being the address that it syncs from or pushes to, given a folder for it."""

    module: str
    label: str
    points: int
    outside: Callable[[Path], AbstractContextManager[str]] = place.sandbox
    slices: int = SLICE_SECONDS
    system: str = ""

    @property
    def key(self) -> str:
        return f"{self.module}-{self.system}".rstrip("-")


def _parts(given: argparse.Namespace, number: int, databases: int) -> Sequence[Part]:
    killed = "bench.killedpoints"
    longer = max(SLICE_SECONDS, given.catalogue // 1_000)
    return (
        Part("bench.workers", "real worker", given.worker_points),
        Part("bench.points", "syncs", _share(given.points, number, databases)),
        Part("bench.pushpoints", "pushes", _share(given.push_points, number, databases)),
        Part(killed, "full syncs of Finale", given.finale_points, lambda _folder: place.finale(given.catalogue), longer, "finale"),
        Part(killed, "syncs of Odoo's moves", given.odoo_points, lambda _folder: place.odoo(200, given.moves), system="odoo"),
    )


def _share(points: int, number: int, databases: int) -> int:
    return points // databases + (number < points % databases)


def _points(part: Part, name: str, url: str, data: Path, seed: int) -> dict[str, Any]:
    with place.own_database(url, part.key.replace(".", "_").replace("-", "_")) as own, part.outside(data / "outside") as address:
        arguments = ["--sandbox", address, "--points", str(part.points), "--seed", str(seed), "--name", name]
        if part.system:
            arguments += ["--system", part.system]
        env = place.environment(
            data,
            own,
            RUN_LEASE_SECONDS=str(LEASE_SECONDS),
            RUN_SLICE_SECONDS=str(part.slices),
            PUSH_LEASE_SECONDS=str(LEASE_SECONDS),
            PUSH_PAUSE_PERCENT="0",
            LOG_LEVEL="CRITICAL",
        )
        told: dict[str, Any] = json.loads(place.child(part.module, arguments, env))
    return told


def _told(name: str, told: dict[str, Any]) -> str:
    said = [f"killed in {told['killed']} ({told['kills']} times: {_listed(told['moments'])})"]
    said += [f"{told['doubled']} with two workers at once"] if told["doubled"] else []
    said += [f"{told['not_killed']} without a death"] if told["not_killed"] else []
    lines = [f"\n{name}: {told['points']} points; {'; '.join(said)}."]
    lines += [f"Runs ended: {_listed(told['statuses'])}."] if told["statuses"] else []
    lines += [f"Faults: {_listed(told['faults'])}."] if told["faults"] else []
    rows = [(invariant, checked, told["violated"].get(invariant, 0)) for invariant, checked in told["checked"].items()]
    return "\n".join([*lines, "", table(("invariant", "checked", "violated"), rows), *told["sentences"]])


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda each: -each[1])) or "none"


if __name__ == "__main__":
    sys.exit(main())
