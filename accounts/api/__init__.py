from __future__ import annotations

from accounts.scoping import AccountScoped, OwnedRelatedField

__all__ = ["AccountScoped", "OwnedRelatedField"]
