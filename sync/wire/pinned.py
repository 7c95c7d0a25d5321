"""Connections that go to addresses which were checked before, and that end when the call's time is up.

The name stays the connection's host: the Host header, SNI and the certificate check use it. Only the socket is opened to the address.
"""

from __future__ import annotations

import functools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection


class Line:
    """Where the present try may connect to, and until when. One per session; a session is used by one thread at a time."""

    def __init__(self) -> None:
        self._addresses: tuple[str, ...] = ()
        self._ends = 0.0
        self._expired = threading.Event()
        self._watched: socket.socket | None = None

    @property
    def expired(self) -> bool:
        """Whether the time of the present try ran out while it was going on."""
        return self._expired.is_set()

    @contextmanager
    def open_for(self, addresses: tuple[str, ...], seconds: float) -> Iterator[None]:
        """Let connections go to `addresses` only, and cut whatever is still going on after `seconds`.

        A timer does the cutting because a read time-out starts anew with every byte: an answer that drips would never end.
        """
        self._addresses, self._ends = addresses, time.monotonic() + seconds
        self._expired.clear()
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            self._addresses = ()

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """A socket to the first of the addresses that answers."""
        failure: ConnectTimeoutError | NewConnectionError = NewConnectionError(connection, "no address")
        for address in self._addresses:
            left = self._ends - time.monotonic()
            if left <= 0:
                break
            timeout = connection.timeout
            try:
                opened = create_connection(
                    (address, connection.port),
                    min(float(timeout), left) if isinstance(timeout, int | float) else left,
                    socket_options=connection.socket_options,
                )
            except TimeoutError:
                failure = ConnectTimeoutError(connection, "connect timed out")
            except OSError:
                failure = NewConnectionError(connection, "no connection")
            else:
                self._watch(opened)
                return opened
        raise failure

    def close(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None

    def _watch(self, opened: socket.socket) -> None:
        self.close()
        # A second handle on the same connection: TLS takes the first one over, and this one can still shut it down.
        self._watched = opened.dup()
        if self.expired:
            self._cut()

    def _cut(self) -> None:
        self._expired.set()
        if self._watched is not None:
            try:
                self._watched.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It has ended by itself.
                return


class _PinnedConnection(HTTPConnection):
    def __init__(self, *arguments: Any, line: Line, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._line = line

    def _new_conn(self) -> socket.socket:
        return self._line.connect(self)


class _PinnedTLSConnection(_PinnedConnection, HTTPSConnection):
    pass


class PinnedAdapter(HTTPAdapter):
    """Sends each request once, over connections opened by `line`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        kind = _PinnedTLSConnection if pool.scheme == "https" else _PinnedConnection
        # The pool calls it with the host, the port and its options.
        vars(pool)["ConnectionCls"] = functools.partial(kind, line=self._line)
        return pool
