"""What a Finale run came to, in numbers and in a sentence. Pure, but for `after`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.models import CRITICAL_STATES, Supply
from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, Diff
from sync.engine.source import Judged
from sync.models import Connection, Verdict
from sync.sources.finale.moves import Moves

LABELS: Mapping[str, str] = {
    "products": "Products",
    "stock": "Stock",
    "places": "Locations",
    "vendors": "Suppliers",
    "orders": "Purchase orders",
    "shipments": "Shipments",
}
_NOUNS = {
    "product_ref": ("product", "products"),
    "stock_ref": ("stock line", "stock lines"),
    "place": ("location", "locations"),
    "vendor_ref": ("supplier", "suppliers"),
    "order_ref": ("purchase order", "purchase orders"),
}


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


def after(connection: Connection, sold: int, moves: Moves | None) -> dict[str, Any]:
    """How many products are critical now, and what the shipments told."""
    critical = Supply.objects.filter(account=connection.account_id, state__in=CRITICAL_STATES).count()
    told = {"productsSold": sold, "shipmentLinesUnknown": moves.unknown} if moves is not None else {}
    return {"criticalItems": critical, **told}


def sentence(judged: Sequence[Judged], diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
    """The result of a run, or of its preview, for people."""
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
    held = sum(len(each.held) for each in judged if each.verdict != Verdict.INVALID)
    if held:
        said.append(f"{held:,} input {'row is' if held == 1 else 'rows are'} held.")
    said.append("Nothing was written." if preview else f"{changes:,} {'change' if changes == 1 else 'changes'}.")
    return " ".join(said)
