"""The one way to speak HTTP with the other side of a connection (docs/wire.md).

Reads are tried up to three times, writes once. Every try spends budget, goes to a checked address, and ends within the call's deadline.
"""

from __future__ import annotations

import json as jsonlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from sync.wire import targets
from sync.wire.answers import ANYTHING, HTML, JSON
from sync.wire.body import DownloadedBody, FileSink, MemorySink
from sync.wire.caller import Breaker, Budget, Caller, Spending
from sync.wire.document import Document, Judge
from sync.wire.errors import BadCredentials, TargetRefused
from sync.wire.exchange import Call
from sync.wire.pinned import Line, PinnedAdapter
from sync.wire.retry import LONGEST_WAIT

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
# For one call with all its tries and pauses: a worker is never held longer by one answer.
DEADLINE_SECONDS = 180.0
JSON_LIMIT = 64 * 1024 * 1024
DOWNLOAD_LIMIT = 256 * 1024 * 1024

Params = Mapping[str, object] | Sequence[tuple[str, object]] | None
T = TypeVar("T")

_ALL = Spending()


class WireSession:
    """Calls to one base address, as a context manager. Used by one thread at a time; several sessions may share a connection."""

    def __init__(
        self,
        base_url: str,
        *,
        connection_id: int | None = None,
        name: str = "",
        allowed: Sequence[targets.Network] = (),
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        basic: tuple[str, str] | None = None,
        auth: AuthBase | None = None,
        judge: Judge | None = None,
        cookies: Mapping[str, str] | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        longest_pause: float = LONGEST_WAIT,
        budget: Budget | None = None,
        breaker: Breaker | None = None,
        ca_file: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        lookup: targets.Lookup = socket.getaddrinfo,
    ) -> None:
        """Nothing is sent yet.

        `connection_id` and `name` are for the log; `allowed` lists the networks that may be reached although they are not public; `ca_file`
        names a file of certificates to trust instead of the usual ones. `auth` signs each try anew. `judge` is for systems that tell an
        error inside an answer of 200, or more about it than the status does: it sees every JSON answer, and what it returns counts for
        breaker, budget and log. Between tries of a read never more than `longest_pause` seconds pass.

        Raises TargetRefused when `base_url` is no usable address, and BadCredentials when a credential can't be sent in a header.
        """
        self._base = targets.parse_base_url(base_url)
        self._line = Line()
        self._http = _http_session(PinnedAdapter(self._line), ca_file)
        self._caller = Caller(
            http=self._http,
            line=self._line,
            base=self._base,
            allowed=allowed,
            lookup=lookup,
            timeouts=(connect_seconds, read_seconds),
            deadline=deadline_seconds,
            longest_pause=longest_pause,
            budget=budget,
            breaker=breaker,
            sleep=sleep,
            who=f"connection={connection_id} name={name!r}",
        )
        _check_sendable({**(headers or {}), **(cookies or {}), **({} if bearer is None else {"bearer": bearer})})
        self._http.headers.update(headers or {})
        self._http.cookies.update(dict(cookies or {}))
        if bearer is not None:
            self._http.headers["Authorization"] = f"Bearer {bearer}"
        if basic is not None:
            self._http.auth = HTTPBasicAuth(basic[0].encode(), basic[1].encode())
        if auth is not None:
            self._http.auth = auth
        self._judge = judge

    def __enter__(self) -> WireSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()
        self._line.close()

    def get_json(
        self,
        path: str,
        *,
        params: Params = None,
        expect: type[T],
        headers: Mapping[str, str] | None = None,
        spending: Spending = _ALL,
        limit_bytes: int = JSON_LIMIT,
        read_seconds: float | None = None,
    ) -> T:
        """The JSON document at `path`, of the type `expect` (dict or list); numbers with a fraction are Decimal. Tried up to three times.

        `path` is relative to the base address, or a whole URL of the same origin as answers name for their next page. It may be silent for
        `read_seconds`, where that differs from the session's other calls. Raises WireError.
        """
        return self.read_json(
            "GET",
            path,
            params=params,
            expect=expect,
            headers=headers,
            spending=spending,
            limit_bytes=limit_bytes,
            read_seconds=read_seconds,
        )

    def read_json(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: Any = None,
        params: Params = None,
        expect: type[T],
        headers: Mapping[str, str] | None = None,
        spending: Spending = _ALL,
        limit_bytes: int = JSON_LIMIT,
        read_seconds: float | None = None,
    ) -> T:
        """As `get_json`, for systems that are read by POST. Only for calls that change nothing: it is tried up to three times."""
        call = self._call(method, path, params, headers, json, data, JSON, limit_bytes, read_seconds)
        return self._json(call, expect, reads=True, spending=spending)

    def write_json(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: Any = None,
        params: Params = None,
        expect: type[T],
        empty: T | None = None,
        headers: Mapping[str, str] | None = None,
        spending: Spending = _ALL,
    ) -> T:
        """Send a write once and return the JSON answer, of the type `expect`; with `type(None)` an empty answer is expected.

        An answer without a body is `empty` where that is given, else no answer.

        Never tried again: of a WireError, `may_have_acted` says whether the write may have been done all the same.
        """
        accept = (*JSON, "") if expect is type(None) or empty is not None else JSON
        call = self._call(method, path, params, headers, json, data, accept, JSON_LIMIT)
        return self._json(call, expect, reads=False, spending=spending, empty=empty)

    def download(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        json: Any = None,
        params: Params = None,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[str],
        limit_bytes: int = DOWNLOAD_LIMIT,
        spending: Spending = _ALL,
    ) -> DownloadedBody:
        """Stream a body of one of the media types `accept` into a temporary file, tried up to three times. The caller closes it.

        A web page is refused unless `accept` holds text/html, whatever the answer's header says. Raises WireError.
        """
        call = self._call(method, path, params, headers, json, data, accept, limit_bytes)
        sink = FileSink()
        try:
            answer = self._caller.run(call, sink, reads=True, spending=spending)
        except BaseException:
            sink.discard()
            raise
        return sink.finish(answer.content_type)

    def probe(self, path: str, *, params: Params = None, spending: Spending = _ALL) -> None:
        """Read `path` and forget the body, whatever it is: whether address, login and network are good. Raises WireError."""
        call = self._call("GET", path, params, None, None, None, (*ANYTHING, *HTML), JSON_LIMIT)
        self._caller.run(call, MemorySink(), reads=True, spending=spending)

    def tell(self, method: str, path: str, *, data: bytes, headers: Mapping[str, str] | None = None, spending: Spending = _ALL) -> None:
        """Send a write once and forget the answer, whatever it is, unless it is a refusal. As for `write_json`, never tried again."""
        call = self._call(method, path, None, headers, None, data, (*ANYTHING, *HTML), JSON_LIMIT)
        self._caller.run(call, MemorySink(), reads=False, spending=spending)

    def _call(
        self,
        method: str,
        path: str,
        params: Params,
        headers: Mapping[str, str] | None,
        json: Any,
        data: Any,
        accept: Sequence[str],
        limit: int,
        read_seconds: float | None = None,
    ) -> Call:
        _check_sendable(headers or {})
        url, own = self._url(path)
        given = list(params.items() if isinstance(params, Mapping) else params or ())
        pairs = [*own, *((name, str(value)) for name, value in given if value is not None)]
        sent = dict(headers or {})
        if json is not None:
            # Without “; charset=…”, which some servers refuse, and as the letters that were meant: JSON is UTF-8 anyway.
            data = jsonlib.dumps(json, ensure_ascii=False, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        return Call(method.upper(), url, pairs, sent, data, accept, limit, read_seconds)

    def _url(self, path: str) -> tuple[str, list[tuple[str, str]]]:
        """The URL without its query, and the query. Raises TargetRefused when a whole URL leads elsewhere."""
        parts = urlsplit(path)
        if parts.scheme or parts.netloc:
            there = targets.parse_base_url(path.partition("?")[0].partition("#")[0])
            if there.origin != self._base.origin:
                raise TargetRefused(
                    f"The other side named an address at {there.origin}, which is not this connection's.",
                    hint="Check that the address of the connection is the one the other side uses for itself.",
                )
            return f"{there.origin}{parts.path}", parse_qsl(parts.query, keep_blank_values=True)
        separator = "" if not parts.path or parts.path.startswith("/") else "/"
        return f"{self._base.origin}{self._base.prefix}{separator}{parts.path}", parse_qsl(parts.query, keep_blank_values=True)

    def _json(self, call: Call, expect: type[T], *, reads: bool, spending: Spending, empty: T | None = None) -> T:
        document = Document(call, expect, reads, empty, self._judge)
        self._caller.run(call, document.sink, reads=reads, spending=spending, understand=document.understand)
        return document.found  # type: ignore[no-any-return]


def _http_session(adapter: PinnedAdapter, ca_file: str | None) -> requests.Session:
    http = requests.Session()
    # Proxies and .netrc of the environment would send credentials to where nobody configured.
    http.trust_env = False
    http.verify = ca_file or True
    http.adapters.clear()
    http.mount("http://", adapter)
    http.mount("https://", adapter)
    http.headers.update({"Accept-Encoding": "gzip, deflate", "User-Agent": "Levelstock"})
    return http


def _check_sendable(values: Mapping[str, str]) -> None:
    """The libraries below would repeat a bad value in their error, so it is found first. Raises BadCredentials naming the entry only."""
    for name, value in values.items():
        if value.isascii() and value.isprintable() and value == value.strip():
            continue
        raise BadCredentials(
            f"The value of “{name}” has line breaks, blanks around it or characters that can't be sent.", hint="Enter it again."
        )
