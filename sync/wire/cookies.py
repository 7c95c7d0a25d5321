"""Cookies as a person copies them out of a browser."""

from __future__ import annotations

from sync.wire.errors import BadCredentials


def parse_cookies(text: str) -> dict[str, str]:
    """The cookies of a Cookie header as copied from a browser's developer tools, with or without “Cookie:” before it; lines are joined.

    Raises BadCredentials, naming positions and never values, when a part is no `name=value` or nothing is left.
    """
    joined = " ".join(text.split())
    if joined.lower().startswith("cookie:"):
        joined = joined[len("cookie:") :]
    parts = [part.strip() for part in joined.split(";") if part.strip()]
    cookies: dict[str, str] = {}
    for position, part in enumerate(parts, start=1):
        name, separator, value = part.partition("=")
        if not separator or not name.strip() or not part.isascii() or not part.isprintable():
            raise BadCredentials(
                f"Cookie number {position} is not of the form name=value.", hint="Copy the whole value of the request header “Cookie”."
            )
        cookies[name.strip()] = value.strip()
    if not cookies:
        raise BadCredentials("The cookie is empty.", hint="Copy the whole value of the request header “Cookie”.")
    return cookies
