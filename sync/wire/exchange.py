"""One try of one call: send, judge the answer, stream its body. Errors of the libraries below end here.

Their texts hold whole URLs and header values. So a WireError is returned, not raised from them, and carries nothing of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import requests
from requests import exceptions as http_errors
from urllib3 import exceptions as pool_errors

from sync.wire.answers import HTML, html_instead, looks_like_html, media_type, status_problem, type_problem
from sync.wire.errors import Unreachable, WireError, WrongAnswer
from sync.wire.pinned import Line
from sync.wire.retry import retry_after

_PIECE = 65_536
# Enough of an error's body for a source to tell one refusal from another, though a traceback may come with it.
_ERROR_BODY = 65_536


class Sink(Protocol):
    """Where a body goes."""

    def restart(self) -> None: ...
    def write(self, piece: bytes) -> None: ...


@dataclass(frozen=True)
class Call:
    """What is asked. `url` has no query; `accept` are the media types that are understood; `limit` bounds the decoded body in bytes.

    `read_seconds` is how long it may be silent, where that differs from the session's other calls.
    """

    method: str
    url: str
    params: Sequence[tuple[str, str]] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    data: Any = field(repr=False)
    accept: Sequence[str]
    limit: int
    read_seconds: float | None = None


@dataclass(frozen=True)
class Answer:
    """What one try brought: either an error or an accepted body in the sink. `after` is its Retry-After in seconds, 0 without one."""

    error: WireError | None
    status: int | None = None
    content_type: str = ""
    received: int = 0
    after: float = 0.0


def exchange(http: requests.Session, line: Line, call: Call, sink: Sink, timeouts: tuple[float, float], deadline: float) -> Answer:
    """Send `call` once and stream an accepted body into `sink`.

    `timeouts` are the seconds for connecting and for each read. `deadline`, in seconds too, is for the sentence only: `line` enforces it.
    """
    sink.restart()
    timeouts = (timeouts[0], call.read_seconds or timeouts[1])
    response: requests.Response | None = None
    try:
        response = http.request(
            call.method,
            call.url,
            params=list(call.params),
            headers=dict(call.headers),
            data=call.data,
            stream=True,
            allow_redirects=False,
            timeout=timeouts,
        )
    except (http_errors.RequestException, pool_errors.HTTPError, OSError) as error:
        return Answer(_late(call, deadline) if line.expired else _not_answered(error, call, timeouts))
    with response:
        answer = _read(response, call, sink, timeouts)
    # Headers, or a body without a stated length, end like complete ones when the line is cut.
    return replace(answer, error=_late(call, deadline)) if line.expired else answer


def _read(response: requests.Response, call: Call, sink: Sink, timeouts: tuple[float, float]) -> Answer:
    status, found = response.status_code, media_type(response.headers.get("Content-Type"))
    after = retry_after(response.headers.get("Retry-After"), datetime.now(UTC)) or 0.0
    if problem := status_problem(status, response.headers, url=call.url, now=datetime.now(UTC)):
        problem.body = _beginning(response)
        return Answer(problem, status, found, len(problem.body), after)
    received = 0
    failed: WireError | None = _announced_problem(response, found, call)
    if failed is None:
        try:
            for piece in response.raw.stream(_PIECE, decode_content=True):
                if received == 0 and looks_like_html(piece) and not set(HTML) & set(call.accept):
                    failed = html_instead(call.url)
                    break
                received += len(piece)
                if received > call.limit:
                    failed = _too_large(call)
                    break
                sink.write(piece)
        except (pool_errors.HTTPError, OSError) as error:
            failed = _cut_short(error, call, timeouts)
    if failed is not None:
        failed.http_status = status
    return Answer(failed, status, found, received, after)


def _announced_problem(response: requests.Response, found: str, call: Call) -> WireError | None:
    if response.status_code in (204, 205) or response.headers.get("Content-Length") == "0":
        return None
    length = response.headers.get("Content-Length", "")
    # What is too large before it is decoded is so afterwards.
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > call.limit:
        return _too_large(call)
    return type_problem(found, call.accept, url=call.url)


def _beginning(response: requests.Response) -> bytes:
    try:
        return bytes(response.raw.read(_ERROR_BODY, decode_content=True))
    except (pool_errors.HTTPError, OSError):
        # The status has said all that matters.
        return b""


def _not_answered(error: Exception, call: Call, timeouts: tuple[float, float]) -> WireError:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, http_errors.SSLError):
        return Unreachable(
            f"No secure connection to {call.url}: the certificate or the protocol was not accepted.",
            hint="The certificate may have expired, name another host or come from an unknown authority. Check the address or renew it.",
            code="tls",
        )
    if isinstance(error, http_errors.ConnectTimeout):
        sentence = f"No connection to {call.url} within {timeouts[0]:g} seconds."
        return Unreachable(sentence, hint="Check the address, the network and the firewall.", code="connect_timeout")
    if isinstance(reason, pool_errors.NewConnectionError):
        hint = "Check that the other side is running, and the address and port of the connection."
        return Unreachable(f"No connection to {call.url}.", hint=hint, code="connect")
    if isinstance(error, http_errors.ReadTimeout):
        return _silent(call, timeouts)
    hint = "If it stays like this, look at the other side or at a proxy in between."
    return Unreachable(f"The connection to {call.url} was cut before an answer came.", hint=hint, code="cut_off", may_have_acted=True)


def _cut_short(error: Exception, call: Call, timeouts: tuple[float, float]) -> WireError:
    if isinstance(error, pool_errors.ReadTimeoutError):
        return _silent(call, timeouts)
    if isinstance(error, pool_errors.DecodeError):
        return WrongAnswer(f"The answer from {call.url} is compressed, but damaged.", code="undecodable", may_have_acted=True)
    return WrongAnswer(f"Only half a body came from {call.url}.", code="half_body", may_have_acted=True)


def _silent(call: Call, timeouts: tuple[float, float]) -> Unreachable:
    hint = "The other side is slow or overloaded."
    return Unreachable(f"{call.url} was silent for {timeouts[1]:g} seconds.", hint=hint, code="timeout", may_have_acted=True)


def _late(call: Call, deadline: float) -> Unreachable:
    hint = "The other side is very slow."
    sentence = f"{call.url} did not finish its answer within {deadline:g} seconds."
    return Unreachable(sentence, hint=hint, code="deadline", may_have_acted=True)


def _too_large(call: Call) -> WrongAnswer:
    sentence = f"The answer from {call.url} is larger than {call.limit:,} bytes."
    return WrongAnswer(sentence, hint="If so much is expected, ask for it in parts.", code="too_large", may_have_acted=True)
