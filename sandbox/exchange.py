"""What a stand-in gets to see of a call, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One call. `path` begins after the system's prefix; `form` is the decoded form or JSON body, `body` the same as it came.

    `url` is the whole address that the caller used, with its query; names of `headers` are in small letters.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    authorization: str = ""
    accept: str = ""
    url: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """The data set a call asks for, or the kind of call it is; `load` is set for the roster of one load."""

    kind: str
    load: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer, before the delivery switches get hold of it: sent after `held` seconds, or, `dropped`, never."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    held: float = 0.0
    dropped: bool = False


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """`value` as a JSON body."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), "application/json", headers or {})


def html_answer(text: str, status: int = 200) -> Answer:
    """`text` as an HTML page."""
    return Answer(status, text.encode(), "text/html; charset=utf-8")
