from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sync import systems
from sync.models import Connection
from sync.wire.verdict import Verdict


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Connection], Verdict]], None]:
    """Lets a test say what testing a GE connection finds."""

    def set_answer(test: Callable[[Connection], Verdict]) -> None:
        monkeypatch.setitem(systems._registered, "ge", replace(systems.system("ge"), test=test))

    return set_answer
