"""A lot as a difference keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from marketplaces.lots import RemoteLot


def as_json(lot: RemoteLot) -> dict[str, Any]:
    """What `Difference.lot` holds."""
    kept = asdict(lot)
    kept["others"] = list(lot.others)
    kept["created_at"] = lot.created_at.isoformat() if lot.created_at else None
    return kept


def of_json(kept: Mapping[str, Any]) -> RemoteLot:
    """The lot that `Difference.lot` holds."""
    created = kept.get("created_at")
    given = {**kept, "others": tuple(kept.get("others", ())), "created_at": datetime.fromisoformat(created) if created else None}
    return RemoteLot(**given)


def in_words(lot: RemoteLot) -> str:
    """What it is, for people."""
    what = f"{lot.part_number} {lot.name}".strip() or ", ".join(f"{name} {value}" for name, value in lot.identity.items())
    color = f", colour {lot.color_id}" if lot.color_id else ""
    return f"{what}{color}{', ' if lot.condition else ''}{lot.condition}"[:300]
