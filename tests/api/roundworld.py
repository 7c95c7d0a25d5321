"""A round with a step, for tests that go through all addresses."""

from __future__ import annotations

from sync.models import Connection, Round, RoundStep, Stage, Status, SyncRun, Trigger

MARK = "ROUND-777"


def make_round(connection: Connection, run: SyncRun) -> Round:
    """One that has ended with the run."""
    account = connection.account
    found = Round.objects.create(account=account, trigger=Trigger.API, status=Status.SUCCEEDED, message=MARK, requested_label=MARK)
    RoundStep.objects.create(
        account=account, round=found, seq=1, stage=Stage.MASTER, connection=connection, scope="inventory", dataset="stock",
        status=Status.SUCCEEDED, run=run,
    )  # fmt: skip
    return found
