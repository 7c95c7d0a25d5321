"""Requests signed as BrickLink wants it: OAuth 1.0a with HMAC-SHA1 and both secrets, no token exchange (RFC 5849; docs/bricklink.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Credentials:
    """The four secrets of an API consumer."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token_value: str = field(repr=False)
    token_secret: str = field(repr=False)


def new_nonce() -> str:
    """Text that was never sent before."""
    return secrets.token_hex(16)


class Signed(AuthBase):
    """Signs every request that it is given, with a nonce of its own and the time of that moment. Bodies are not part of a signature."""

    def __init__(self, credentials: Credentials, *, nonce: Callable[[], str] = new_nonce, clock: Callable[[], float] = time.time) -> None:
        self._credentials, self._nonce, self._clock = credentials, nonce, clock

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        method, url = request.method or "", request.url or ""
        request.headers["Authorization"] = authorization(self._credentials, method, url, self._nonce(), int(self._clock()))
        return request


def authorization(credentials: Credentials, method: str, url: str, nonce: str, timestamp: int) -> str:
    """The header for a request of the final `url`, its query included."""
    fields = {
        "oauth_consumer_key": credentials.consumer_key,
        "oauth_token": credentials.token_value,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(timestamp),
        "oauth_nonce": nonce,
        "oauth_version": "1.0",
    }
    fields["oauth_signature"] = signature(credentials, base_text(method, url, fields.items()))
    return f'OAuth realm="", {", ".join(f"{name}={chr(34)}{encoded(value)}{chr(34)}" for name, value in fields.items())}'


def base_text(method: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """What is signed: method, address and all parameters in their order (RFC 5849, section 3.4.1)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.port not in (None, _USUAL_PORTS.get(parts.scheme.lower())):
        host = f"{host}:{parts.port}"
    pairs = sorted((encoded(name), encoded(value)) for name, value in [*fields, *parse_qsl(parts.query, keep_blank_values=True)])
    normal = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join((method.upper(), encoded(f"{parts.scheme.lower()}://{host}{parts.path or '/'}"), encoded(normal)))


def signature(credentials: Credentials, text: str) -> str:
    """The signature of a base text."""
    key = f"{encoded(credentials.consumer_secret)}&{encoded(credentials.token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def encoded(text: str) -> str:
    """Percent-encoded so that only letters, digits and “-._~” stay bare (RFC 3986)."""
    return quote(text, safe="~")
