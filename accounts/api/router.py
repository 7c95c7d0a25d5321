from __future__ import annotations

from rest_framework.routers import SimpleRouter


class Router(SimpleRouter):
    """Addresses with and without the slash at the end, so that neither way of writing them loses a POST in a redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
