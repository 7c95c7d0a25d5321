"""A listener on the loopback address that speaks as much TDS as a scripted till needs: prelogin, TLS, login, rows, errors, and worse."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

REPLY, BATCH, RPC, LOGIN, PRELOGIN = 0x04, 0x01, 0x03, 0x10, 0x12
ENCRYPT_ON, ENCRYPT_NOT_SUPPORTED = 1, 2
_COLLATION = bytes((0x09, 0x04, 0xD0, 0x00, 0x34))

Answer = bytes
Script = Callable[["Talk", str], None]


def _short(text: str) -> bytes:
    return struct.pack("B", len(text)) + text.encode("utf-16-le")


def error(number: int, text: str = "Something about sa-login at SECRET-HOST") -> bytes:
    """An ERROR token and the end."""
    body = struct.pack("<IBB", number, 1, 14) + struct.pack("<H", len(text)) + text.encode("utf-16-le")
    body += _short("SECRET-HOST") + _short("") + struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body + done(0x0002)


def done(status: int = 0, rows: int = 0) -> bytes:
    return b"\xfd" + struct.pack("<HHQ", status, 0xC1, rows)


def columns(names: Sequence[tuple[str, str]]) -> bytes:
    """A COLMETADATA token: names with text, int, decimal, datetime or date."""
    kinds = {
        "text": b"\xe7" + struct.pack("<H", 200) + _COLLATION,
        "int": b"\x26\x04",
        "decimal": b"\x6a\x09\x12\x03",
        "datetime": b"\x6f\x08",
        "date": b"\x28",
    }
    body = b"".join(struct.pack("<IH", 0, 1) + kinds[kind] + _short(name) for name, kind in names)
    return b"\x81" + struct.pack("<H", len(names)) + body


def row(values: Sequence[Any]) -> bytes:
    return b"\xd1" + b"".join(map(_value, values))


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        encoded = value.encode("utf-16-le")
        return struct.pack("<H", len(encoded)) + encoded
    if isinstance(value, Decimal):
        return struct.pack("<BB", 9, int(value >= 0)) + int(abs(value).scaleb(3)).to_bytes(8, "little")
    if isinstance(value, int):
        return struct.pack("<Bi", 4, value)
    if isinstance(value, datetime):
        since = value - datetime(1900, 1, 1)
        return struct.pack("<BiI", 8, since.days, round((since.seconds + since.microseconds / 1e6) * 300))
    assert isinstance(value, date)
    return b"\x03" + (value.toordinal() - 1).to_bytes(3, "little")


LINE = (
    ("branch_code", "text"),
    ("bill_no", "text"),
    ("serial_no", "int"),
    ("bar_code", "text"),
    ("quantity", "decimal"),
    ("bill_date", "datetime"),
    ("branch_key", "text"),
    ("bill_key", "text"),
)
_SCHEMA = (
    ("BranchCode", "char", "NO"),
    ("BillNo", "varchar", "NO"),
    ("SerialNo", "int", "NO"),
    ("BarCode", "varchar", "YES"),
    ("Quantity", "decimal", "YES"),
    ("BillDate", "datetime", "YES"),
)


def schema(*, without: str = "") -> bytes:
    """The answer to what columns there are."""
    tables = ("INV_PointofSalesDetailTAB", "INV_SalesReturnDetailTAB")
    rows = [row((table, *column)) for table in tables for column in _SCHEMA if column[0] != without]
    names = (("TABLE_NAME", "text"), ("COLUMN_NAME", "text"), ("DATA_TYPE", "text"), ("IS_NULLABLE", "text"))
    return columns(names) + b"".join(rows) + done(0x10, len(rows))


def today(day: date) -> bytes:
    return columns((("today", "date"),)) + row((day,)) + done(0x10, 1)


def line(number: int, *, quantity: str = "2.000") -> bytes:
    """A bill line of branch 001, blanks at the end of its branch as char(n) has them."""
    bill = f"B{number:04d}"
    return row(("001", bill, 1, "4001", Decimal(quantity), datetime(2026, 5, 20, 10, 15), "001  ", bill))


def lines(*found: bytes) -> bytes:
    return columns(LINE) + b"".join(found) + done(0x10, len(found))


@dataclass
class Talk:
    """One caller."""

    raw: socket.socket
    tls: ssl.SSLObject | None = None
    incoming: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    outgoing: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)

    def send(self, payload: bytes, kind: int = REPLY, *, last: bool = True, most: int | None = None) -> None:
        """A packet; with `most` only so many bytes of it go out."""
        packet = struct.pack(">BBHHBB", kind, int(last), len(payload) + 8, 0, 1, 0) + payload
        packet = packet[:most]
        if self.tls is None:
            self.raw.sendall(packet)
            return
        self.tls.write(packet)
        self.raw.sendall(self.outgoing.read())

    def read(self) -> tuple[int, bytes]:
        """A whole message: its kind and content."""
        content, last, kind = b"", False, 0
        while not last:
            kind, status, length = struct.unpack(">BBH4x", self._exactly(8))
            content += self._exactly(length - 8)
            last = bool(status & 1)
        return kind, content

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            if self.tls is None:
                more = self.raw.recv(size - len(found))
            else:
                try:
                    more = self.tls.read(size - len(found))
                except ssl.SSLWantReadError:
                    received = self.raw.recv(65536)
                    if not received:
                        raise ConnectionError from None
                    self.incoming.write(received)
                    continue
            if not more:
                raise ConnectionError
            found += more
        return found

    def handshake(self, context: ssl.SSLContext) -> None:
        """TLS within prelogin packets, as SQL Server does it."""
        shaking = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        while True:
            try:
                shaking.do_handshake()
            except ssl.SSLWantReadError:
                self._answer_handshake()
                _, content = self.read()
                self.incoming.write(content)
            else:
                self._answer_handshake()
                self.tls = shaking
                return

    def _answer_handshake(self) -> None:
        if waiting := self.outgoing.read():
            self.send(waiting, PRELOGIN)


class Listener:
    """A scripted SQL Server. `script` answers each statement; `logins` and `asked` are what came in."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        login: Callable[[Talk], None] | None = None,
        prelogin: Callable[[Talk], None] | None = None,
    ) -> None:
        self._script, self._tls, self._login, self._prelogin = script, tls, login, prelogin
        self.asked: list[str] = []
        self.callers = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self._open:
            each.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                raw, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(raw)
            self.callers += 1
            # A caller that is refused hangs up in the middle.
            with contextlib.suppress(OSError, ssl.SSLError):
                self._talk(Talk(raw))
            with contextlib.suppress(OSError):
                raw.close()

    def _talk(self, talk: Talk) -> None:
        talk.read()
        if self._prelogin is not None:
            self._prelogin(talk)
            return
        crypt = ENCRYPT_ON if self._tls is not None else ENCRYPT_NOT_SUPPORTED
        talk.send(b"\x00\x00\x0b\x00\x06" + b"\x01\x00\x11\x00\x01" + b"\xff" + b"\x0f\x00\x07\xd0\x00\x00" + bytes((crypt,)))
        if self._tls is not None:
            talk.handshake(self._tls)
        talk.read()
        if self._login is not None:
            self._login(talk)
            return
        version = b"\x01" + b"\x74\x00\x00\x04" + _short("Till") + b"\x0f\x00\x07\xd0"
        database = b"\x01" + _short("till-database") + _short("master")
        talk.send(b"\xad" + struct.pack("<H", len(version)) + version + b"\xe3" + struct.pack("<H", len(database)) + database + done())
        while True:
            _, content = talk.read()
            statement = content.decode("utf-16-le", "replace") + content[1:].decode("utf-16-le", "replace")
            if "LOCK_TIMEOUT" in statement:
                talk.send(done())
                continue
            self.asked.append(statement)
            assert self._script is not None
            self._script(talk, statement)


def till(*pages: bytes, day: date = date(2026, 5, 20)) -> Script:
    """Tables, the day, and one answer after the other to questions for lines."""
    waiting = list(pages)

    def script(talk: Talk, statement: str) -> None:
        if "INFORMATION_SCHEMA" in statement:
            talk.send(schema())
        elif "GETDATE" in statement:
            talk.send(today(day))
        else:
            talk.send(waiting.pop(0) if waiting else lines())

    return script
