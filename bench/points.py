"""The points of a drill on the database that the environment names: syncs, their workers killed, the outside at fault. Prints JSON."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from random import Random
from typing import Any

import django

from bench.recovery import recover, wait_for_lease
from bench.told import Told

CHAPTER = 8
"""So many points happen to one shop; then a new one begins with its first sync on the first day."""
LONGEST = 90.0
"""Seconds within which a run has to be over, and everything with it."""
TRUTH, ONE_RUN, SAME_AGAIN = "the store is what the outside says", "two starts are one run", "the same again writes nothing"


def main() -> int:
    """Go through the points and print what came of them."""
    parser = argparse.ArgumentParser(prog="bench.points")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    drill = Drill(given.sandbox, Random(given.seed), given.name)
    for number in range(1, given.points + 1):
        drill.point(number)
        if number % 10 == 0 or number == given.points:
            told = drill.told
            print(
                f"{given.name}: {number} of {given.points} points, {told.killed} killed, {sum(told.violated.values())} wrong",
                file=sys.stderr,
            )
    json.dump(drill.told.content(), sys.stdout)
    return 0


class Drill:
    """Shops that syncs go wrong in, one after the other."""

    def __init__(self, sandbox: str, rng: Random, name: str) -> None:
        from bench.control import Control

        self._sandbox, self._world, self._rng, self._name = sandbox, Control(sandbox), rng, name
        self.told = Told()
        self._world.act("reset")
        self._shop = self._open("Rehearsal")
        from bench import death
        from sync import runs

        # A first sync takes the longest; later ones are sometimes over before their moment comes.
        self._usual = death.usual(partial(runs.execute, self._start().pk))

    def _open(self, name: str) -> Any:
        from bench.shop import open_shop

        return open_shop(self._sandbox, name)

    def _start(self) -> Any:
        from sync import runs
        from sync.models import Trigger

        return runs.start(self._shop.owner, self._shop.connection, "inventory", trigger=Trigger.COMMAND)

    def point(self, number: int) -> None:
        """One sync under fire, and everything that has to be true afterwards."""
        from bench import death, invariants
        from bench.faults import Fault, some_fault
        from sync import runs

        rng = self._rng
        if number % CHAPTER == 1:
            self._world.act("reset")
            self._shop = self._open(f"Shop {number // CHAPTER + 1}")
            fault = Fault()
        else:
            fault = some_fault(rng)
            if rng.random() < 0.8:
                self._world.act("next-day")
        if fault.name:
            self._world.act("switch", name=fault.name, **fault.values())
        run = self._start()
        self._second_start(run, f"point {number}")
        moments: list[Any] = []
        if rng.random() < 0.1:
            self.told.doubled += 1
            for process in (death.begin(partial(runs.execute, run.pk)), death.begin(partial(runs.execute, run.pk))):
                death.end(process)
        else:
            for _ in range(1 if rng.random() < 0.75 else 2):
                moment = death.some_moment(rng, self._usual)
                wait_for_lease(run, LONGEST)
                if not death.work(partial(runs.execute, run.pk), moment):
                    break
                moments.append(moment)
        recover(run, LONGEST)
        self._world.act("clear")
        where = f"point {number}, run {run.pk} ({', '.join(f'killed {moment}' for moment in moments) or 'not killed'}, {fault})"
        self._count(run, moments, fault)
        for invariant, wrong in invariants.violations(run).items():
            self.told.judge(invariant, wrong, where)
        self._settle(where, clean=not fault.name and run.status == "succeeded")

    def _count(self, run: Any, moments: list[Any], fault: Any) -> None:
        told = self.told
        told.points += 1
        told.killed += bool(moments)
        told.kills += len(moments)
        told.not_killed += not moments
        told.statuses[run.status] += 1
        told.faults[fault.name or "none"] += 1
        for moment in moments:
            told.moments[moment.kind] += 1

    def _second_start(self, run: Any, where: str) -> None:
        from sync.runs import AlreadyRunning

        try:
            wrong = [f"a second one, {self._start().pk}, was queued beside run {run.pk}"]
        except AlreadyRunning as busy:
            wrong = [] if busy.run == run else [f"run {busy.run.pk} was named instead of {run.pk}"]
        self.told.judge(ONE_RUN, wrong, where)

    def _settle(self, where: str, *, clean: bool) -> None:
        """With the outside well again, the store has to become what it says; at most the second sync gets it there."""
        from sync import connections

        if not clean:
            # As a person would: the connection rests after many failures, and a good test ends that.
            connections.test(self._shop.owner, self._shop.connection)
            self._quiet_sync()
        if not clean and self._difference():
            self._quiet_sync()
        self.told.judge(TRUTH, self._difference(), where)
        if self._rng.random() < 0.15:
            again = self._quiet_sync()
            wrong = [] if not again.changes_logged else [f"run {again.pk} wrote {again.changes_logged} changes: {again.message}"]
            self.told.judge(SAME_AGAIN, wrong, where)

    def _quiet_sync(self) -> Any:
        from bench import death
        from sync import runs

        run = self._start()
        death.work(partial(runs.execute, run.pk))
        recover(run, LONGEST)
        return run

    def _difference(self) -> list[str]:
        from bench.outside import difference

        return difference(self._shop.connection, self._world)


if __name__ == "__main__":
    sys.exit(main())
