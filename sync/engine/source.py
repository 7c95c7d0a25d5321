"""What a source writes for itself; the engine does the rest (docs/engine.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sync.engine.brake import Limits
from sync.engine.compare import Diff
from sync.engine.tables import TablePlan, Target
from sync.models import Connection, Verdict

if TYPE_CHECKING:
    from sync.engine.job import Job


@dataclass(frozen=True)
class Wanted:
    """A document that a run needs: which feed, and which part of one that comes in parts."""

    feed: str
    part: str = ""


@dataclass(frozen=True)
class Judged:
    """What was made of one feed. Without a `code` it is good; `rows` is what the next run's is measured by.

    `label` is what people call it. One that is `lacking` is used as far as it goes, and the run is partial.
    """

    feed: str
    part: str = ""
    label: str = ""
    verdict: Verdict = Verdict.COMPLETE
    rows: int = 0
    footer: Mapping[str, Any] | None = None
    held: Sequence[Held] = ()
    warnings: Sequence[Remark] = ()
    code: str = ""
    sentence: str = ""
    hint: str = ""
    confirmable: bool = False
    lacking: bool = False
    checksum: str = ""
    taken_at: datetime | None = None
    document_id: int | None = None
    milliseconds: int = 0


@dataclass(frozen=True)
class Held:
    """An input row that is not applied until its source says it clearly. `raw` is the row as read: heading to text."""

    row: int
    code: str
    sentence: str
    raw: Mapping[str, str]


@dataclass(frozen=True)
class Remark:
    """Something to look at, without effect."""

    code: str
    sentence: str


@dataclass
class Plan:
    """What a run would make of its tables, in the order they are written.

    `skipped` are input rows that repeat others; `extra` is the source's own, for its follow-up.
    """

    tables: tuple[TablePlan, ...]
    skipped: int = 0
    extra: Any = None


@dataclass
class Extra:
    """A change row that the source adds in its follow-up."""

    entity: str
    entity_id: int
    label: str
    type: str
    group: str = ""
    scope: str = ""
    field: str = ""
    old: str | None = None
    new: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass
class Told:
    """What a source's follow-up did: change rows to write, and its own counters."""

    changes: list[Extra] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    warnings: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Withheld:
    """Rows that were stored and are not applied yet, by the counter they were counted in; `errors` name some, `details` are the run's."""

    rows: Mapping[str, int] = field(default_factory=dict)
    errors: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """One system's part of a run. Made anew for each attempt."""

    targets: Sequence[Target]
    units_of: str
    """The entity whose ids are told by the signal; blank for none."""
    atomic: bool
    """Whether a plan is written in one transaction, or in chunks that each stand by themselves."""

    def __init__(self, connection: Connection, scope: str) -> None: ...

    def place(self) -> int:
        """The id that the rows of this run share, in each target's `place` column."""
        ...

    def limits(self, target: Target) -> Limits: ...

    def plan(self, job: Job) -> Plan:
        """Read and judge the feeds, and say what the tables should hold. Raises Problem when nothing can be read at all."""
        ...

    def gone_through(self, job: Job, plan: Plan) -> None:
        """The rows of the plan have all been taken: judge again what only they could tell (held rows, repeats in `plan.skipped`)."""
        ...

    def carry_on(self, job: Job, plan: Plan) -> None:
        """After the chunks of a source that is not atomic: work that is no table of the plan, in transactions that begin with job.own."""
        ...

    def withheld(self, job: Job, diffs: Sequence[Diff]) -> Withheld:
        """After carry_on: which rows that were read are held back all the same, so that they count as held."""
        ...

    def close(self) -> None:
        """The attempt is over, however it ended."""
        ...

    def follow_up(self, job: Job, plan: Plan, diffs: Sequence[Diff], at: datetime) -> Told:
        """In the transaction that writes the plan, after its tables: whatever else follows from it."""
        ...

    def follow_chunk(self, job: Job, diff: Diff, at: datetime) -> None:
        """In the transaction that writes a chunk, after its rows (`diff` counts these alone): whatever follows from them at once."""
        ...

    def tied(self, entity: str, ids: Sequence[int]) -> Mapping[int, str]:
        """Which of these rows can't be taken back, because people have worked with them, and why: for an undo."""
        ...

    def restate(self, at: datetime) -> None:
        """In the transaction of an undo: bring what follows from the tables (sessions, say) in line with them."""
        ...

    def figures(self, job: Job, plan: Plan, diffs: Sequence[Diff]) -> dict[str, Any]:
        """The source's own counters of a plan, as its answers name them."""
        ...

    def sentence(self, job: Job, plan: Plan, diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
        """The result for people, in a sentence or two."""
        ...
