"""The sandbox's control page, from a program."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


class Control:
    """GE in the sandbox at this address."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/_control/ge"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Do `action` (reset, next-day, switch, clear, forget) and give the state after it."""
        body, kind = json.dumps(arguments).encode(), {"Content-Type": "application/json", "Accept": "application/json"}
        call = urllib.request.Request(f"{self._address}/{action}", data=body, headers=kind)
        with self._opener.open(call, timeout=60) as reply:
            state: dict[str, Any] = json.load(reply)
        return state
