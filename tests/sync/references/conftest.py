from __future__ import annotations

from tests.sync.finale.conftest import _one_call_after_the_other, account, finale, finale_server

__all__ = ["_one_call_after_the_other", "account", "finale", "finale_server"]
