"""The counters of a plan, and the sums they have to come to (docs/engine.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, UNCONFIRMED, Diff

PARTS = ("inserted", "updated", "moved", "revived", "removed", "unchanged", "skipped", "held", "unconfirmed")


WRITTEN = ("inserted", "updated", "moved", "revived", "removed")


class Miscounted(Exception):
    """A sum that has to come out did not: the engine is wrong, and writes nothing."""


def written(diffs: Sequence[Diff], before: Mapping[str, int]) -> dict[str, int]:
    """What a run has written for good: `before`, and these differences of counted tables."""
    counted = [diff for diff in diffs if diff.target.counted]
    kinds = dict(zip(WRITTEN, (NEW, CHANGED, MOVED, REVIVED, REMOVED), strict=True))
    return {name: before.get(name, 0) + sum(diff.rows(kind) for diff in counted) for name, kind in kinds.items()}


def count(diffs: Sequence[Diff], *, held: int, skipped: int, before: Mapping[str, int] | None = None) -> dict[str, int]:
    """What becomes of each row of the counted tables; `held` input rows and `skipped` ones (repeats) come on top.

    `before` is what an earlier attempt of the same run has written for good: now unchanged, and counted as what it was then.
    `processed` is the sum of all the others.
    """
    counted = [diff for diff in diffs if diff.target.counted]

    def rows(kind: str) -> int:
        return sum(diff.rows(kind) for diff in counted)

    counters = {
        "inserted": rows(NEW),
        "updated": rows(CHANGED),
        "moved": rows(MOVED),
        "revived": rows(REVIVED),
        "removed": rows(REMOVED),
        "unchanged": sum(diff.unchanged for diff in counted),
        "skipped": skipped,
        "held": held,
        "unconfirmed": rows(UNCONFIRMED),
    }
    for name in WRITTEN:
        counters[name] += (before or {}).get(name, 0)
        if name != "removed":
            counters["unchanged"] -= (before or {}).get(name, 0)
    return {"processed": sum(counters.values()), **counters}


def withhold(counters: Mapping[str, int], rows: Mapping[str, int]) -> dict[str, int]:
    """The counters with `rows`, named by what they were counted as, counted as held.

    What an earlier attempt of the run has stored is compared as unchanged and counted as inserted: then it is taken from there.
    """
    found = dict(counters)
    missing = 0
    for name, number in rows.items():
        taken = min(number, found[name])
        found[name] -= taken
        missing += number - taken
    for name in ("inserted", "updated", "revived", "unchanged"):
        taken = min(missing, found[name])
        found[name] -= taken
        missing -= taken
    found["held"] += sum(rows.values()) - missing
    return found


def check(diffs: Sequence[Diff], stored_after: Sequence[int], *, logged: int, in_log: int) -> None:
    """Raises Miscounted unless every desired row became exactly one thing, the tables hold what they should and the log has all of it."""
    for diff, after in zip(diffs, stored_after, strict=True):
        name = diff.target.entity
        expected = diff.stored + diff.rows(NEW, REVIVED) - diff.rows(REMOVED)
        if after != expected:
            raise Miscounted(f"{name}: {after} rows are stored, {expected} should be")
        if diff.unchanged < 0:
            raise Miscounted(f"{name}: more rows differ than were listed ({diff.listed})")
    if logged != in_log:
        raise Miscounted(f"{in_log} change rows are stored, {logged} were written")
