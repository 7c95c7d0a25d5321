"""What a pass has found and done, in numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from inventory.ledger.counters import Counters
from inventory.models import DriftOutcome, UnitKind
from inventory.quantity import plain

NOTHING = Counters()
ENDS = {
    DriftOutcome.CORRECTED: "corrected",
    DriftOutcome.GONE: "gone",
    DriftOutcome.SKIPPED: "skipped",
    DriftOutcome.QUARANTINED: "quarantined",
    DriftOutcome.REPORTED: "reported",
    DriftOutcome.FAILED: "failed",
}


@dataclass(frozen=True)
class Figures:
    """Of a pass that has run to its end: drifted = corrected + gone + skipped + quarantined + reported + failed.

    `moved` is by how much the counters of each unit kind were changed, whatever the sign; `expired` how many batches were booked so.
    """

    scanned: int = 0
    drifted: int = 0
    corrected: int = 0
    gone: int = 0
    skipped: int = 0
    quarantined: int = 0
    reported: int = 0
    failed: int = 0
    expired: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    moved: Counters = NOTHING

    def ended(self, outcome: DriftOutcome, times: int = 1) -> Figures:
        """With so many more drifts that came to this end."""
        name = ENDS[outcome]
        return replace(self, **{name: getattr(self, name) + times})

    def changed_by(self, difference: Counters) -> Figures:
        """With the counters of one more level changed by so much."""
        return replace(self, moved=Counters(*(total + abs(more) for total, more in zip(self.moved, difference, strict=True))))

    def as_json(self) -> dict[str, Any]:
        moved = {kind: str(plain(self.moved.of(kind))) for kind in UnitKind.values}
        return {**asdict(self), "classes": dict(self.classes), "moved": moved}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Figures:
        moved = stored.get("moved", {})
        return cls(**{**stored, "moved": Counters(*(Decimal(moved.get(kind, 0)) for kind in UnitKind.values))})

    def sentence(self) -> str:
        """The outcome in words."""
        if not self.drifted:
            return f"All {self.scanned} levels agree with their batches." if self.scanned != 1 else "The level agrees with its batches."
        ends = {
            "set right": self.corrected,
            "right again before it was written": self.gone,
            "busy and skipped": self.skipped,
            "quarantined": self.quarantined,
            "only reported": self.reported,
            "failed": self.failed,
        }
        what = ", ".join(f"{number} {words}" for words, number in ends.items() if number)
        return f"{self.drifted} of {self.scanned} levels differed" + (f": {what}." if what else ".")
