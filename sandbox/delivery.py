"""How an answer travels: whole and at once, or the way the switches say."""

from __future__ import annotations

import socket
import struct
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

from sandbox.exchange import Answer, Feed
from sandbox.switches import Board, Switch

PIECES = 20


def delayed(board: Board, feed: Feed, stopping: threading.Event, faults: list[str]) -> None:
    """Wait as long as `slow` says; turning it off ends the wait, and so does a stopping server."""
    slow = board.take("slow", feed.kind, feed.load)
    if slow is not None:
        faults.append("slow")
        board.rest(2.0 if slow.seconds is None else slow.seconds, stopping)


def instead(board: Board, feed: Feed, faults: list[str]) -> Answer | None:
    """The answer that `status` or `throttled` gives instead of the real one."""
    status = board.take("status", feed.kind, feed.load)
    if status is not None:
        faults.append("status")
        return Answer(status.status, b"The server could not answer.")
    throttled = board.take("throttled", feed.kind, feed.load)
    if throttled is not None:
        faults.append("throttled")
        return Answer(429, b"Too many requests.", headers={"Retry-After": throttled.retry_after})
    return None


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection the hard way: the caller sees a reset, not an end."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def send(
    handler: BaseHTTPRequestHandler, answer: Answer, *, head_only: bool, half: bool, drip: Switch | None, stopping: threading.Event
) -> None:
    """Write `answer` to the caller."""
    if half:
        answer = replace(answer, headers={**answer.headers, "Connection": "close"})
        handler.close_connection = True
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    handler.send_header("Content-Length", str(len(answer.body)))
    for name, value in answer.headers.items():
        for line in value.split("\n"):
            handler.send_header(name, line)
    handler.end_headers()
    if head_only:
        return
    body = answer.body[: len(answer.body) // 2] if half else answer.body
    if drip is None:
        handler.wfile.write(body)
        return
    pause = (5.0 if drip.seconds is None else drip.seconds) / PIECES
    length = max(1, -(-len(body) // PIECES))
    for start in range(0, len(body), length):
        handler.wfile.write(body[start : start + length])
        handler.wfile.flush()
        if stopping.wait(pause):
            return
