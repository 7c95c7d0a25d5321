"""What is said of a listing or an attempt: for programs, for people, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.errors import Problem


@dataclass(frozen=True)
class Words:
    """Why something is as it is."""

    code: str = ""
    sentence: str = ""
    hint: str = ""

    def columns(self) -> dict[str, str]:
        """As the tables keep them; what is longer than a column is cut."""
        return {"code": self.code[:40], "sentence": self.sentence[:1000], "hint": self.hint[:500]}


NONE = Words()


def said_by(problem: Problem) -> Words:
    """The words of a problem."""
    return Words(problem.code, problem.sentence, problem.hint)
