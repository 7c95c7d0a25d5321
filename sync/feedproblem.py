"""Why a feed as a whole can't be used."""

from __future__ import annotations


class FeedProblem(Exception):
    """A feed that contributes nothing to a run: neither its rows nor what it leaves out count.

    `code` is for programs, `sentence` says what is wrong, `hint` what a person can do.
    """

    def __init__(self, code: str, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint

    def __repr__(self) -> str:
        return f"FeedProblem({self.code!r}, {self.sentence!r})"
