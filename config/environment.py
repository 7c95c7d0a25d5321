"""Typed readers of the environment. An impossible value stops the start with the sentence that mends it."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def secret(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file named by NAME_FILE (container secrets).

    Raises ImproperlyConfigured when neither is set and there is no default, or when the file can't be read.
    """
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names a file that can't be read ({error.strerror}). Correct the path or set {name} instead."
            ) from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. Put it into the environment; `make run` writes one for you.")
    return value


def networks(name: str) -> tuple[Network, ...]:
    """The comma separated networks (CIDR) of NAME; empty when unset. Raises ImproperlyConfigured naming the part that is no network."""
    found: list[Network] = []
    for part in filter(None, (piece.strip() for piece in os.environ.get(name, "").split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} contains “{part}”, which is not a network. Write for example 192.168.10.0/24.") from error
    return tuple(found)


def whole_number(name: str, default: int, *, least: int = 0) -> int:
    """The whole number NAME. Raises ImproperlyConfigured when it is no number or below `least`."""
    text = os.environ.get(name, str(default))
    try:
        value = int(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not “{text}”.") from error
    if value < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {value}.")
    return value
