"""What an Odoo run came to, in numbers and in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, Diff
from sync.engine.source import Judged
from sync.models import Verdict

_NOUNS = {
    "category_ref": ("category", "categories"),
    "place": ("location", "locations"),
    "vendor_ref": ("vendor", "vendors"),
    "product_ref": ("product", "products"),
    "reorder_ref": ("reordering rule", "reordering rules"),
    "order_ref": ("purchase order", "purchase orders"),
    "fact": ("stock move", "stock moves"),
}


def figures(judged: Mapping[tuple[str, str], Judged], diffs: Sequence[Diff]) -> dict[str, Any]:
    """Rows read of each feed and what became of them; `details` by table."""
    return {
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


def sentence(judged: Sequence[Judged], diffs: Sequence[Diff], *, lines_held: str, preview: bool, changes: int) -> str:
    """The result of a run, or of its preview, for people. `lines_held` says how many moves wait, and why; blank for none."""
    bad = [each for each in judged if each.verdict == Verdict.INVALID or each.lacking]
    said = [f"{each.label}: {each.sentence}" for each in bad]
    for diff in diffs:
        one, many = _NOUNS[diff.target.entity]
        parts = [
            f"{count:,} {word}"
            for word, count in (("new", diff.rows(NEW, REVIVED)), ("changed", diff.rows(CHANGED, MOVED)), ("gone", diff.rows(REMOVED)))
            if count
        ]
        if diff.listed or parts:
            said.append(f"{diff.listed:,} {one if diff.listed == 1 else many}: {', '.join(parts) if parts else 'all as before'}.")
    if not said:
        said.append("Nothing has changed there.")
    if lines_held:
        said.append(f"{lines_held}.")
    held = sum(len(each.held) for each in judged if each.verdict != Verdict.INVALID)
    if held:
        said.append(f"{held:,} input {'row is' if held == 1 else 'rows are'} held.")
    said.append("Nothing was written." if preview else f"{changes:,} {'change' if changes == 1 else 'changes'}.")
    return " ".join(said)
