"""A JSON file that survives a restart."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class StateFile:
    """One system's memory. A write replaces the whole file, so that a kill leaves the old or the new content, never half."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> dict[str, Any]:
        """What was written last; empty on the first start."""
        if not self.path.exists():
            return {}
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return content

    def write(self, content: dict[str, Any]) -> None:
        """Keep `content` instead of what was there."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
        os.replace(fresh, self.path)
