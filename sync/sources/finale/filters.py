"""Finale's `filter` parameter: base64 of a JSON object of closed ranges (docs/finale.md, “Filters”). Pure.

Plain query parameters, `offset` and a small `limit` do nothing or harm; none of them is ever sent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from sync.sources.finale.windows import Window, stamp

PURCHASE_ORDER = "PURCHASE_ORDER"


def ranges(window: Window, **exactly: str) -> dict[str, tuple[str, str]]:
    """The ranges of what changed in `window` and whose fields are `exactly` so: the date first, as Finale applies it first."""
    return {"lastUpdatedDate": (stamp(window.start), stamp(window.end)), **{name: (value, value) for name, value in exactly.items()}}


def encoded(limits: Mapping[str, tuple[str, str]]) -> str:
    """`limits` as the parameter's value: standard alphabet, in one line, with padding. It is still to be percent-encoded."""
    text = json.dumps(limits, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode("ascii")
