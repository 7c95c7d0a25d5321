from __future__ import annotations

from tests.marketplaces.push.conftest import toy_marketplace

__all__ = ["toy_marketplace"]
