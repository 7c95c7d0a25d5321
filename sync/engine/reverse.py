"""What an undo comes to: which differences of a run go back, which are kept because they changed since, which are refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Key = tuple[str, int]


@dataclass(frozen=True)
class Logged:
    """A change row as it was written. Without `before` its row was new, without `after` it went."""

    entity: str
    entity_id: int
    label: str
    type: str
    field: str
    before: Mapping[str, str | None] | None
    after: Mapping[str, str | None] | None


@dataclass
class Row:
    """A row as it is now: its logged fields as text, and whether it is gone."""

    values: dict[str, str | None]
    gone: bool


@dataclass(frozen=True)
class UndoStep:
    """One difference and what becomes of it: `old` is what stands now, `new` what it goes back to, `reason` why it does not."""

    entity: str
    entity_id: int
    label: str
    field: str
    old: str | None
    new: str | None
    reason: str = ""


@dataclass(frozen=True)
class UndoPlan:
    """The three buckets of an undo, newest difference first."""

    reversed: tuple[UndoStep, ...]
    kept: tuple[UndoStep, ...]
    refused: tuple[UndoStep, ...]


@dataclass
class _Buckets:
    reversed: list[UndoStep] = field(default_factory=list)
    kept: list[UndoStep] = field(default_factory=list)
    refused: list[UndoStep] = field(default_factory=list)


def reverse(newest_first: Iterable[Logged], rows: dict[Key, Row], *, tied: Mapping[Key, str], follows: Iterable[str] = ()) -> UndoPlan:
    """The plan of an undo; `rows` are changed to what they will be.

    A field goes back only if it still holds what the run wrote. A row that the run added becomes gone, unless it changed since or is `tied`
    (with the reason); one that it removed comes back. Differences of the entities in `follows` settle themselves and are kept.
    """
    buckets, settled = _Buckets(), set(follows)
    for change in newest_first:
        key = (change.entity, change.entity_id)
        row = rows.get(key)
        if change.entity in settled:
            _keep(buckets, change, "It follows from the stock by itself.")
        elif row is None:
            _keep(buckets, change, "It is not stored any more.")
        elif change.after is None:
            _bring_back(buckets, change, row)
        elif not change.field:
            _take_away(buckets, change, row, tied.get(key, ""))
        else:
            _put_back(buckets, change, row)
    return UndoPlan(tuple(buckets.reversed), tuple(buckets.kept), tuple(buckets.refused))


def _step(change: Logged, name: str, old: str | None, new: str | None, reason: str = "") -> UndoStep:
    return UndoStep(change.entity, change.entity_id, change.label, name, old, new, reason)


def _keep(buckets: _Buckets, change: Logged, reason: str) -> None:
    buckets.kept.append(_step(change, change.field, None, None, reason))


def _bring_back(buckets: _Buckets, change: Logged, row: Row) -> None:
    if not row.gone:
        buckets.kept.append(_step(change, "", "listed", "listed", "It has come back since."))
        return
    row.gone = False
    buckets.reversed.append(_step(change, "", "gone", "listed"))


def _take_away(buckets: _Buckets, change: Logged, row: Row, tie: str) -> None:
    if row.gone:
        buckets.kept.append(_step(change, "", "gone", "gone", "It has gone since."))
    elif tie:
        buckets.refused.append(_step(change, "", "listed", "listed", tie))
    elif any(row.values.get(name) != value for name, value in (change.after or {}).items()):
        buckets.kept.append(_step(change, "", "listed", "listed", "It has changed since."))
    else:
        row.gone = True
        buckets.reversed.append(_step(change, "", "listed", "gone"))


def _put_back(buckets: _Buckets, change: Logged, row: Row) -> None:
    before, after = change.before or {}, change.after or {}
    if row.gone:
        buckets.kept.append(_step(change, change.field, after.get(change.field), None, "It has gone since."))
        return
    for name in after:
        now = row.values.get(name)
        if now == after[name]:
            row.values[name] = before.get(name)
            buckets.reversed.append(_step(change, name, now, before.get(name)))
        else:
            buckets.kept.append(_step(change, name, now, now, "It has changed since."))
