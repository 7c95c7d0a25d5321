"""The JSON document that a call is answered with: read and judged before anybody is told how the call went."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from sync.wire.body import MemorySink
from sync.wire.errors import RetryLater, WireError, WrongAnswer
from sync.wire.exchange import Answer, Call

Judge = Callable[[Any, int], WireError | None]
"""What a JSON answer with that HTTP status means, good or not; None where the status alone says it."""


class Document:
    """The JSON that a call is answered with: read, and judged, after each try."""

    def __init__(self, call: Call, expect: type[Any], reads: bool, empty: Any, judge: Judge | None) -> None:
        self.sink = MemorySink()
        self.found: Any = None
        self._call, self._expect, self._reads, self._empty, self._judge = call, expect, reads, empty, judge

    def understand(self, answer: Answer) -> WireError | None:
        """The error that the answer means; None when `found` is what was asked for."""
        error = self._judged(answer) if answer.error is not None else self._read(answer)
        if error is not None and error.http_status is None:
            error.http_status = answer.status
        if isinstance(error, RetryLater) and answer.after:
            error.after = answer.after
        return error

    def _judged(self, answer: Answer) -> WireError | None:
        error = answer.error
        if error is None or self._judge is None or answer.status is None or not error.body:
            return error
        try:
            said = json.loads(error.body, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return error
        return self._judge(said, answer.status) or error

    def _read(self, answer: Answer) -> WireError | None:
        content = self.sink.content
        if not content and self._empty is not None:
            self.found = self._empty
            return None
        problem: tuple[str, str] | None = None
        if content or self._expect is not type(None):
            try:
                self.found = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
            except (ValueError, RecursionError):
                problem = ("not_json", f"The answer from {self._call.url} can't be read as JSON.")
            else:
                error = self._judge(self.found, answer.status or 0) if self._judge is not None else None
                if error is not None:
                    return error
        if problem is None and not isinstance(self.found, self._expect):
            problem = ("json_shape", f"The answer from {self._call.url} is a JSON {_kind(self.found)}, not a {_kind(self._expect())}.")
        if problem is None:
            return None
        return WrongAnswer(problem[1], code=problem[0], may_have_acted=not self._reads, body=bytes(content[:4096]))


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")


def _kind(value: object) -> str:
    return {dict: "object", list: "list", str: "text", bool: "truth value", type(None): "null"}.get(type(value), "number")
