"""What a till's run came to, in numbers and in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, Diff
from sync.engine.counters import WRITTEN
from sync.engine.source import Judged
from sync.models import Verdict

COUNTED = dict(zip((NEW, CHANGED, MOVED, REVIVED, REMOVED), WRITTEN, strict=True))
_NOUNS = {"fact": ("line", "lines"), "place": ("branch", "branches")}


def figures(
    scope: str, judged: Mapping[tuple[str, str], Judged], diffs: Sequence[Diff], written: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Rows read of each feed and what became of them; `details` by table.

    `written` are the counters of what the run has written of its one table, earlier slices included: to the last one all is as before.
    """
    return {
        "strategy": scope,
        **{f"{feed}Read": each.rows for (feed, part), each in judged.items() if not part},
        "details": {diff.target.entity: _came_to(diff, written) for diff in diffs},
    }


def _came_to(diff: Diff, written: Mapping[str, int] | None) -> dict[str, int]:
    kinds = {"new": (NEW, REVIVED), "changed": (CHANGED, MOVED), "gone": (REMOVED,)}
    if written is None:
        found = {name: diff.rows(*those) for name, those in kinds.items()}
    else:
        found = {name: sum(written.get(COUNTED[kind], 0) for kind in those) for name, those in kinds.items()}
    return {"listed": diff.listed, **found, "unchanged": diff.listed - diff.held_back - found["new"] - found["changed"]}


def sentence(
    judged: Sequence[Judged],
    diffs: Sequence[Diff],
    *,
    preview: bool,
    changes: int,
    held: str = "",
    more: bool = False,
    written: Mapping[str, int] | None = None,
) -> str:
    """The result of a run, or of its preview, for people. `held` are the held lines in words, `written` is as in `figures`."""
    said = [f"{each.label}: {each.sentence}" for each in judged if each.verdict == Verdict.INVALID or each.lacking]
    for diff in diffs:
        one, many = _NOUNS[diff.target.entity]
        came_to = _came_to(diff, written)
        parts = [f"{came_to[word]:,} {word}" for word in ("new", "changed", "gone") if came_to[word]]
        said.append(f"{diff.listed:,} {one if diff.listed == 1 else many}: {', '.join(parts) if parts else 'all as before'}.")
    if held:
        said.append(f"{held}.")
    if more:
        said.append("There are more days to read: the next sync goes on by itself.")
    said.append("Nothing was written." if preview else f"{changes:,} {'change' if changes == 1 else 'changes'}.")
    return " ".join(said)
