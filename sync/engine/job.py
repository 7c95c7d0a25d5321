"""A run being worked on: its phases, its log, its verdicts, and whether it may go on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import F

from jobs.lease import Hold
from sync.engine.source import Judged
from sync.models import FeedConfirmation, FeedState, Phase, RunEvent, RunFeed, Status, SyncRun, Verdict

_TOLD_AS = {Phase.READING: "fetch", Phase.CHECKING: "parse", Phase.COMPARING: "plan", Phase.SAVING: "apply", Phase.SESSIONS: "sessions"}


class LeaseLost(Exception):
    """Another worker has taken the run over: this one writes nothing more."""


class Cancelled(Exception):
    """Somebody cancelled the run."""


class Parked(Exception):
    """The run can't go on before `until`, or has had its time for now: it is put down, and taken up where it was. `sentence` says why."""

    def __init__(self, sentence: str, until: datetime | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.until = sentence, until


Key = tuple[str, str]


class Job:
    """The run as its worker sees it. All writes to the database happen on the worker's own thread."""

    def __init__(self, run: SyncRun, fence: int, held: Hold) -> None:
        self.run, self.fence, self._held = run, fence, held
        self._seq = RunEvent.objects.filter(run=run).order_by("-seq").values_list("seq", flat=True).first() or 0
        self._spent: dict[str, float] = {}
        self._done_before = 0
        self._phase_began = self._began = time.monotonic()
        self.judged: dict[Key, Judged] = {}
        self.confirmed: set[tuple[str, str, str]] = set(
            FeedConfirmation.objects.filter(connection=run.connection).values_list("feed", "checksum", "code")
        )
        self.states: dict[str, FeedState] = {state.feed: state for state in FeedState.objects.filter(connection=run.connection)}

    @property
    def slice_over(self) -> bool:
        """Whether the run has been worked on for as long as one task of the queue may last."""
        return time.monotonic() - self._began > settings.RUN_SLICE_SECONDS

    @property
    def approved(self) -> bool:
        return bool(self.run.approved_digest)

    def phase(self, phase: Phase, *, total: int = 0, told: bool = True) -> None:
        """The run enters `phase`. Raises LeaseLost and Cancelled.

        With `told` off only its time is taken: what is written within the transaction that ends the run nobody would see before.
        """
        self._close_phase()
        self._done_before = 0
        self.run.phase, self.run.progress_done, self.run.progress_total = phase, 0, total
        if told:
            self._update(phase=phase, progress_done=0, progress_total=total)

    def progress(self, done: int, *, settled: bool = False) -> None:
        """So many more steps of the phase are done; `settled` ones are counted for good. Raises LeaseLost and Cancelled when it is told."""
        shown = self._done_before + done
        if shown != self.run.progress_done:
            self._update(progress_done=shown)
            self.run.progress_done = shown
        if settled:
            self._done_before += done

    def expect(self, total: int) -> None:
        """The phase has `total` steps, of which those fetched before are done."""
        self._update(progress_done=self._done_before, progress_total=total)
        self.run.progress_done = self._done_before

    def _close_phase(self) -> None:
        now = time.monotonic()
        if self.run.phase:
            self._spent[self.run.phase] = self._spent.get(self.run.phase, 0.0) + now - self._phase_began
        self._phase_began = now

    def milliseconds(self) -> dict[str, int]:
        """Spent in each phase so far, and in total."""
        self._close_phase()
        spent = {name: round(self._spent.get(phase, 0.0) * 1000) for phase, name in _TOLD_AS.items()}
        return {**spent, "total": sum(spent.values())}

    def note(self, text: str, *, feed: str = "", level: str = "info", done: int | None = None, total: int | None = None) -> None:
        """A line of the log."""
        self.notes([(text, feed, level, done, total)])

    def notes(self, lines: Sequence[tuple[str, str, str, int | None, int | None]]) -> None:
        """Several lines at once: (text, feed, level, done, total)."""
        rows = []
        for text, feed, level, done, total in lines:
            self._seq += 1
            rows.append(
                RunEvent(
                    account_id=self.run.account_id,
                    run=self.run,
                    seq=self._seq,
                    phase=self.run.phase,
                    feed=feed,
                    level=level,
                    text=text[:1000],
                    done=done,
                    total=total,
                )
            )
        RunEvent.objects.bulk_create(rows)

    def check(self) -> None:
        """Raises LeaseLost and Cancelled."""
        if self._held.lost:
            raise LeaseLost
        state = (
            SyncRun.objects.filter(pk=self.run.pk, fence=self.fence, status=Status.RUNNING)
            .values_list("cancel_requested", flat=True)
            .first()
        )
        self._judge_state(state)

    def own(self) -> None:
        """The first statement of each transaction that writes: the run is this worker's still, and nobody can take it before the commit.

        Raises LeaseLost and Cancelled.
        """
        mine = SyncRun.objects.filter(pk=self.run.pk, fence=self.fence, status=Status.RUNNING)
        if not mine.filter(cancel_requested=False).update(fence=F("fence")):
            self._judge_state(mine.values_list("cancel_requested", flat=True).first())

    def _judge_state(self, cancel_requested: bool | None) -> None:
        if cancel_requested is None:
            raise LeaseLost
        if cancel_requested:
            raise Cancelled

    def _update(self, **values: object) -> None:
        if self._held.lost:
            raise LeaseLost
        if not SyncRun.objects.filter(pk=self.run.pk, fence=self.fence, status=Status.RUNNING, cancel_requested=False).update(**values):
            self.check()

    def judge(self, verdicts: Sequence[Judged]) -> None:
        """Keep the verdicts on feeds, with a line of the log for each."""
        for each in verdicts:
            self.judged[each.feed, each.part] = each
        rows = [
            RunFeed(
                account_id=self.run.account_id,
                run=self.run,
                feed=each.feed,
                part=each.part,
                verdict=each.verdict,
                rows=each.rows,
                footer=each.footer,
                held=len(each.held),
                error_code=each.code,
                sentence=each.sentence[:1000],
                hint=each.hint[:500],
                confirmable=each.confirmable,
                document_id=each.document_id,
                checksum=each.checksum,
                taken_at=each.taken_at,
                milliseconds=each.milliseconds,
                baseline=self._baseline(each),
            )
            for each in verdicts
        ]
        fields = [field.name for field in RunFeed._meta.concrete_fields if field.name not in ("id", "account", "run", "feed", "part")]
        RunFeed.objects.bulk_create(rows, update_conflicts=True, unique_fields=["run", "feed", "part"], update_fields=fields)

    def _baseline(self, judged: Judged) -> Mapping[str, object] | None:
        state = self.states.get(judged.feed)
        if judged.part or state is None:
            return None
        return {
            "rows": state.rows,
            "footer": state.footer,
            "checksum": state.checksum,
            "taken_at": state.taken_at.isoformat(),
            "valid_at": state.valid_at.isoformat(),
            "run": state.run_id,
        }

    def put_aside(self, feed: str, checksum: str) -> set[str]:
        """The doubts about this content that a manager has put aside."""
        return {code for known, sum_, code in self.confirmed if (known, sum_) == (feed, checksum)}

    @property
    def invalid(self) -> list[Judged]:
        return [each for each in self.judged.values() if each.verdict == Verdict.INVALID]
