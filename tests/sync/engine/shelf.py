"""A system that is no real one: a shelf whose single list is what a test puts there. The engine's own tests know no other source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from accounts.roles import Role
from inventory.models import Unit
from sync import connections, runs, systems
from sync.engine.brake import Limits
from sync.engine.compare import Diff
from sync.engine.documents import gather
from sync.engine.job import Job
from sync.engine.source import Held, Judged, Plan, Told, Wanted, Withheld
from sync.engine.tables import Field, Missing, TablePlan, Target
from sync.feedproblem import FeedProblem
from sync.models import Connection, Kind, Phase, SyncRun, Trigger, Verdict
from sync.wire.verdict import Finding
from sync.wire.verdict import Verdict as TestVerdict
from tests.build import make_account, make_actor

PIECES = Target(
    entity="unit",
    model=Unit,
    key="stock_key",
    place="warehouse_id",
    fields=(
        Field("bucket", "piece_moved"),
        Field("status", "piece_marked", named={"Sold": "piece_sold"}),
        Field("message", "piece_remarked", carried_by="status"),
        Field("quantity", "piece_counted"),
    ),
    written_once=("serial", "serial_key"),
    label=("serial",),
    group="bucket",
    gone="gone_at",
    born="first_seen_at",
    appeared="piece_appeared",
    disappeared="piece_disappeared",
    moved_by="bucket",
    counted=True,
)

Piece = tuple[str, str, str, str]
"""Serial, bucket, status and message."""


@dataclass
class Fetched:
    body: bytes
    checksum: str
    content_type: str = "text/plain"
    filename: str = "shelf.txt"
    taken_at: datetime = datetime(2026, 2, 3, tzinfo=UTC)
    transport: str = "test"
    document_id: int | None = None
    report: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Shelf:
    """What the source reads next: `list` is its text, `also` is called while it is fetched, `then` in its follow-up.

    With `atomic` off it is written in chunks; `chunk` is called after each.
    """

    list: str = ""
    problem: FeedProblem | None = None
    also: Callable[[], None] | None = None
    then: Callable[[], None] | None = None
    fetches: int = 0
    tied: dict[int, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    atomic: bool = True
    chunk: Callable[[], None] | None = None


NOW = Shelf()


def put(*pieces: Piece) -> None:
    """The list has exactly these pieces."""
    NOW.list = "\n".join("\t".join(piece) for piece in pieces)


def reset() -> None:
    fresh = Shelf()
    for name in ("list", "problem", "also", "then", "fetches", "tied", "limits", "atomic", "chunk"):
        setattr(NOW, name, getattr(fresh, name))


class ShelfSource:
    """Reads NOW: one feed, rows as lines. A line without a bucket is held; scope "part" removes nothing."""

    targets: Sequence[Target] = (PIECES,)
    units_of = "unit"

    def __init__(self, connection: Connection, scope: str) -> None:
        self.connection, self.scope = connection, scope
        self.atomic = NOW.atomic

    def place(self) -> int:
        assert self.connection.warehouse_id is not None
        return self.connection.warehouse_id

    def limits(self, target: Target) -> Limits:
        return NOW.limits

    def plan(self, job: Job) -> Plan:
        job.phase(Phase.READING, total=1)
        document = gather(job, [Wanted("shelf")], _fetch, at_once=1)["shelf", ""]
        job.phase(Phase.CHECKING)
        problem = document.problem
        if problem is not None:
            job.judge([Judged("shelf", label="Shelf", verdict=Verdict.INVALID, code=problem.code, sentence=problem.sentence)])
            return Plan((TablePlan(PIECES, ("stock_key",), []),))
        lines = [line.split("\t") for line in document.body.decode().splitlines() if line]
        good = [line for line in lines if line[1]]
        held = [Held(number, "no_bucket", "It stands nowhere.", {"serial": line[0]}) for number, line in enumerate(lines, 1) if not line[1]]
        job.judge(
            [
                Judged(
                    "shelf",
                    label="Shelf",
                    rows=len(lines),
                    held=held,
                    checksum=document.checksum,
                    taken_at=document.taken_at,
                    document_id=document.document_id,
                )
            ]
        )
        job.note(f"{len(lines)} lines.", feed="shelf")
        missing = Missing("remove") if self.scope == "all" else Missing("hold", reason="Only a part was read.")
        rows = [
            (f"unit {serial}", serial, serial, bucket, status, message, 1) for serial, bucket, status, message in sorted(map(tuple, good))
        ]
        columns = ("stock_key", "serial", "serial_key", "bucket", "status", "message", "quantity")
        return Plan((TablePlan(PIECES, columns, rows, missing=(missing,)),))

    def gone_through(self, job: Job, plan: Plan) -> None:
        pass

    def carry_on(self, job: Job, plan: Plan) -> None:
        pass

    def withheld(self, job: Job, diffs: Sequence[Diff]) -> Withheld:
        return Withheld()

    def close(self) -> None:
        pass

    def follow_up(self, job: Job, plan: Plan, diffs: Sequence[Diff], at: datetime) -> Told:
        if NOW.then:
            NOW.then()
        return Told()

    def follow_chunk(self, job: Job, diff: Diff, at: datetime) -> None:
        if NOW.chunk:
            NOW.chunk()

    def tied(self, entity: str, ids: Sequence[int]) -> Mapping[int, str]:
        return {pk: reason for pk, reason in NOW.tied.items() if pk in ids}

    def restate(self, at: datetime) -> None:
        pass

    def figures(self, job: Job, plan: Plan, diffs: Sequence[Diff]) -> dict[str, Any]:
        return {"listed": diffs[0].listed}

    def sentence(self, job: Job, plan: Plan, diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
        return "Nothing was written." if preview else f"{changes} changes."


def _fetch(feed: str, part: str) -> Fetched:
    NOW.fetches += 1
    if NOW.also:
        NOW.also()
    if NOW.problem:
        raise NOW.problem
    body = NOW.list.encode()
    return Fetched(body, hashlib.sha256(body).hexdigest())


SYSTEM = systems.System(
    key="shelf",
    label="Shelf",
    settings=(),
    secrets=(),
    scopes={key: systems.Scope(key, key) for key in ("all", "part")},
    primary_scope="all",
    dataset="stock",
    source="tests.sync.engine.shelf.ShelfSource",
    test=lambda _connection: TestVerdict(Finding.OK, "It stands."),
    needs_url=lambda _values: False,
)


@dataclass
class Keeper:
    """A business account with one shelf."""

    account: Account
    owner: Actor
    connection: Connection

    def actor(self, role: Role) -> Actor:
        return make_actor(self.account, role)

    def start(self, scope: str = "all", *, kind: Kind = Kind.SYNC) -> SyncRun:
        return runs.start(self.owner, self.connection, scope, kind=kind, trigger=Trigger.BUTTON)

    def work(self, run: SyncRun) -> SyncRun:
        runs.execute(run.pk)
        run.refresh_from_db()
        return run

    def sync(self, scope: str = "all", *, kind: Kind = Kind.SYNC) -> SyncRun:
        return self.work(self.start(scope, kind=kind))

    def stock(self) -> dict[str, str]:
        """Bucket by serial of what is not gone."""
        return dict(Unit.objects.filter(warehouse=self.connection.warehouse, gone_at=None).values_list("serial_key", "bucket"))


def make_keeper(name: str = "Corner shop") -> Keeper:
    account = make_account(name)
    owner = make_actor(account)
    return Keeper(account, owner, connections.add(owner, system="shelf", name="Shelf"))
