"""Every address of the API with what may be done there, read from the URL conf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver

PREFIX = "api/"


@dataclass(frozen=True)
class Address:
    """`path` as in "/api/runs/<pk>/cancel", without a slash at the end."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses() -> list[Address]:
    return sorted({Address(method, path) for path, view in _views(get_resolver(), "") for method in _methods(view)}, key=str)


def _views(resolver: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern, here)
        elif isinstance(pattern, URLPattern) and here.removeprefix("^").startswith(PREFIX):
            yield simplify_regex(here).rstrip("/"), pattern.callback


def _methods(view: Any) -> Iterator[str]:
    """What the view answers to; HEAD and OPTIONS tell no more than GET."""
    actions: dict[str, str] | None = getattr(view, "actions", None)
    names = actions if actions else [name for name in view.cls.http_method_names if hasattr(view.cls, name)]
    yield from (name.upper() for name in names if name not in ("head", "options"))
