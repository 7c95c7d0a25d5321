"""What came of the points of a drill. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_SENTENCES = 20


@dataclass
class Told:
    """What came of all points."""

    points: int = 0
    killed: int = 0
    kills: int = 0
    not_killed: int = 0
    doubled: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    violated: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)

    def judge(self, invariant: str, wrong: list[str], where: str) -> None:
        """Count one look at an invariant."""
        self.checked[invariant] += 1
        if wrong:
            self.violated[invariant] += 1
            self.sentences += [f"{where}: {invariant}: {sentence}" for sentence in wrong[:3]]

    def content(self) -> dict[str, Any]:
        """As JSON has it; of many sentences the first."""
        return {**vars(self), "sentences": self.sentences[:MOST_SENTENCES]}
