"""What the page of a scan session shows, and how it says what came of a scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest

from accounts.errors import Problem
from accounts.workplace import may
from inventory import scanning
from inventory.errors import QuantityNeeded
from inventory.models import Scan, ScanSession, SessionStatus
from inventory.scope import expected_in

LAST = 10
LEFT = 200

WORDS = {
    "new": ("Scanned", "check_circle", "success"),
    "again": ("Scanned before", "repeat", "warning"),
    "removed": ("Removed", "undo", "info"),
    "count": ("Count them", "pin", "info"),
    "unknown": ("Not taken", "error", "danger"),
}


@dataclass(frozen=True)
class Said:
    """The outcome in words; `state` is a key of WORDS, and what the page's sounds go by."""

    state: str
    sentence: str
    hint: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.state][0]

    @property
    def symbol(self) -> str:
        return WORDS[self.state][1]

    @property
    def tone(self) -> str:
        return WORDS[self.state][2]

    def as_json(self) -> dict[str, str]:
        return {"state": self.state, "word": self.word, "symbol": self.symbol, "sentence": self.sentence, "hint": self.hint}


def heard(scanned: scanning.Scanned) -> Said:
    return Said(scanned.state, scanned.sentence)


def refused(problem: Problem) -> Said:
    return Said("count" if isinstance(problem, QuantityNeeded) else "unknown", problem.sentence, problem.hint)


def contents(request: HttpRequest, session: ScanSession) -> dict[str, Any]:
    """For the templates: how far the session is, its last scans, its bulk lines with what was counted, and what is left to scan."""
    own = Scan.objects.filter(session=session, unit=OuterRef("pk"))
    expected = expected_in(session)
    left = expected.filter(~Exists(own), serial_key__isnull=False).order_by("model", "serial")
    counted = Subquery(own.values("quantity")[:1])
    unscanned = list(left[: LEFT + 1])
    is_open = session.status == SessionStatus.ACTIVE
    return {
        "session": session,
        "open": is_open,
        "progress": scanning.progress(ScanSession.objects.filter(pk=session.pk))[session.pk],
        "last_scans": session.scans.select_related("unit")[:LAST],
        "bulk_lines": expected.filter(serial_key__isnull=True)
        .annotate(counted=counted)
        .select_related("product")
        .order_by("bucket", "model"),
        "left": unscanned[:LEFT],
        "left_in_all": left.count() if len(unscanned) > LEFT else len(unscanned),
        "more_left": len(unscanned) > LEFT,
        "may_scan": is_open and may(request, "scan.add"),
        "may_remove": is_open and may(request, "scan.delete"),
        "may_edit": may(request, "session.edit"),
    }
