"""What an answer's status line and headers say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from sync.wire.errors import BadCredentials, Refused, RetryLater, SessionExpired, WireError, WrongAnswer
from sync.wire.retry import reset_after, retry_after

HTML = ("text/html", "application/xhtml+xml")
JSON = ("application/json", "text/json", "*+json")
ANYTHING = ("*",)

_SIGN_IN = re.compile(
    r"(^|[/._-])(log-?in|log-?on|sign-?in|sign-?on|sso|auth|oauth2?|oidc|saml2?|openid|session[-_]?expired|logout)([/._-]|$)", re.I
)
_BUSY = {408: "the other side gave up waiting", 425: "it was sent too early", 429: "there were too many calls"}


def status_problem(status: int, headers: Mapping[str, str], *, url: str, now: datetime) -> WireError | None:
    """The error that an answer with `status` and `headers` to a call of `url` (without its query) means; None for 2xx.

    Header names are matched as `headers` does it, so give a mapping that ignores case. `now` dates a Retry-After.
    """
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return _redirect(status, headers.get("Location", ""), url)
    if status == 401:
        return BadCredentials(f"The login was refused (401) at {url}.", http_status=status)
    after = retry_after(headers.get("Retry-After"), now) or 0.0
    if status == 429 and not after:
        after = reset_after(headers.get("X-RateLimit-Reset"), now) or 0.0
    if status in _BUSY:
        code = "too_many_calls" if status == 429 else "busy"
        return RetryLater(f"Try later: {_BUSY[status]} ({status}) at {url}.", after=after, code=code, http_status=status)
    if status in (501, 505) or 400 <= status < 500:
        return _refused(status, url)
    if status >= 500:
        sentence = f"The other side failed ({status}) at {url}."
        return RetryLater(sentence, after=after, code="server_error", http_status=status, may_have_acted=True)
    return WrongAnswer(f"The answer has the unknown status {status} at {url}.", code="status", http_status=status, may_have_acted=True)


def _refused(status: int, url: str) -> Refused:
    if status == 403:
        hint = "Give the login of this connection the right to do that at the other side."
        return Refused(f"The login is not allowed to do that (403) at {url}.", code="forbidden", hint=hint, http_status=status)
    if status in (404, 410):
        hint = "Check the address of the connection, and the account or database named in it."
        return Refused(f"There is nothing at {url} ({status}).", code="not_found", hint=hint, http_status=status)
    return Refused(
        f"The other side refused the call ({status}) at {url}.", hint="Its documentation says what it refuses.", http_status=status
    )


def _redirect(status: int, location: str, url: str) -> WireError:
    if leads_to_sign_in(url, location):
        there = _place(url, location)
        return SessionExpired(f"The answer ({status}) leads from {url} to a sign-in at {there}: the session has ended.", http_status=status)
    hint = "Check the address of the connection: http or https, host and path must be the final ones."
    return WrongAnswer(
        f"The answer ({status}) leads from {url} to {_place(url, location)}.", code="redirect", hint=hint, http_status=status
    )


def _place(url: str, location: str) -> str:
    """Where a redirect leads, as far as its path: what follows may hold a secret, and so may what looks like no address."""
    try:
        there = urlsplit(urljoin(url, location))
        port = f":{there.port}" if there.port else ""
    except ValueError:
        return "another place"
    place = f"{there.scheme}://{there.hostname or ''}{port}{there.path}"
    return place if location and re.fullmatch(r"[a-z]+://[A-Za-z0-9./:_~%\[\]-]{1,150}", place) else "another place"


def leads_to_sign_in(url: str, location: str) -> bool:
    """Whether a redirect from `url` to `location` goes to a sign-in: to another host, or to a path that is called like one.

    The same host under https instead of http, or with or without “www.”, is a wrong address and no sign-in.
    """
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
        hosts = [(parts.hostname or "").removeprefix("www.") for parts in (here, there)]
    except ValueError:
        return False
    return hosts[0] != hosts[1] or bool(_SIGN_IN.search(there.path))


def media_type(header: str | None) -> str:
    """The media type of a Content-Type header in lower case, without parameters; empty when there is none."""
    return (header or "").partition(";")[0].strip().lower()


def type_problem(found: str, accept: Sequence[str], *, url: str) -> WrongAnswer | None:
    """The error when the media type `found` is none of `accept`, which may hold `*+json`-like endings and `*` for anything but HTML.

    A missing type is accepted only where `accept` holds an empty text or `*`.
    """
    if found in accept:
        return None
    if found in HTML:
        return html_instead(url)
    if any(pattern.startswith("*") and found.endswith(pattern[1:]) for pattern in accept):
        return None
    # Only what looks like a media type is repeated: a header may hold anything.
    name = f"“{found}”" if re.fullmatch(r"[a-z0-9!#$&^_.+/-]{1,100}", found) else "of no known kind"
    return WrongAnswer(f"The answer from {url} is {name}, not what was asked for.", code="content_type", may_have_acted=True)


def looks_like_html(beginning: bytes) -> bool:
    """Whether a body begins like a web page, whatever its header says."""
    start = beginning[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def html_instead(url: str) -> WrongAnswer:
    hint = "The session may have expired, or the address belongs to something else. Open it in a browser to see the page."
    return WrongAnswer(f"The answer from {url} was a web page, not data.", code="html", hint=hint, may_have_acted=True)
