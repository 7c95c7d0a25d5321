"""The line of one drain to its shop: opened when it is first needed, and closed at the end."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Any

from django.conf import settings

from marketplaces.models import Shop
from marketplaces.provider import Provider, Remote, provider_of
from marketplaces.push.plan import Rules
from sync.systems import values_of


class Line:
    """What the work on all listings of a shop shares."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.provider: Provider = provider_of(shop)
        self._open = ExitStack()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    @cached_property
    def remote(self) -> Remote:
        """The other side. Raises CredentialsUnreadable, BadCredentials, TargetRefused."""
        return self._open.enter_context(self.provider.open(self.shop))

    @property
    def mocked(self) -> bool:
        """Whether calls are only pretended: nothing leaves this installation."""
        return bool(settings.DISABLE_EXTERNAL_CALLS)

    def settings_of(self, shop: Shop) -> Mapping[str, Any]:
        """The shop's settings as they are now."""
        return values_of(shop.connection)

    def rules(self, values: Mapping[str, Any]) -> Rules:
        """Those of its settings that decide what is sent."""
        return Rules(keeps_empty=values["zero_stock"] == "keep", sets_quantities=self.provider.sets_quantities)
