"""How types stand, and a reset of one, as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.models import Round
from sync.rounds.answers import envelope
from sync.rounds.resetting import Reset
from sync.rounds.standing import Standing, overall
from sync.rounds.types import TYPES


def status_answer(found: Mapping[str, Sequence[Standing]], newest: Round | None) -> dict[str, Any]:
    """How all types stand, as the API and `sync status --json` answer it."""
    words = {key: overall(each) for key, each in found.items()}
    failed = [TYPES[key].label for key, word in words.items() if word == "failed"]
    held = sum(each.held for rows in found.values() for each in rows)
    said = [f"Failed: {', '.join(failed)}." if failed else "Nothing has failed.", *([f"{held:,} lines are held."] if held else [])]
    return {
        "success": not failed,
        "message": " ".join(said),
        "data": {
            "types": {
                key: {
                    "type": key,
                    "label": TYPES[key].label,
                    "stage": TYPES[key].stage,
                    "status": words[key],
                    "held": sum(each.held for each in rows),
                    "connections": [_standing(each) for each in rows],
                }
                for key, rows in found.items()
            },
            "round": envelope(newest)["data"] if newest else None,
        },
    }


def _standing(each: Standing) -> dict[str, Any]:
    run = each.run
    return {
        "connection": {"id": each.connection.pk, "name": each.connection.name},
        "system": each.connection.system,
        "scope": each.origin.scope,
        "state": each.state,
        "status": each.status,
        "message": each.message,
        "run": run.pk if run else None,
        "lastRunAt": (run.finished_at or run.started_at or run.created_at) if run else None,
        "lastValidAt": each.valid_at,
        "cursor": {"readTo": each.read_to, "completeAt": each.complete_at, "parts": each.parts},
        "held": each.held,
    }


def reset_answer(found: Reset) -> dict[str, Any]:
    """A reset as the API and `sync reset --json` answer it."""
    return {
        "success": True,
        "message": found.sentence,
        "data": {
            "type": found.type.key,
            "connection": {"id": found.connection.pk, "name": found.connection.name},
            "cursors": found.cursors,
            "reset": found.done,
        },
    }
