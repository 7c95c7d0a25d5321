"""A branch as the till says it, in the columns of sync/models/reference.py (WarehouseRef)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class BranchSaid(NamedTuple):
    """`external_id` is the code as lines name it, without blanks around it."""

    external_id: str
    name: str
    code: str
    active: bool


def branch(line: Sequence[str]) -> BranchSaid | None:
    """A branch by code, name and address; None without a code. The address helps to tell branches apart that have one name."""
    code, name, address = (" ".join(str(text).split()) for text in line)
    if not code:
        return None
    told = " · ".join(dict.fromkeys(text for text in (name, address) if text))
    return BranchSaid(code[:300], told[:200], code[:80], True)
