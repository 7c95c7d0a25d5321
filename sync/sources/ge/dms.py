"""The dealer system's own spreadsheet downloads, with the session of somebody who is signed in (docs/ge-connection.md, “DMS”)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from sync.models.connection import Connection
from sync.sources.ge.cookiecommand import cookies_from_command
from sync.sources.ge.fetched import Fetched
from sync.sources.ge.lists import HISTORY, OPEN, bucket_of
from sync.sources.ge.options import Options
from sync.sources.ge.reading import checksum_of
from sync.tabular import problems
from sync.wire.answers import ANYTHING
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import ConnectionBudget
from sync.wire.cookies import parse_cookies
from sync.wire.errors import BadCredentials, SessionExpired, WrongAnswer
from sync.wire.session import WireSession

Pairs = list[tuple[str, str]]


class DmsClient:
    """Each call opens its own session; all carry the same cookies and share the connection's budgets and breaker."""

    in_parallel = True

    def __init__(self, connection: Connection, options: Options, *, guarded: bool) -> None:
        self.footer_promised = options.footer_promised
        self._connection = connection
        self._options = options
        self._guarded = guarded
        self._signing_in = threading.Lock()
        self._cookies: Mapping[str, str] | None = None

    def probe(self) -> None:
        """Open the page that only who is signed in sees. Raises SessionExpired and other WireErrors, CredentialsUnreadable."""
        with self._session() as wire:
            wire.probe(self._text("probe_path"))

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """The spreadsheet as it comes. Raises WireError, SessionExpired also for a page instead of it; CredentialsUnreadable."""
        asked_at = datetime.now(UTC)
        path, query, form = self._request(feed, part)
        with self._session() as wire:
            try:
                download = wire.download("POST", path, params=query, data=form, accept=ANYTHING, limit_bytes=settings.UPLOAD_LIMIT)
            except WrongAnswer as error:
                if error.code != "html":
                    raise
                page = problems.html()
                raise SessionExpired(page.sentence, hint=SessionExpired.hint, code=page.code, http_status=error.http_status) from None
            with download, download.open() as file:
                body = file.read()
        return Fetched(body, download.content_type, "", asked_at, checksum_of(body), "dms")

    def _request(self, feed: str, part: str) -> tuple[str, Pairs, Pairs]:
        """Path, query and form of a list's download."""
        org = self._options.org
        words = {"org": org, "bucket": bucket_of(feed), "load_org": part[: len(org)], "load_time": part[len(org) :]}
        if words["bucket"]:
            return self._text("stock_path"), [], self._pairs("stock_form", words)
        if feed == OPEN:
            return self._text("open_path"), [], self._pairs("open_form", words)
        if feed == HISTORY:
            return self._text("history_path"), [], self._pairs("history_form", words)
        return self._text("roster_path"), self._pairs("roster_query", words), self._pairs("roster_form", words)

    def _text(self, name: str) -> str:
        return self._options.texts[f"dms_{name}"]

    def _pairs(self, name: str, words: Mapping[str, str]) -> Pairs:
        return [(key, _filled(value, words)) for key, value in parse_qsl(self._text(name), keep_blank_values=True)]

    def _session(self) -> WireSession:
        connection = self._connection
        base = urlsplit(connection.base_url)
        return WireSession(
            connection.base_url,
            connection_id=connection.pk,
            name=connection.name,
            allowed=settings.ALLOWED_TARGETS,
            # GE answers downloads that come from its own page.
            headers={
                "User-Agent": self._text("user_agent"),
                "Referer": f"{base.scheme}://{base.netloc}{base.path.rstrip('/')}{self._text('probe_path')}",
            },
            cookies=self._signed_in(),
            budget=ConnectionBudget(connection.pk),
            breaker=ConnectionBreaker(connection.pk) if self._guarded else None,
        )

    def _signed_in(self) -> Mapping[str, str]:
        """The session's cookies: from the operator's command, asked once, else as stored with the connection."""
        with self._signing_in:
            if self._cookies is None:
                text = cookies_from_command(self._connection) or self._connection.secrets.get("cookies", "")
                if not text:
                    raise BadCredentials(
                        "The connection has no cookies.",
                        hint="Sign in with a browser and store its Cookie header as the secret “cookies” of this connection.",
                    )
                self._cookies = parse_cookies(text)
            return self._cookies


def _filled(text: str, words: Mapping[str, str]) -> str:
    # Not by format(): an encoded brace could name attributes of the words.
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
