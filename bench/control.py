"""The sandbox, from a program: its control page, and what its lists really say."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import urlencode

from sandbox.demo import GE_TOKEN
from sandbox.ge.world import ORG


class Control:
    """One system of the sandbox at this address."""

    def __init__(self, address: str, system: str = "ge") -> None:
        self._address, self._outside = f"{address}/_control/{system}", f"{address}/{system}"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Do `action` (reset, next-day, switch, clear, forget, or one of the system's own) and give the state after it."""
        body, kind = json.dumps(arguments).encode(), {"Content-Type": "application/json", "Accept": "application/json"}
        call = urllib.request.Request(f"{self._address}/{action}", data=body, headers=kind)
        with self._opener.open(call, timeout=60) as reply:
            state: dict[str, Any] = json.load(reply)
        return state

    def stock(self) -> dict[str, str]:
        """Bucket by serial of every unit, as GE's lists have it."""
        found: dict[str, str] = {}
        for bucket in ("FG", "ASIS", "STA"):
            cursor = ""
            while True:
                query = urlencode({"org": ORG, **({"cursor": cursor} if cursor else {})})
                call = urllib.request.Request(f"{self._outside}/stock/{bucket}?{query}", headers={"Authorization": f"Bearer {GE_TOKEN}"})
                with self._opener.open(call, timeout=60) as reply:
                    page = json.load(reply)
                found.update({row["serial"].upper(): bucket for row in page["rows"] if row["serial"]})
                cursor = page.get("next", "")
                if not cursor:
                    break
        return found
