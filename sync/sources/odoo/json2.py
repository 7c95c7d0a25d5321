"""JSON-2, the API of Odoo 19 and later: a path for each model and method, a key in a header (docs/odoo.md, “Wire”)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.sources.odoo import problems
from sync.wire.session import WireSession

NAME = "json2"


class Json2:
    """Calls of methods by JSON-2. The key is all it needs to know who asks."""

    name = NAME

    def __init__(self, database: str, key: str) -> None:
        self.session: Mapping[str, Any] = {
            "bearer": key,
            "headers": {"Accept": "application/json", "X-Odoo-Database": database},
            "judge": problems.judged,
        }
        """What its calls' sessions are opened with."""

    def call(self, wire: WireSession, model: str, method: str, parameters: Mapping[str, Any], expect: type[Any]) -> Any:
        """What the method answers to these named parameters. Only for what reads. Raises WireError."""
        return wire.read_json("POST", f"/json/2/{model}/{method}", json=dict(parameters), expect=expect)
