"""What the page of an undo shows before anybody confirms it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator

from sync.admin.links import page_of
from sync.admin.listing import Tab
from sync.admin.words import what
from sync.models import SyncRun
from sync.runs import UndoPlan, UndoStep

PER_PAGE = 50

BUCKETS = {
    "reversed": ("Put back", "These get the value back that they had before the run."),
    "kept": ("Kept", "These have changed since, so they stay as they are now."),
    "refused": ("Refused", "These can't be put back, for the reason that stands beside each."),
}


def undo_contents(run: SyncRun, plan: UndoPlan, query: Mapping[str, str]) -> dict[str, Any]:
    """For the template: the three lists by their counts, and a page of the one that `query` asks for (else of the first with a row)."""
    steps: dict[str, Sequence[UndoStep]] = {"reversed": plan.reversed, "kept": plan.kept, "refused": plan.refused}
    chosen = query.get("bucket", "")
    if chosen not in BUCKETS:
        chosen = next((name for name, found in steps.items() if found), "reversed")
    return {
        "run": run,
        "what": what(run),
        "back": page_of(run),
        "tabs": [Tab(label, len(steps[name]), f"?bucket={name}", name == chosen) for name, (label, _) in BUCKETS.items()],
        "about": BUCKETS[chosen][1],
        "with_reasons": chosen != "reversed",
        "page": Paginator(steps[chosen], PER_PAGE).get_page(query.get("page")),
        "query": f"bucket={chosen}",
        "putting_back": len(plan.reversed),
    }
