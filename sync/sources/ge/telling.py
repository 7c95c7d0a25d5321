"""A run of GE's lists in counters and in a sentence (docs/ge-rules.md). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, UNCONFIRMED, Diff
from sync.engine.source import Judged
from sync.models import Verdict
from sync.sources.ge.lists import BUCKETS, ROSTERS, STOCK
from sync.sources.ge.tables import LOADS, UNITS

if TYPE_CHECKING:
    from sync.sources.ge.source import Extra


def figures(extra: Extra, diffs: Sequence[Diff]) -> dict[str, Any]:
    """Counters by the names that callers know, and under "details" those of each bucket and of the loads."""
    units, facts = _of(diffs, UNITS.entity), extra.facts
    return {
        "totalGEItems": units.listed,
        "newItems": units.rows(NEW),
        "updatedItems": units.rows(CHANGED),
        "unchangedItems": units.unchanged,
        "migratedItems": units.rows(MOVED),
        "migrated": {f"{count.was}-{count.now}": count.rows for count in units.counts if count.kind == MOVED},
        "revivedItems": units.rows(REVIVED),
        "deletedItems": units.rows(REMOVED),
        "heldItems": units.rows(UNCONFIRMED),
        "bulkLines": sum(facts.bulk_lines.values()),
        "bulkUnits": sum(facts.bulk_units.values()),
        "duplicateRows": facts.duplicate_rows,
        "overlaps": facts.overlaps,
        "forSaleLoads": facts.for_sale,
        "pickedLoads": facts.picked,
        "loadsFetched": extra.rosters_read,
        "loadsFailed": extra.rosters_wanted - extra.rosters_read,
        "rosterUnits": facts.roster_units,
        "details": {**{bucket.lower(): _bucket(bucket, units, extra) for bucket in BUCKETS}, "loads": _loads(extra, diffs)},
    }


def _of(diffs: Sequence[Diff], entity: str) -> Diff:
    return next(diff for diff in diffs if diff.target.entity == entity)


def _bucket(bucket: str, units: Diff, extra: Extra) -> dict[str, int]:
    def rows(kind: str, *, was: str | None = None, now: str | None = None) -> int:
        return sum(
            count.rows
            for count in units.counts
            if count.kind == kind and (was is None or count.was == was) and (now is None or count.now == now)
        )

    facts = extra.facts
    came, changed = rows(MOVED, now=bucket), rows(CHANGED, now=bucket)
    new, revived, not_moved = rows(NEW, now=bucket), rows(REVIVED, now=bucket), rows(UNCONFIRMED, now=bucket)
    return {
        "listed": facts.listed[bucket],
        "new": new,
        "updated": changed,
        "unchanged": facts.listed[bucket] - new - revived - changed - came - not_moved,
        "movedIn": came,
        "movedOut": rows(MOVED, was=bucket),
        "revived": revived,
        "gone": rows(REMOVED, was=bucket),
        "held": rows(UNCONFIRMED, was=bucket),
        "bulkLines": facts.bulk_lines[bucket],
        "bulkUnits": facts.bulk_units[bucket],
    }


def _loads(extra: Extra, diffs: Sequence[Diff]) -> dict[str, Any]:
    if not extra.loads_judged:
        return {"judged": False}
    loads = _of(diffs, LOADS.entity)
    return {
        "judged": True,
        "listed": loads.listed,
        "new": loads.rows(NEW, REVIVED),
        "updated": loads.rows(CHANGED),
        "unchanged": loads.unchanged,
        "gone": loads.rows(REMOVED),
        "rostersRead": extra.rosters_read,
        "rostersFailed": extra.rosters_wanted - extra.rosters_read,
    }


def sentence(judged: Sequence[Judged], diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
    """The result of a run, or of its preview, for people."""
    units = _of(diffs, UNITS.entity)
    said = [_unusable(judged, preview=preview), _counts(units)]
    unconfirmed = units.rows(UNCONFIRMED)
    if unconfirmed:
        are = "entry was" if unconfirmed == 1 else "entries were"
        said.append(f"{unconfirmed:,} {'would be' if preview else are} kept unconfirmed.")
    held = sum(len(each.held) for each in judged if each.verdict != Verdict.INVALID)
    if held:
        said.append(f"{held:,} input {'row is' if held == 1 else 'rows are'} held.")
    said.append(_rosters(judged))
    said.append("Nothing was written." if preview else f"{changes:,} {'change' if changes == 1 else 'changes'}.")
    return " ".join(part for part in said if part)


def _unusable(judged: Sequence[Judged], *, preview: bool) -> str:
    lists = [each for each in judged if not each.part and each.feed != ROSTERS]
    bad = [each for each in lists if each.verdict == Verdict.INVALID]
    if not bad:
        return ""
    good = [each.label for each in lists if each.verdict != Verdict.INVALID and each.feed in STOCK]
    was = "would be" if preview else "was" if len(good) == 1 else "were"
    start = [f"{_listed(good)} {was} applied."] if good else []
    return " ".join([*start, *(f"{each.label} {'would not be' if preview else 'was not'}: {_inside(each.sentence)}" for each in bad)])


def _inside(sentence: str) -> str:
    """A sentence after a colon; one that begins with a file's name keeps it."""
    return sentence[0].lower() + sentence[1:] if sentence.startswith(("The ", "This ")) else sentence


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _counts(units: Diff) -> str:
    """For example: 1,515 listed: 3 new, 60 moved ASIS to STA, 2 gone."""
    parts = [
        (units.rows(NEW), "new"),
        *((count.rows, f"moved {count.was} to {count.now}") for count in units.counts if count.kind == MOVED),
        (units.rows(CHANGED), "updated"),
        (units.rows(REVIVED), "back"),
        (units.rows(REMOVED), "gone"),
    ]
    told = [f"{rows:,} {what}" for rows, what in parts if rows]
    word = "entry" if units.listed == 1 else "entries"
    return f"{units.listed:,} {word} listed: {', '.join(told) if told else 'all as before'}."


def _rosters(judged: Sequence[Judged]) -> str:
    rosters = [each for each in judged if each.feed == ROSTERS and each.part]
    bad = sum(1 for each in rosters if each.verdict == Verdict.INVALID)
    if not bad:
        return ""
    return f"{bad:,} of {len(rosters):,} rosters could not be read; what was known of those loads stands."
