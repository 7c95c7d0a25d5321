"""What the page of a load shows besides the form: the dealer system's facts, the roster against what is on hand, the scan session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from accounts.workplace import may
from inventory import loads
from inventory.admin.chips import Chip
from inventory.loads import RosterRow
from inventory.loadstate import LoadStep
from inventory.models import Bucket, Load, ScanSession
from inventory.wording import LOAD_STATES, OTHER_STATE, load_name

PARTS: tuple[tuple[str, str, Callable[[RosterRow], bool]], ...] = (
    ("all", "All", lambda row: True),
    ("asis", "In ASIS", lambda row: row.bucket == Bucket.ASIS),
    ("sta", "In STA", lambda row: row.bucket == Bucket.STA),
    ("fg", "In FG", lambda row: row.bucket == Bucket.FG),
    ("missing", "Not on hand", lambda row: not row.on_hand),
    ("unscanned", "Not scanned", lambda row: row.on_hand and not row.scanned),
)


def contents(request: HttpRequest, load: Any) -> dict[str, Any]:
    """For the templates of the page. `load` has its state."""
    rows = loads.roster(load)
    asked = request.GET.get("part", "all")
    chosen = asked if asked in {key for key, _, _ in PARTS} else "all"
    text = request.GET.get("q", "").strip()
    belongs = next(test for key, _, test in PARTS if key == chosen)
    shown = [row for row in rows if belongs(row) and _matches(row, text)]
    return {
        "title": f"Load {load_name(load)}",
        "subtitle": None,
        "load": load,
        "mark": LOAD_STATES.get(load.state, OTHER_STATE),
        "steps": _steps(load.state),
        "counts": loads.counts(Load.objects.filter(pk=load.pk))[load.pk],
        "session": ScanSession.objects.filter(load=load).first(),
        "rows": shown,
        "of": len(rows),
        "parts": _parts(rows, chosen, request.GET),
        "q": text,
        "part": chosen,
        "may_edit": may(request, "load.edit"),
        "changes": _changes(load),
    }


def _steps(state: str) -> list[tuple[str, str]]:
    """Each step with "done", "now" or "": how the stylesheet and a screen reader tell them apart."""
    order = [step.value for step in LoadStep]
    reached = order.index(state) if state in order else -1
    return [(step.label, "now" if number == reached else "done" if number < reached else "") for number, step in enumerate(LoadStep)]


def _parts(rows: list[RosterRow], chosen: str, query: QueryDict) -> list[Chip]:
    found = []
    for key, label, belongs in PARTS:
        count = sum(map(belongs, rows))
        if count or key in (chosen, "all", "missing"):
            address = query.copy()
            address["part"] = key
            found.append(Chip(label, count, f"?{address.urlencode()}#roster", key == chosen))
    return found


def _matches(row: RosterRow, text: str) -> bool:
    return text.casefold() in f"{row.serial} {row.model}".casefold()


def _changes(load: Load) -> str:
    """The address of the log of this load's and its units' changes, where an app above keeps one."""
    try:
        return f"{reverse('admin:sync_syncchange_changelist')}?{urlencode({'load': load.number})}"
    except NoReverseMatch:
        return ""
