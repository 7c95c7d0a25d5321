"""What a till's run came to, in numbers and in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, Diff
from sync.engine.source import Judged
from sync.models import Verdict

_NOUNS = {"fact": ("line", "lines"), "place": ("branch", "branches")}


def figures(scope: str, judged: Mapping[tuple[str, str], Judged], diffs: Sequence[Diff]) -> dict[str, Any]:
    """Rows read of each feed and what became of them; `details` by table."""
    return {
        "strategy": scope,
        **{f"{feed}Read": each.rows for (feed, part), each in judged.items() if not part},
        "details": {
            diff.target.entity: {
                "listed": diff.listed,
                "new": diff.rows(NEW, REVIVED),
                "changed": diff.rows(CHANGED, MOVED),
                "gone": diff.rows(REMOVED),
                "unchanged": diff.unchanged,
            }
            for diff in diffs
        },
    }


def sentence(judged: Sequence[Judged], diffs: Sequence[Diff], *, preview: bool, changes: int, held: str = "", more: bool = False) -> str:
    """The result of a run, or of its preview, for people. `held` are the held lines in words."""
    said = [f"{each.label}: {each.sentence}" for each in judged if each.verdict == Verdict.INVALID or each.lacking]
    for diff in diffs:
        one, many = _NOUNS[diff.target.entity]
        parts = [
            f"{count:,} {word}"
            for word, count in (("new", diff.rows(NEW, REVIVED)), ("changed", diff.rows(CHANGED, MOVED)), ("gone", diff.rows(REMOVED)))
            if count
        ]
        said.append(f"{diff.listed:,} {one if diff.listed == 1 else many}: {', '.join(parts) if parts else 'all as before'}.")
    if held:
        said.append(f"{held}.")
    if more:
        said.append("There are more days to read: the next sync goes on by itself.")
    said.append("Nothing was written." if preview else f"{changes:,} {'change' if changes == 1 else 'changes'}.")
    return " ".join(said)
